"""The rows' policies by themselves: they show every actor of each table what the application's rules do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import text

from hub.accounts.identity import identify, load_actor
from hub.collaborations.queries import find_cover
from hub.db.transaction import Database, act_by_link, act_for
from hub.partners.queries import may_read
from hub.visits.links import read_token
from hub.web.credential import Credential
from tests.matrix.layers import needs_both
from tests.matrix.world import AFAR, ASKED, DONE, PEOPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from tests.matrix.world import World

pytestmark = needs_both
CONTEXT: Final = ("app.person", "app.units", "app.overseen", "app.sees", "app.link", "app.reads")
BY_COLLABORATION: Final = {
    "collaborations": "id",
    **dict.fromkeys(
        ("proposals", "parties", "visits", "commitments", "tasks", "events", "partner_timeline"),
        "collaboration_id",
    ),
    **dict.fromkeys(
        ("arrangements", "agenda_items", "outcomes", "invitations", "answers"),
        "(SELECT collaboration_id FROM visits WHERE visits.id = visit_id)",
    ),
    "reminders": "(SELECT collaboration_id FROM tasks WHERE tasks.id = task_id)",
    "notifications": "(SELECT collaboration_id FROM events WHERE events.id = event_id)",
}
"""How a table's row says to which collaboration it belongs."""
OF_LINK: Final = {"commitments", "outcomes", "tasks", "partner_timeline", "reminders", "notifications"}
"""What no link opens."""


@pytest.fixture(scope="module")
def web(world: World) -> Iterator[Database]:
    """Yield the database as the web process has it: nobody acts unless somebody is named."""
    database = Database.connect(world.stage.settings, "app", pool_size=1, overflow=0)
    yield database
    database.dispose()


def everything(world: World, table: str) -> set[int]:
    """Return every collaboration of which a table has a row."""
    with world.stage.owner.transaction() as session:
        return threads(session, table)


def threads(session: Session, table: str) -> set[int]:
    """Return the collaborations of which the session sees a row in a table."""
    query = f"SELECT DISTINCT {BY_COLLABORATION[table]} FROM {table}"  # noqa: S608 -- the table above
    return {number for number in session.scalars(text(query)) if number is not None}


def actor_of(session: Session, world: World, name: str) -> Actor:
    """Return one of the matrix's actors."""
    member = world.actors[name]
    assert member is not None
    actor = load_actor(session, member.id)
    assert actor is not None
    return actor


@pytest.mark.parametrize("name", PEOPLE)
def test_rows_show_what_the_application_shows(world: World, web: Database, name: str) -> None:
    with web.transaction() as session:
        actor = actor_of(session, world, name)
        act_for(session, actor)
        every = everything(world, "collaborations")
        known = {number for number in every if find_cover(session, actor, number)}
        for table in BY_COLLABORATION:
            seen = threads(session, table)
            told = threads_told(session, actor) if table == "notifications" else set()
            assert seen == everything(world, table) & (known | told), table


@pytest.mark.parametrize("name", PEOPLE)
def test_records_are_those_the_application_lets_one_read(world: World, web: Database, name: str) -> None:
    whose = text("SELECT DISTINCT facility_id FROM partner_records")
    with world.stage.owner.transaction() as session:
        every = set(session.scalars(whose))
    with web.transaction() as session:
        actor = actor_of(session, world, name)
        act_for(session, actor)
        readable = {facility_id for facility_id in every if may_read(session, actor, facility_id)}
        assert set(session.scalars(whose)) == readable


@pytest.mark.parametrize("name", PEOPLE)
def test_the_query_of_who_acts_says_what_is_said_otherwise(world: World, web: Database, name: str) -> None:
    client = world.client(name)
    said = text("SELECT " + ", ".join(f"coalesce(current_setting('{one}', true), '')" for one in CONTEXT))
    with web.transaction() as session:
        actor = identify(session, Credential("cookie", client.cookie or "", is_change=False))
        assert actor is not None
        by_cookie = session.execute(said).one()
    with web.transaction(actor) as session:
        otherwise = session.execute(said).one()
    assert [ordered(one) for one in by_cookie] == [ordered(one) for one in otherwise]
    assert by_cookie[0] == str(actor.person_id)


@pytest.mark.parametrize("word", [ASKED, DONE, AFAR])
def test_a_link_opens_its_own_collaboration(world: World, web: Database, word: str) -> None:
    parsed = read_token(world.app.link_keys, world.links[word])
    assert parsed is not None
    own = next(
        thing.names["collaboration_id"]
        for thing in world.things
        if thing.names.get("invitation_id") == parsed.number
    )
    with web.transaction() as session:
        act_by_link(session, parsed.number)
        for table in BY_COLLABORATION:
            seen = threads(session, table)
            assert seen == (set() if table in OF_LINK else everything(world, table) & {own}), table


def threads_told(session: Session, actor: Actor) -> set[int]:
    """Return the collaborations that an actor was told of."""
    query = text(
        "SELECT DISTINCT collaboration_id FROM notifications JOIN events ON events.id = event_id"
        " WHERE recipient_id = :person"
    )
    return set(session.scalars(query, {"person": actor.person_id}))


def ordered(said: str) -> str:
    """Return what was said with the numbers of an array in order."""
    return ",".join(sorted(said.strip("{}").split(","))) if said.startswith("{") else said
