"""Handing over, standing in, joining and stopping: who may, what is refused, what stays."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from hub.accounts.identity import load_actor
from hub.accounts.models import Appointment
from hub.actor import system_actor
from hub.clock import travel
from hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from hub.staffing import queries
from hub.staffing.commands import away, posts, serve
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from config.settings import Settings
    from hub.actor import Actor
    from hub.db.transaction import Database
    from tests.support.cast import Cast, Member
    from tests.support.client import HubClient

TODAY = dt.date(2026, 3, 2)
TOMORROW = TODAY + dt.timedelta(days=1)
BY = system_actor("test")


@pytest.fixture
def session(as_owner: Database, cast: Cast, settings: Settings) -> Iterator[Session]:
    """Yield a transaction on a morning in the unit's zone."""
    del cast
    with as_owner.transaction() as opened:
        travel(opened, settings, to=dt.datetime(2026, 3, 2, 2, 0, tzinfo=dt.UTC))
        yield opened


def hand_over(session: Session, post: Member, to: Member, **changes: Any) -> Appointment:
    """Hand the post of one member to another tomorrow, as an administrator."""
    asked = {"actor": BY, "post_id": post.post_id, "person_id": to.id, "starts_on": TOMORROW, **changes}
    return serve.hand_over(session, **asked)


def holders(session: Session, member: Member, at: str) -> set[int]:
    """Return who serves in a member's post at a moment."""
    rows = session.scalars(
        select(Appointment.person_id).where(
            Appointment.post_id == member.post_id, text("during @> CAST(:at AS timestamptz)")
        ),
        {"at": at},
    )
    return set(rows)


def test_a_post_changes_hands_at_midnight_of_its_unit(session: Session, cast: Cast) -> None:
    session.execute(text("UPDATE facilities SET iana_zone = 'Asia/Jayapura'"))
    hand_over(session, cast.host_head, cast.host_work)
    assert holders(session, cast.host_head, "2026-03-02T23:59:59+09:00") == {cast.host_head.id}
    assert holders(session, cast.host_head, "2026-03-03T00:00:00+09:00") == {cast.host_work.id}


def test_a_stand_in_acts_beside_the_holder_until_the_last_day(
    session: Session, cast: Cast, settings: Settings
) -> None:
    serve.stand_in(
        session,
        actor=cast.host_head.actor(),
        post_id=cast.host_head.post_id,
        person_id=cast.host_training.id,
        starts_on=TODAY,
        ends_on=TOMORROW,
    )
    acting = load_actor(session, cast.host_training.id)
    assert acting is not None
    assert acting.headed_ids == (cast.host.id,)
    assert load_actor(session, cast.host_head.id).headed_ids == (cast.host.id,)  # type: ignore[union-attr]
    travel(session, settings, to=dt.datetime(2026, 3, 3, 17, 0, tzinfo=dt.UTC))
    assert load_actor(session, cast.host_training.id).headed_ids == ()  # type: ignore[union-attr]


def test_a_handover_ends_who_stands_in(session: Session, cast: Cast) -> None:
    post = cast.host_head
    term: dict[str, Any] = {"starts_on": TODAY, "ends_on": TODAY + dt.timedelta(days=30)}
    serve.stand_in(session, actor=BY, post_id=post.post_id, person_id=cast.host_training.id, **term)
    hand_over(session, post, cast.host_work)
    assert holders(session, post, "2026-03-02T12:00:00+07:00") == {post.id, cast.host_training.id}
    assert holders(session, post, "2026-03-03T12:00:00+07:00") == {cast.host_work.id}


def test_a_successor_leaves_the_other_unit_only_when_told(session: Session, cast: Cast) -> None:
    with pytest.raises(Conflict, match=r"serves at Rutan Kelas IIB Purbalingga as Karutan"):
        hand_over(session, cast.host_head, cast.guest_head)
    hand_over(session, cast.host_head, cast.guest_head, leaves_others=True)
    assert holders(session, cast.guest_head, "2026-03-02T12:00:00+07:00") == {cast.guest_head.id}
    assert holders(session, cast.guest_head, "2026-03-03T12:00:00+07:00") == set()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"starts_on": dt.date(2026, 1, 1)}, Invalid),
        ({"starts_on": dt.date(2028, 1, 1)}, Invalid),
        ({"person_id": 10**9}, Invalid),
        ({"post_id": 10**9}, NotFound),
    ],
)
def test_an_odd_handover_is_refused(
    session: Session, cast: Cast, changes: dict[str, Any], error: type[HubError]
) -> None:
    with pytest.raises(error):
        hand_over(session, cast.host_head, cast.host_work, **changes)


