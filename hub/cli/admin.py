"""``hub admin``: the first people who may administer the hub."""

from __future__ import annotations

import getpass
import sys

import click

from hub.accounts.admin import create_admin
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


def _operator() -> str:
    """Return how the audit log calls whoever is at the terminal."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "without a name"
