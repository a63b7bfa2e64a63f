"""The command ``hub``: the list of its commands, each loaded when it is called.

A new command is one line in COMMANDS: its name and where its click command stands.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS = {
    "up": "hub.cli.up:up",
    "doctor": "hub.cli.doctor:doctor",
    "migrate": "hub.cli.migrate:migrate",
    "demo": "hub.cli.demo.command:demo",
    "admin": "hub.cli.admin:admin",
    "people": "hub.cli.people:people",
    "facilities": "hub.cli.facilities:facilities",
    "events": "hub.cli.events:events",
    "partners": "hub.cli.partners:partners",
    "audit": "hub.cli.audit:audit",
    "privacy": "hub.cli.privacy:privacy",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when asked for, so that none waits for the others' imports."""

    def __init__(self, *, lazy: Mapping[str, str], **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every name, in the order of the table."""
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name, imported now."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module, _, name = self._lazy[cmd_name].partition(":")
        found = getattr(import_module(module), name)
        if not isinstance(found, click.Command):
            raise TypeError(f"{self._lazy[cmd_name]} is no click command")
        return found


cli = LazyGroup(
    name="hub",
    lazy=COMMANDS,
    help="Sinergi Hub: proposals, visits, outcomes, and the follow-ups that must not be forgotten.",
    context_settings={"help_option_names": ["-h", "--help"]},
)

if __name__ == "__main__":
    cli(prog_name="hub")