def test_two_holders_of_one_post_are_refused(session: Session, cast: Cast) -> None:
    with pytest.raises(Conflict, match="holds the post already"):
        hand_over(session, cast.host_head, cast.host_head)
    hand_over(session, cast.host_head, cast.host_work, starts_on=TODAY + dt.timedelta(days=7))
    with pytest.raises(Conflict, match="from 2026-03-09 already"):
        hand_over(session, cast.host_head, cast.host_training)
    term: dict[str, Any] = {"starts_on": TODAY, "ends_on": TODAY + dt.timedelta(days=3)}
    stand_in: dict[str, Any] = {"actor": BY, "post_id": cast.host_head.post_id, **term}
    serve.stand_in(session, person_id=cast.host_training.id, **stand_in)
    with pytest.raises(Conflict, match="stands in"):
        serve.stand_in(session, person_id=cast.host_work.id, **stand_in)


def test_a_pool_is_joined_and_left_but_never_handed_over(session: Session, cast: Cast) -> None:
    pool = cast.guest_staff
    with pytest.raises(Invalid):
        hand_over(session, pool, cast.guest_assets)
    joined = serve.join_pool(
        session, actor=BY, post_id=pool.post_id, person_id=cast.guest_assets.id, starts_on=TODAY
    )
    with pytest.raises(Conflict):
        serve.join_pool(
            session, actor=BY, post_id=pool.post_id, person_id=cast.guest_assets.id, starts_on=TOMORROW
        )
    _, is_vacant = serve.stop_serving(session, actor=BY, appointment_id=joined.id, last_day=TOMORROW)
    assert not is_vacant
    with pytest.raises(Conflict, match="ended already"):
        serve.stop_serving(session, actor=BY, appointment_id=joined.id, last_day=TOMORROW)
    assert holders(session, pool, "2026-03-03T23:00:00+07:00") == {pool.id, cast.guest_assets.id}
    assert holders(session, pool, "2026-03-04T00:00:00+07:00") == {pool.id}


def test_who_may_say_who_serves(session: Session, cast: Cast) -> None:
    head, section = cast.host_head.post_id, cast.host_work.post_id
    cases: list[tuple[Actor, int, bool]] = [
        (cast.overseer.actor(), head, True),
        (cast.overseer.actor(), section, True),
        (cast.host_head.actor(), head, False),
        (cast.host_head.actor(), section, True),
        (cast.host_training.actor(), section, False),
        (cast.guest_head.actor(), section, False),
        (cast.stranger.actor(), section, False),
        (cast.admin.actor(), head, True),
    ]
    for actor, post_id, may in cases:
        attempt = session.begin_nested()
        asked: dict[str, Any] = {
            "post_id": post_id,
            "person_id": cast.host_training.id,
            "starts_on": TOMORROW,
        }
        if may:
            serve.hand_over(session, actor=actor, **asked)
        else:
            with pytest.raises(Forbidden):
                serve.hand_over(session, actor=actor, **asked)
        attempt.rollback()


def test_the_roster_says_who_is_next_and_which_post_is_vacant(session: Session, cast: Cast) -> None:
    hand_over(session, cast.host_head, cast.host_work)
    posts.create_post(
        session, actor=BY, facility_id=cast.host.id, title="Kasubbag TU", role="section", mailbox=None
    )
    seats = {seat.post.title: seat for seat in queries.roster(session, cast.host.id)}
    assert next(iter(seats)) == "Kalapas"
    assert [one.name for one in seats["Kalapas"].now] == [cast.host_head.name]
    assert [one.name for one in seats["Kalapas"].next] == [cast.host_work.name]
    assert seats["Kasubbag TU"].is_vacant
    assert not seats["Kalapas"].is_vacant


