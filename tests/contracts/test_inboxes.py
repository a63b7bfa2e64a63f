"""Inboxes name people and events without foreign keys (decision 15): no orphan can arise all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from hub.db.transaction import Database
from hub.notifications.telling import tell
from tests.support import world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Role, Settings

ORPHANS = text(
    """
    SELECT 'notification' AS kind FROM notifications n
    WHERE NOT EXISTS (SELECT FROM people WHERE id = n.recipient_id)
       OR NOT EXISTS (SELECT FROM events WHERE id = n.event_id)
    UNION ALL
    SELECT 'delivery' FROM deliveries d
    WHERE (d.person_id IS NOT NULL AND NOT EXISTS (SELECT FROM people WHERE id = d.person_id))
       OR (d.event_id IS NOT NULL AND NOT EXISTS (SELECT FROM events WHERE id = d.event_id))
    """
)


@pytest.fixture
def owner(settings: Settings) -> Iterator[Database]:
    """Yield the database as its owner, with one event that was told to one person by mail."""
    database = Database.connect(settings, "owner")
    with database.transaction() as session:
        guest, host = world.facility(session), world.facility(session)
        head, _ = world.holder(session, guest, role="head")
        world.holder(session, host, role="head")
        event_id = world.submitted(session, world.story(session, guest, host, opened_by=head), by=head)
    with database.transaction() as session:
        assert tell(session, [event_id]) == {event_id: {"notices": 1, "mails": 1}}
    yield database
    database.dispose()


@pytest.mark.parametrize("named_by", ["notifications", "deliveries"])
@pytest.mark.parametrize(
    "removal",
    [
        "DELETE FROM people WHERE id = (SELECT recipient_id FROM told)",
        "UPDATE people SET id = DEFAULT WHERE id = (SELECT recipient_id FROM told)",
        "DELETE FROM events",
        "UPDATE events SET id = uuidv7()",
        "TRUNCATE events CASCADE",
        "TRUNCATE people CASCADE",
    ],
)
def test_what_an_inbox_or_a_mail_names_cannot_be_removed(
    owner: Database, removal: str, named_by: str
) -> None:
    with owner.transaction() as session:
        # Everything else that names them gets out of the way: only the triggers are left to refuse.
        session.execute(text("CREATE TEMPORARY TABLE told AS SELECT * FROM notifications"))
        session.execute(text("DELETE FROM tellings"))
        session.execute(text("DELETE FROM reactions"))
        session.execute(text("DELETE FROM appointments"))
        other = "deliveries" if named_by == "notifications" else "notifications"
        session.execute(text(f"DELETE FROM {other}"))  # noqa: S608 - one of two names
        with pytest.raises(IntegrityError, match=r"name this row|never emptied"), session.begin_nested():
            session.execute(text(removal))
        assert session.execute(ORPHANS).all() == []


@pytest.mark.parametrize("role", ["app", "worker", "backup"])
def test_only_the_owner_could_remove_a_person(shared_settings: Settings, role: Role) -> None:
    database = Database.connect(shared_settings, role)
    with pytest.raises(ProgrammingError, match="permission denied"), database.transaction() as session:
        session.execute(text("DELETE FROM people"))
    database.dispose()
