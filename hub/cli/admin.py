"""``hub admin``: the first people who may administer the hub."""

from __future__ import annotations

import getpass
import sys

import click
from sqlalchemy import func, select

from hub.accounts.admin import create_admin
from hub.accounts.commands import second_factor
from hub.accounts.models import Person
from hub.actor import system_actor
from hub.cli.connection import connected


@click.group()
def admin() -> None:
    """Manage who administers the hub."""


@admin.command()
@click.option("--name", required=True, help="The person's name.")
@click.option("--email", required=True, help="The address they sign in with.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, not a prompt.")
def create(name: str, email: str, *, password_stdin: bool) -> None:
    """Add a person who administers the hub. A password has twelve characters or more."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with connected() as database, database.transaction() as session:
        person = create_admin(
            session, name=name, email=email, password=password, operator=f"operator {_operator()}"
        )
    click.echo(f"{person.name} <{person.email}> administers the hub.")


@admin.command()
@click.option("--email", required=True, help="The address they sign in with.")
def reset_second_factor(email: str) -> None:
    """Remove the second factor of somebody who has lost phone and recovery codes; make sure who asks."""
    with connected() as database, database.transaction() as session:
        person = session.scalar(select(Person).where(func.lower(Person.email) == email.strip().lower()))
        if person is None:
            raise click.ClickException("Nobody has this address.")
        second_factor.reset(session, actor=system_actor(f"operator {_operator()}"), person=person)
    click.echo(f"{person.name} <{person.email}> signs in with the password alone, and sets up a new one.")


def _operator() -> str:
    """Return how the audit log calls whoever is at the terminal."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "without a name"
