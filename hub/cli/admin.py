"""``hub admin``: the first people who may administer the hub."""

from __future__ import annotations

import getpass
import sys

import click
from sqlalchemy import func, select

from hub.accounts.admin import create_admin
from hub.accounts.commands import second_factor
from hub.accounts.commands.sign_ins import revoke_all
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


@admin.command()
@click.option("--email", help="The address of one person.")
@click.option("--everybody", is_flag=True, help="Of all people, after a breach say.")
def end_sign_ins(email: str | None, *, everybody: bool) -> None:
    """End every sign-in of somebody, or of everybody, from the next request on."""
    if (email is None) is not everybody:
        raise click.UsageError("Say --email or --everybody.")
    with connected() as database, database.transaction() as session:
        whose = select(Person).order_by(Person.id)
        if email is not None:
            whose = whose.where(func.lower(Person.email) == email.strip().lower())
        people = session.scalars(whose).all()
        if not people:
            raise click.ClickException("Nobody has this address.")
        actor = system_actor(f"operator {_operator()}")
        ended = sum(revoke_all(session, actor=actor, person_id=person.id) for person in people)
    click.echo(f"Ended: {ended} sign-ins of {len(people)} people.")


def _operator() -> str:
    """Return how the audit log calls whoever is at the terminal."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "without a name"