def test_deputies_may_not_stand_for_each_other(session: Session, cast: Cast) -> None:
    first, second, third = cast.guest_head, cast.guest_service, cast.guest_assets
    days = {"starts_on": TODAY, "ends_on": TODAY + dt.timedelta(days=4)}

    def note(who: Member, deputy: Member, **changes: Any) -> None:
        asked = {"actor": who.actor(), "person_id": who.id, "deputy_id": deputy.id, **days, **changes}
        away.note_absence(session, **asked)

    note(first, second)
    note(second, third)
    with pytest.raises(Invalid, match="each other's deputies"):
        note(third, first)
    with pytest.raises(Invalid, match="own deputy"):
        note(third, third)
    with pytest.raises(Conflict):
        note(first, third, starts_on=TODAY + dt.timedelta(days=3))
    with pytest.raises(Invalid, match="before the first"):
        note(third, cast.guest_staff, ends_on=TODAY - dt.timedelta(days=1))
    with pytest.raises(Forbidden):
        note(cast.stranger, first, person_id=second.id)
    later = {"starts_on": TODAY + dt.timedelta(days=20), "ends_on": TODAY + dt.timedelta(days=21)}
    note(third, first, **later)
    shown = queries.away(session, [first.id, second.id, third.id], TODAY)
    assert [(one.name, one.deputy, one.is_now) for one in shown] == [
        (first.name, second.name, True),
        (second.name, third.name, True),
        (third.name, first.name, False),
    ]
    away.take_absence_back(session, actor=first.actor(), absence_id=shown[0].id)
    assert len(queries.away(session, [first.id], TODAY)) == 0


def test_every_act_stands_in_the_audit_log(session: Session, cast: Cast) -> None:
    hand_over(session, cast.host_head, cast.host_work, letter_no="WP.13-1")
    session.flush()
    row = session.execute(text("SELECT subject, detail FROM audit ORDER BY id DESC LIMIT 1")).one()
    assert row.subject == f"posts/{cast.host_head.post_id}"
    assert row.detail["before"] == {"person_id": cast.host_head.id}
    assert row.detail["after"] == {"person_id": cast.host_work.id}


def test_the_pages_keep_what_was_typed_and_say_what_is_wrong(client: HubClient, cast: Cast) -> None:
    client.signed_in(cast.host_head)
    assert client.get(f"/posts/{cast.host_head.post_id}/hand-over").status_code == 403
    assert client.get(f"/posts/{cast.guest_head.post_id}/hand-over").status_code == 403
    assert client.get("/posts/999999/hand-over").status_code == 404
    page = client.get(f"/facilities/{cast.host.id}/posts").get_data(as_text=True)
    assert cast.host_work.name in page
    assert f"/posts/{cast.host_work.post_id}/hand-over" in page
    assert f"/posts/{cast.host_head.post_id}/hand-over" not in page
    assert f"/posts/{cast.host_head.post_id}/stand-in" in page

    path = f"/posts/{cast.host_work.post_id}/hand-over"
    refused = client.post_form(path, {"email": "baru@example.id", "starts_on": TODAY.isoformat()})
    assert refused.status_code == 422
    assert "baru@example.id" in refused.get_data(as_text=True)
    assert "Belum ada orang dengan alamat ini" in refused.get_data(as_text=True)


def test_a_newcomer_who_is_refused_leaves_nothing_behind(
    client: HubClient, cast: Cast, as_owner: Database
) -> None:
    client.signed_in(cast.host_head)
    form = {"email": "baru@example.id", "name": "Baru Sekali", "starts_on": "2020-01-01"}
    refused = client.post_form(f"/posts/{cast.host_work.post_id}/hand-over", form)
    assert refused.status_code == 422
    with as_owner.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM people WHERE email = 'baru@example.id'")) == 0
        assert session.scalar(text("SELECT count(*) FROM deliveries")) == 0


def test_one_notes_and_takes_back_an_absence_on_the_own_page(client: HubClient, cast: Cast) -> None:
    client.signed_in(cast.guest_service)
    # Days are those of the person's zone, where it may be tomorrow already.
    today = local_date(dt.datetime.now(dt.UTC), "Asia/Jakarta")
    days = {"starts_on": today.isoformat(), "ends_on": (today + dt.timedelta(days=1)).isoformat()}
    form = {**days, "deputy_email": cast.guest_assets.email}
    assert client.post_form("/me/absences", form).status_code == 303
    page = client.get("/me/absences").get_data(as_text=True)
    assert cast.guest_assets.name in page
    number = page.partition('action="/absences/')[2].partition("/")[0]
    assert cast.guest_assets.name in client.get(f"/facilities/{cast.guest.id}/posts").get_data(as_text=True)
    assert client.post_form(f"/absences/{number}/take-back", {}).status_code == 303
    assert cast.guest_assets.name not in client.get("/me/absences").get_data(as_text=True)
