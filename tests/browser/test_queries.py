"""How many statements a page sends to the database: as many for thirty rows as for one.

Measured at the web process's own engine, where every statement passes; no browser is needed.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, func, select

from hub.accounts.models import Person, Post
from hub.facilities.models import Facility
from hub.factory import create_app
from hub.followups.models import Task
from tests.support import world
from tests.support.cast import build_cast
from tests.support.client import HubClient
from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from config.settings import Settings
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast

ROWS = 30
PAGES: tuple[tuple[str, str], ...] = (
    ("guest_head", "/home"),
    ("overseer", "/home"),
    ("admin", "/home"),
    ("guest_head", "/collaborations"),
    ("guest_head", "/collaborations/{collaboration}"),
    ("guest_head", "/visits/{visit}"),
    ("guest_head", "/visits/{unpublished}/outcome"),
    ("guest_head", "/visits/{unpublished}/outcome/publish"),
    ("guest_service", "/tasks"),
    ("guest_head", "/tasks?scope=unit"),
    ("guest_service", "/tasks/{task}"),
    ("guest_head", "/partners"),
    ("guest_head", "/partners/{guest}/{host}"),
    ("guest_head", "/inbox"),
    ("guest_head", "/facilities?q=lapas"),
    ("guest_head", "/facilities/{host}"),
    ("guest_head", "/facilities/{guest}/describe"),
    ("guest_head", "/facilities/{guest}/posts"),
    ("guest_head", "/proposals/new"),
    ("guest_head", "/events/{event}"),
    ("guest_head", "/events/{event}/progress"),
    ("guest_head", "/me"),
    ("admin", "/operations"),
    ("admin", "/operations/events"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """An application with its cast, and the story that its pages are opened for."""

    app: HubFlask
    cast: Cast
    owner: Database
    ids: dict[str, object]


@pytest.fixture
def place(settings: Settings, as_owner: Database) -> Iterator[Place]:
    """Yield the application on a database of its own, with one story in it."""
    app = create_app(settings)
    with as_owner.transaction() as session:
        cast = build_cast(session)
    ids = add_stories(as_owner, cast, 1)
    yield Place(app, cast, as_owner, ids)
    app.database.dispose()


def test_statements_do_not_grow_with_the_rows(place: Place) -> None:
    readers = {who: HubClient(place.app).signed_in(getattr(place.cast, who)) for who, _ in PAGES}
    before = {page: statements(place, readers[page[0]], page[1]) for page in PAGES}
    add_stories(place.owner, place.cast, ROWS - 1)
    after = {page: statements(place, readers[page[0]], page[1]) for page in PAGES}
    grown = {
        page: f"{len(before[page])} statements with one row, {len(after[page])} with {ROWS}:\n"
        + "\n".join(sorted({one for one in after[page] if after[page].count(one) > before[page].count(one)}))
        for page in PAGES
        if len(after[page]) != len(before[page])
    }
    assert not grown, "\n\n".join(f"{who} at {path}: {said}" for (who, path), said in grown.items())


def statements(place: Place, reader: HubClient, path: str) -> list[str]:
    """Return what one opening of a page sends to the database."""
    address = path.format(**place.ids)
    assert reader.get(address).status_code == 200, address  # the first one may fill caches
    with counted(place.app) as sent:
        reader.get(address)
    return sent


@contextmanager
def counted(app: HubFlask) -> Iterator[list[str]]:
    """Collect every statement of the web process's engine."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(" ".join(statement.split())[:160])

    event.listen(app.database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(app.database.engine, "before_cursor_execute", note)


def add_stories(owner: Database, cast: Cast, count: int) -> dict[str, object]:
    """Add visits of the guest to so many new hosts, with their effects; return the last one's ids."""
    ids: dict[str, object] = {}
    with owner.transaction() as session:
        for _ in range(count):
            guest = session.get_one(Facility, cast.guest.id)
            head = session.get_one(Person, cast.guest_head.id)
            host = world.facility(session, region=session.get_one(Facility, cast.region.id))
            seat = world.post(session, host)
            story = world.story(session, guest, host, opened_by=head, agenda_owner=seat)
            world.invitation(session, story)
            world.submitted(session, story, by=head)
            world.held(session, story, by=head)
            owners = [(guest, session.get_one(Post, cast.guest_service.post_id)), (host, seat)]
            world.commit_to(session, story, owners)
            done = world.published(session, story, by=head)
            fresh = world.story(session, guest, host, opened_by=head)
            world.invitation(session, fresh)
            world.submitted(session, fresh, by=head)
            world.held(session, fresh, by=head)
            world.commit_to(session, fresh, owners, due_on=None)
            ids = {
                "collaboration": story.collaboration.id,
                "visit": story.visit.id,
                "unpublished": fresh.visit.id,
                "guest": guest.id,
                "host": host.id,
                "event": done,
            }
    drain(owner, LANES)
    with owner.transaction() as session:
        own = Task.owner_post_id == cast.guest_service.post_id
        ids["task"] = session.scalars(select(func.max(Task.id)).where(own)).one()
    return ids
