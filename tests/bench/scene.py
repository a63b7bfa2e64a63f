"""What the measured pages and lists show: the cast's one full story, and what else a hub holds by then."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from hub.accounts.models import Person, Post
from hub.accounts.proofs import new_secret, new_token, secret_hash
from hub.facilities.models import Facility
from tests.hub.visits.stage import VISIT_AT, set_stage
from tests.support import world
from tests.support.unhurried import unhurried
from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.bench.stage import Hub
    from tests.hub.visits.stage import Stage
    from tests.support.cast import Cast, Member

WAITING = ("kedua", "ketiga", "keempat", "kelima", "keenam")
SIGN_IN = text(
    "INSERT INTO sign_ins (token_hash, person_id, expires_at)"
    " VALUES (:hash, :person, hub_now() + interval '1 year')"
)
TOKEN = text(
    "INSERT INTO api_tokens (token_hash, prefix, person_id, label, expires_at, scopes)"
    " VALUES (:hash, :prefix, :person, 'bench', hub_now() + interval '1 year', '{read,follow-ups:write}')"
)


@dataclass(frozen=True)
class Scene:
    """Where to look, and what the guest's head shows to be let in."""

    cast: Cast
    collaboration_id: int
    visit_id: int
    event_id: str
    cookie: str
    bearer: str


def build(hub: Hub, *, own: int, others: int) -> Scene:
    """Play the visit with its six-item agenda to its outcome, and add published visits around it.

    ``own`` are the guest's, each with an open follow-up; ``others`` are other units'. The first story goes
    through the API, the rest is written past the commands; every event is answered by the shipped lanes.
    """
    stage = set_stage(hub.settings)
    try:
        # A machine that runs several scenes at once is slower than any request may be.
        with unhurried(stage.app):
            collaboration_id, visit_id, event_id = _play(stage)
        with hub.owner.transaction() as session:
            _surround(session, stage.cast, own=own, others=others)
        drain(hub.worker, LANES)
        with hub.owner.transaction() as session:
            cookie, bearer = let_in(session, stage.cast.guest_head)
            session.execute(text("ANALYZE"))
    finally:
        stage.owner.dispose()
        stage.rows.dispose()
        stage.app.database.dispose()
    return Scene(stage.cast, collaboration_id, visit_id, event_id, cookie, bearer)


def let_in(session: Session, who: Member) -> tuple[str, str]:
    """Return a cookie and a token by which somebody is let in for a year."""
    cookie, bearer = new_secret(), new_token()
    session.execute(SIGN_IN, {"hash": secret_hash(cookie), "person": who.id})
    session.execute(TOKEN, {"hash": secret_hash(bearer), "prefix": bearer[:12], "person": who.id})
    return cookie, bearer


def _play(stage: Stage) -> tuple[int, int, str]:
    visit = stage.held()
    guest_head = stage.client(stage.cast.guest_head)
    path = f"visits/{visit['id']}"
    written = guest_head.put(f"{path}/outcome", stage.outcome(), version=visit["version"])
    assert written.status_code == 200, written.get_data(as_text=True)
    published = guest_head.post(f"{path}/outcome/publish")
    assert published.status_code == 200, published.get_data(as_text=True)
    starts_at = VISIT_AT + dt.timedelta(days=14)
    plan = {"starts_at": f"{starts_at:%Y-%m-%dT09:00}", "ends_at": f"{starts_at:%Y-%m-%dT12:00}"}
    for which in WAITING:
        stage.submit(title=f"Studi tiru {which}", **plan)
    stage.propose(title="Studi tiru berikutnya", **plan)
    return visit["collaboration_id"], visit["id"], published.json["event_id"]


def _surround(session: Session, cast: Cast, *, own: int, others: int) -> None:
    guest, head = session.get_one(Facility, cast.guest.id), session.get_one(Person, cast.guest_head.id)
    owner = session.get_one(Post, cast.guest_service.post_id)
    region = session.get_one(Facility, cast.region.id)
    hosts = [world.facility(session, region=region) for _ in range(10)]
    seats = [world.post(session, host) for host in hosts]
    for number in range(own):
        _publish(
            session,
            guest,
            hosts[number % 10],
            head,
            [(guest, owner), (hosts[number % 10], seats[number % 10])],
        )
    strangers = [world.facility(session) for _ in range(10)]
    heads = [world.holder(session, unit, role="head") for unit in strangers]
    for number in range(others):
        host = strangers[(number + 1) % 10]
        person, post = heads[number % 10]
        _publish(session, strangers[number % 10], host, person, [(strangers[number % 10], post)])


def _publish(
    session: Session, guest: Facility, host: Facility, head: Person, owners: list[tuple[Facility, Post]]
) -> None:
    story = world.story(session, guest, host, opened_by=head, agenda_owner=owners[0][1])
    story.proposal.state = "accepted"
    world.invitation(session, story)
    world.submitted(session, story, by=head)
    world.held(session, story, by=head)
    world.commit_to(session, story, owners)
    world.published(session, story, by=head)
