"""Writes what is generated in the documentation: ``python -m hub.cli.document [FOLDER]`` (``make docs``).

``EVENTS.md`` comes from the catalogue and the subscriptions, ``openapi.json`` from the routes,
``design/`` from the macros that pages are made of, a table of ``PRIVACY.md`` from the register,
``ROLES.md`` from the rules.
"""

from __future__ import annotations

import inspect
import json
import sys
import typing
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import ROLES, Settings
from hub import registry
from hub.cli.components import write_components
from hub.cli.roles import roles_page
from hub.factory import create_app
from hub.messaging.subscriptions import SILENT, consumers, consumers_of
from hub.privacy.document import with_register

if TYPE_CHECKING:
    from hub.messaging.event import AnyEvent
    from hub.web.application import HubFlask

HEAD = """\
# Events

This page is generated from the code (`make docs`); a test fails when it is out of date.

Every event is stored for ever and read as a [CloudEvents 1.0](https://cloudevents.io) envelope:
`id` (UUIDv7, so events sort by time), `type` (`<name>.v<version>`), `source`, `subject`, `time`, and the
extensions `actor`, `actorkind`, `correlationid` (the same for all that one request set in motion) and
`causationid` (the event that directly caused this one). What follows is each type's `data`.

An event and the reactions it is owed are written in one statement, in the transaction of the state
change. A *reaction* stays due until its consumer has answered, or is parked with its reason after the
fifth attempt (`hub events replay`). Names of events and consumers are data and never change; a change
of an event's data is a new version.
"""


def events_page() -> str:
    """Return ``EVENTS.md``."""
    parts = [HEAD, "## Who reacts to what\n", _table()]
    parts += ["## The events\n", *(_section(cls) for _, cls in sorted(registry.event_types.items()))]
    return "\n".join(parts)


def _table() -> str:
    names = consumers()
    rows = [
        f"| [`{name}`](#{_anchor(name, version)}) | "
        + " | ".join("●" if consumer in consumers_of(name) else "" for consumer in names)
        + " |"
        for name, version in sorted(registry.event_types)
    ]
    silent = [f"`{name}` is declared silent: {why}." for name, why in sorted(SILENT.items())]
    head = "| event | " + " | ".join(f"`{name}`" for name in names) + " |"
    return "\n".join([head, "|---" * (len(names) + 1) + "|", *rows, "", *silent, ""])


def _section(cls: type[AnyEvent]) -> str:
    hints = typing.get_type_hints(cls)
    rows = [f"| `{item.name}` | {_type_name(hints[item.name])} |" for item in fields(cls)]
    text = inspect.cleandoc(cls.__doc__ or "")
    return "\n".join(
        [f"### {cls.TYPE} v{cls.VERSION}\n", text, "", "| data | type |", "|---|---|", *rows, ""]
    )


def _type_name(hint: object) -> str:
    if typing.get_origin(hint) is list:
        return f"list of {_type_name(typing.get_args(hint)[0])}"
    names = {
        "int": "integer",
        "str": "text",
        "datetime": "moment (RFC 3339, UTC)",
        "date": "day",
        "UUID": "UUID",
    }
    inner = [part for part in typing.get_args(hint) if part is not type(None)]
    if inner:
        return f"{_type_name(inner[0])} or null"
    name = getattr(hint, "__name__", str(hint))
    return names.get(name, name)


def _anchor(name: str, version: int) -> str:
    return f"{name.replace('.', '')}-v{version}"


def application() -> HubFlask:
    """Return the application, made for its routes and templates only; it reaches no database."""
    settings = Settings(
        mode="test",
        home=Path(),
        base_url="http://localhost:8000",
        database_urls=dict.fromkeys(ROLES, "postgresql:///nowhere?host=/nonexistent"),
        redis_url="redis://localhost",
        secret_keys=("-" * 32,),
        smtp_url="smtp://localhost",
        mail_from="hub@localhost",
    )
    return create_app(settings)


def api_description() -> str:
    """Return ``openapi.json``."""
    answer = application().test_client().get("/api/openapi.json")
    return json.dumps(answer.get_json(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Write it all into the folder named on the command line, ``docs`` by default."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    (folder / "EVENTS.md").write_text(events_page(), encoding="utf-8")
    (folder / "openapi.json").write_text(api_description(), encoding="utf-8")
    privacy = folder / "PRIVACY.md"
    privacy.write_text(with_register(privacy.read_text(encoding="utf-8")), encoding="utf-8")
    (folder / "ROLES.md").write_text(roles_page(), encoding="utf-8")
    write_components(application(), folder / "design")


if __name__ == "__main__":
    main()
