"""A collaboration of the cast of which people have been told, for the tests of the inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from hub.accounts.models import Person
from hub.facilities.models import Facility
from hub.notifications.telling import tell
from tests.support import world

if TYPE_CHECKING:
    import uuid

    from hub.db.transaction import Database
    from tests.support.cast import Cast


class Told:
    """Events of one collaboration of the cast, told to everybody they concern."""

    def __init__(self, as_app: Database, as_worker: Database, cast: Cast, count: int) -> None:
        self.as_app, self.as_worker, self.cast = as_app, as_worker, cast
        with as_app.transaction() as session:
            opener = session.get_one(Person, cast.guest_head.id)
            self.story = world.story(
                session,
                session.get_one(Facility, cast.guest.id),
                session.get_one(Facility, cast.host.id),
                opened_by=opener,
            )
            self.events: list[uuid.UUID] = [world.submitted(session, self.story, by=opener)]
            self.events += [world.held(session, self.story, by=opener) for _ in range(count - 1)]
        self.tell(*self.events)

    def happen(self) -> uuid.UUID:
        """Append one event of which nobody has been told yet."""
        with self.as_app.transaction() as session:
            return world.held(session, self.story, by=session.get_one(Person, self.cast.guest_head.id))

    def tell(self, *events: uuid.UUID) -> None:
        """Tell of these events, in one transaction of a worker."""
        with self.as_worker.transaction() as session:
            tell(session, events)
            session.execute(
                text(
                    "UPDATE reactions SET state = 'done', done_at = hub_now()"
                    " WHERE event_id = ANY (:events) AND state = 'due'"
                ),
                {"events": list(events)},
            )
