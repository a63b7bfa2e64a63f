"""Years of history written straight into the tables: a hub after ten thousand rows, or after ten million.

``Size.rows`` is how many notifications, tasks and timeline entries there are (each so many), with an event
for every five of them, a collaboration for every ten events, and the reactions and some of the mails that
are long done. The share of whoever is looked at grows more slowly than the whole, and what is open stays as
it is: a unit has no more hands than before. What no list reads (commitments, reminders, agendas) is left out.
"""

from __future__ import annotations

import contextlib
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import psycopg

from hub.accounts.identity import identify
from hub.accounts.proofs import new_secret, secret_hash
from hub.notifications.commands import read_one
from hub.web.credential import Credential
from tests.bench import history_rows as written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from tests.bench.stage import Hub


@dataclass(frozen=True, slots=True)
class Size:
    """How long the history is, and how much of it belongs to the unit and the person that have most."""

    rows: int
    heavy: int

    @property
    def numbers(self) -> dict[str, int]:
        """Return what the statements count with."""
        events, threads = self.rows // 5, self.rows // 50
        settled = threads - min(threads // 5, 400)
        return {
            "rows": self.rows,
            "events": events,
            "threads": threads,
            "settled": settled,
            "units": written.UNITS,
            "heavy_step": max(1, self.rows // (2 * self.heavy)),
            "told_step": max(1, events // self.heavy),
            "typical_told_step": max(2, events // written.TYPICAL_NOTICES),
            "open_step": max(2, (threads - settled) // 4),
            "typical_step": max(2, settled // 16),
            "left_unread": written.LEFT_UNREAD,
        }


SIZES: Final = (Size(10**4, 1_000), Size(10**6, 10_000), Size(10**7, 100_000))
QUICK_SIZES: Final = (Size(10**3, 100), Size(10**4, 1_000))


@dataclass(frozen=True, slots=True)
class Grown:
    """A hub with a history, and who looks at it."""

    hub: Hub
    size: Size
    halfway: uuid.UUID
    """The event in the middle of the history."""
    thread: int
    """The newest collaboration of the heavy unit."""
    cookies: dict[str, str]

    @contextlib.contextmanager
    def looked_at_by(self, who: str) -> Iterator[tuple[Session, Actor]]:
        """Yield a READ ONLY transaction as a page begins it, and who was found to act in it."""
        with self.hub.app.transaction() as session:
            session.connection(execution_options={"postgresql_readonly": True})
            actor = identify(session, Credential("cookie", self.cookies[who], is_change=False))
            assert actor is not None
            yield session, actor


def grow(hub: Hub, size: Size) -> Grown:
    """Write the history into an empty hub, with every index, vacuumed and analysed."""
    numbers = size.numbers
    with psycopg.connect(hub.settings.database_urls["owner"], autocommit=True) as owner:
        for statement in (*written.PREPARE, *written.UNITS_AND_PEOPLE):
            owner.execute(statement, numbers if "%(" in statement else None)
        owner.execute(written.SLEEP, {"tables": list(written.BULK), "unordered": list(written.UNORDERED)})
        for statement in (*written.COLLABORATIONS, *written.HISTORY):
            owner.execute(statement, numbers if "%(" in statement else None)
        for table in written.BULK:
            owner.execute(f"REINDEX TABLE {table}")
        cookies = {who: new_secret() for who in written.WHO}
        for who, cookie in cookies.items():
            owner.execute(written.SIGN_IN, (secret_hash(cookie), written.WHO[who]))
        owner.execute("VACUUM ANALYZE")
        found = owner.execute(
            "SELECT pg_temp.event(%(events)s / 2, %(events)s), (SELECT max(id) FROM sides WHERE guest = 1),"
            " pg_temp.event(%(events)s - %(told_step)s * %(left_unread)s, %(events)s)",
            numbers,
        ).fetchone()
    assert found is not None
    # The rows of who reads one by one were written; their mark is the shipped command's.
    with hub.app.transaction() as session:
        read_one(session, person_id=written.WHO["clicker"], event_id=found[2])
    return Grown(hub, size, halfway=found[0], thread=found[1], cookies=cookies)
