"""A proposal whose notices and invitation are planned, and what has become of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

import hub.registry  # noqa: F401 -- a session needs every table, whatever refers to it
from hub.notifications.inviting import invite
from hub.notifications.telling import tell
from tests.support import world

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.db.transaction import Database


class Post:
    """A submitted proposal whose notices and invitation are planned."""

    def __init__(self, as_app: Database, as_worker: Database, *, readers: int = 2) -> None:
        with as_app.transaction() as session:
            self.guest, self.host = world.facility(session), world.facility(session, zone="Asia/Makassar")
            self.head, _ = world.holder(session, self.guest, role="head")
            self.readers = [world.person(session) for _ in range(readers)]
            for reader in self.readers:
                world.grant(session, reader, "overseer")
            self.story = world.story(session, self.guest, self.host, opened_by=self.head)
            self.event_id = world.submitted(session, self.story, by=self.head)
        with as_worker.transaction() as session:
            tell(session, [self.event_id])

    def ask(self, as_app: Database, as_worker: Database) -> int:
        """Plan an invitation."""
        with as_app.transaction() as session:
            self.invitation = world.invitation(session, self.story)
        with as_worker.transaction() as session:
            invite(session, [self.event_id])
        return self.invitation.id


def deliveries(session: Session) -> list[Any]:
    return list(session.execute(text("SELECT * FROM deliveries ORDER BY id")).mappings())


def let_pass(as_owner: Database, **interval: float) -> None:
    """Let the hub's clock run ahead."""
    with as_owner.transaction() as session:
        session.execute(
            text("UPDATE clock_offset SET offset_by = offset_by + make_interval(secs => :seconds)"),
            {"seconds": interval["seconds"]},
        )
