"""Reminders and timelines name rows without foreign keys (decision 23): none of those can be removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from hub.db.transaction import Database
from hub.followups.opening import open_tasks
from hub.partners.records import record
from tests.support import world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings


@pytest.fixture
def owner(settings: Settings) -> Iterator[Database]:
    """Yield the database as its owner, with one published outcome that was answered."""
    database = Database.connect(settings, "owner")
    with database.transaction() as session:
        guest, host = world.facility(session), world.facility(session)
        head, seat = world.holder(session, guest, role="head")
        story = world.story(session, guest, host, opened_by=head)
        world.submitted(session, story, by=head)
        world.held(session, story, by=head)
        world.commit_to(session, story, [(guest, seat)])
        published = world.published(session, story, by=head)
    with database.transaction() as session:
        assert open_tasks(session, [published]) == {published: {"tasks": 1, "reminders": 3}}
        assert record(session, [published]) == {published: {"records": 2}}
    yield database
    database.dispose()


@pytest.mark.parametrize("table", ["tasks", "facilities", "events", "collaborations"])
def test_what_a_reminder_or_a_timeline_names_cannot_be_removed(owner: Database, table: str) -> None:
    # Only the guard is asked: constraints of other tables would refuse as well.
    number = "uuidv7()" if table == "events" else "DEFAULT"
    for removal in (f"DELETE FROM {table}", f"UPDATE {table} SET id = {number}"):  # noqa: S608 - one of four names
        with owner.transaction() as session:
            session.execute(text("DELETE FROM notifications"))
            with pytest.raises(IntegrityError, match="reminders or timelines name"), session.begin_nested():
                session.execute(text(removal))
