"""Imports of the town at every step, for the pages that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from hub.accounts.identity import load_actor
from hub.imports.commands import importing
from hub.imports.models import Import
from tests.support.fleet import wait_until

if TYPE_CHECKING:
    from tests.browser.screens import Where
    from tests.browser.threads import Furniture
    from tests.browser.town import Town

COLUMNS = {"name": 0, "email": 1, "facility": 2, "post": 3, "role": 4, "start": 5}
_made: dict[tuple[str, str], int] = {}


def people_file(town: Town, mark: str) -> bytes:
    """Return a list with lines of every verdict; ``mark`` makes its addresses its own."""
    unit, work, head = town.cast.host.name, town.cast.host_work, town.cast.host_head
    rows = [
        ("Nama Lengkap", "Surel", "Unit", "Jabatan", "Peran", "TMT"),
        ("Ratna Kusumawardhani", f"ratna.{mark}@example.id", unit, f"Kasubsi Bimkemas {mark}", "seksi", ""),
        ("Yusuf Hidayat", f"yusuf.{mark}@example.id", unit, f"Staf {mark}", "staf", ""),
        (work.name, work.email, unit, work.title, "", ""),
        ("Bambang Sutejo", f"bambang.{mark}@example.id", unit, head.title, "", ""),
        ("Lestari", f"lestari.{mark}@example.id", town.cast.guest.name, "Staf", "staf", ""),
        ("=1+1", "bukan surel", unit, "Staf", "staf", ""),
    ]
    return "\r\n".join(";".join(row) for row in rows).encode("utf-8-sig")


def import_at(step: str, rest: str = "") -> Where:
    """Return the page of the host's head's import at a step: read, comparing, previewed, applied."""

    def where(town: Town, furniture: Furniture) -> str:
        del furniture
        key = (town.base_url, step)
        if key not in _made:
            _made[key] = _make(town, step)
        return f"/imports/{_made[key]}{rest}"

    return where


def wait_for(town: Town, number: int, state: str) -> None:
    """Wait until the town's worker has brought an import to a state."""

    def is_there() -> bool:
        with town.owner.transaction() as session:
            return session.get_one(Import, number).state == state

    wait_until(is_there, f"import {number} is {state}")


def _make(town: Town, step: str) -> int:
    def act(command: Any, **arguments: Any) -> int:
        with town.owner.transaction() as session:
            actor = load_actor(session, town.cast.host_head.id)
            assert actor is not None
            done: Import = command(session, actor=actor, **arguments)
            return done.id

    content = people_file(town, step)
    number = act(importing.upload, kind="people", file_name=f"pegawai {step}.csv", content=content)
    wait_for(town, number, "read")
    if step == "comparing":
        with town.owner.transaction() as session:
            session.execute(
                text(
                    "UPDATE imports SET state = 'comparing', position = 2, total = 6,"
                    " due_at = hub_now() + interval '1 year' WHERE id = :id"
                ),
                {"id": number},
            )
    if step in ("previewed", "applied"):
        act(importing.choose_columns, import_id=number, columns=COLUMNS)
        wait_for(town, number, "previewed")
    if step == "applied":
        act(importing.confirm, import_id=number)
        wait_for(town, number, "applied")
    return number
