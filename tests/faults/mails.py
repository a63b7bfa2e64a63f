"""Events that the driver does not make: proposals that many overseers are to be told of by mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import world

if TYPE_CHECKING:
    import uuid

    from sqlalchemy.orm import Session

    from hub.accounts.models import Person


class Newsroom:
    """Two units, whose proposals ``readers`` people follow by mail."""

    def __init__(self, session: Session, *, readers: int) -> None:
        region = world.facility(session, kind="kanwil")
        self._guest = world.facility(session, region=region)
        self._host = world.facility(session, region=region)
        self._head, _ = world.holder(session, self._guest, role="head", wants_mail=False)
        self.readers: list[Person] = [world.person(session) for _ in range(readers)]
        for reader in self.readers:
            world.grant(session, reader, "overseer", scope=region)

    def publish(self, session: Session) -> uuid.UUID:
        """Propose one visit; return the event. Each reader will be told by mail."""
        story = world.story(session, self._guest, self._host, opened_by=self._head)
        return world.submitted(session, story, by=self._head)
