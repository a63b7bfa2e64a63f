"""The right to answer on loan: who lends it to whom, how it ends, and how an answer says for whom."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from hub.accounts.identity import load_actor
from hub.actor import system_actor
from hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from hub.staffing.commands import delegate, serve
from hub.visits.queries.answering import lent_to, who_may_answer
from tests.hub.visits.stage import WIB
from tests.support.client import HubClient

if TYPE_CHECKING:
    from hub.staffing.models import Delegation
    from tests.hub.visits.stage import Stage
    from tests.support.cast import Member

TODAY = dt.date(2024, 11, 11)
LAST = dt.date(2024, 11, 30)
TERMINAL = system_actor("test")
ACCEPT = {"number": 1, "verdict": "accepted"}


def lend(stage: Stage, to: Member | None = None, **changes: Any) -> Delegation:
    """Let somebody of the host answer until the end of November, as its head."""
    who = to or stage.cast.host_work
    asked = {
        "actor": stage.cast.host_head.actor(),
        "facility_id": stage.cast.host.id,
        "person_id": who.id,
        "starts_on": TODAY,
        "ends_on": LAST,
        **changes,
    }
    with stage.transaction() as session:
        return delegate.lend(session, **asked)


def answers_for(stage: Stage, who: Member) -> bool:
    """Return whether somebody may answer for the host by a loan: as an actor, and as the command asks."""
    with stage.transaction() as session:
        actor = load_actor(session, who.id)
        assert actor is not None
        found = lent_to(session, actor, stage.cast.host.id) is not None
        assert found == (stage.cast.host.id in actor.answering_ids)
        assert found == any(
            one.person_id == who.id and one.why == "delegated"
            for one in who_may_answer(session, stage.cast.host.id)
        )
    return found


def test_who_has_it_on_loan_answers_on_behalf_of_the_head(stage: Stage) -> None:
    work = stage.cast.host_work
    asked = stage.submit()
    path = f"invitations/{asked['invitation_id']}/answer"
    assert stage.client(work).post(path, ACCEPT).status_code == 403
    lend(stage)
    page = stage.client(work).get(f"/invitations/{asked['invitation_id']}/answer").get_data(as_text=True)
    assert "30 November 2024" in page
    assert "hak menjawab" in page.lower()
    answered = stage.client(work).post(path, ACCEPT)
    assert answered.status_code == 200, answered.json
    visit = stage.visit(asked["proposal"]["visit_id"])
    assert visit["state"] == "scheduled"
    answer = visit["invitations"][0]["answer"]
    assert answer["answered_by"] == f"{work.name} (Kasi Giatja, a.n. Kalapas)"
    assert answer["delegated_until"] == "2024-11-30"
    thread = f"/collaborations/{asked['proposal']['collaboration_id']}"
    shown = stage.client(stage.cast.guest_head).get(thread).get_data(as_text=True)
    assert f"{work.name} (Kasi Giatja, a.n. Kalapas)" in shown
    assert "30 November 2024" in shown
    # The history keeps for whom it was, also when the right has gone.
    assert stage.count("events", "actor_label = :label", label=answer["answered_by"]) == 2
    assert stage.count("answers", "delegation_id IS NOT NULL AND person_id = :id", id=work.id) == 1


def test_it_ends_by_itself_after_its_last_day_and_begins_on_its_first(stage: Stage) -> None:
    lend(stage, starts_on=TODAY + dt.timedelta(days=1))
    moments = {
        dt.datetime(2024, 11, 11, 23, 59, tzinfo=WIB): False,
        dt.datetime(2024, 11, 12, 0, 0, tzinfo=WIB): True,
        dt.datetime(2024, 11, 30, 23, 59, 59, tzinfo=WIB): True,
        dt.datetime(2024, 12, 1, 0, 0, tzinfo=WIB): False,
    }
    for moment, may in moments.items():
        stage.travel(moment)
        assert answers_for(stage, stage.cast.host_work) is may, moment


def test_it_is_taken_back_at_once(stage: Stage) -> None:
    asked = stage.submit()
    lent = lend(stage)
    player = stage.client(stage.cast.host_work)  # signed in before
    head = stage.client(stage.cast.host_head)
    assert head.post_form(f"/delegations/{lent.id}/take-back", {}).status_code == 303
    refused = player.post(f"invitations/{asked['invitation_id']}/answer", ACCEPT)
    assert refused.status_code == 403
    assert not answers_for(stage, stage.cast.host_work)
    with stage.transaction() as session, pytest.raises(Conflict, match="ended already"):
        delegate.take_back(session, actor=stage.cast.host_head.actor(), delegation_id=lent.id)
    lend(stage)
    assert answers_for(stage, stage.cast.host_work)


def test_an_actor_older_than_the_revocation_is_refused(stage: Stage) -> None:
    lent = lend(stage)
    with stage.transaction() as session:
        actor = load_actor(session, stage.cast.host_work.id)
        delegate.take_back(session, actor=TERMINAL, delegation_id=lent.id)
        assert actor is not None
        assert stage.cast.host.id in actor.answering_ids
        assert lent_to(session, actor, stage.cast.host.id) is None


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"ends_on": TODAY - dt.timedelta(days=1)}, Invalid, "before the first"),
        ({"starts_on": TODAY - dt.timedelta(days=1)}, Invalid, "has passed"),
        ({"ends_on": TODAY + dt.timedelta(days=367)}, Invalid, "longer than a year"),
        (
            {"starts_on": TODAY + dt.timedelta(days=300), "ends_on": TODAY + dt.timedelta(days=400)},
            Invalid,
            "longer than a year",
        ),
        ({"person_id": 10**9}, Invalid, "no such person"),
        ({"facility_id": 10**9}, NotFound, "no such facility"),
    ],
)
def test_odd_loans_are_refused(
    stage: Stage, changes: dict[str, Any], error: type[HubError], says: str
) -> None:
    with pytest.raises(error, match=says):
        lend(stage, **changes)


def test_it_is_lent_only_to_somebody_of_the_unit_who_does_not_head_it(stage: Stage) -> None:
    with pytest.raises(Invalid, match="does not serve in the unit"):
        lend(stage, stage.cast.guest_service)
    with pytest.raises(Invalid, match="heads the unit"):
        lend(stage, stage.cast.host_head)
    lend(stage)
    with pytest.raises(Conflict, match="until 2024-11-30"):
        lend(stage, ends_on=LAST + dt.timedelta(days=9))


def test_nobody_lends_what_is_not_theirs_and_no_loan_is_passed_on(stage: Stage) -> None:
    cast = stage.cast
    lend(stage)
    with stage.transaction() as session:
        borrower = load_actor(session, cast.host_work.id)
    assert borrower is not None
    # Not back to the head either: a circle cannot arise, because a loan is of the head's own right only.
    for to in (cast.host_training, cast.host_head):
        with pytest.raises(Forbidden, match="cannot pass it on"):
            lend(stage, to, actor=borrower)
    for other in (cast.guest_head, cast.overseer, cast.stranger):
        with pytest.raises(Forbidden):
            lend(stage, cast.host_training, actor=other.actor())
    lend(stage, cast.host_training, actor=cast.admin.actor())
    assert answers_for(stage, cast.host_training)


def test_a_stand_in_lends_no_longer_than_they_stand_in(stage: Stage) -> None:
    cast = stage.cast
    with stage.transaction() as session:
        serve.stand_in(
            session,
            actor=TERMINAL,
            post_id=cast.host_head.post_id,
            person_id=cast.host_training.id,
            starts_on=TODAY,
            ends_on=TODAY + dt.timedelta(days=4),
        )
    with stage.transaction() as session:
        acting = load_actor(session, cast.host_training.id)
    with pytest.raises(Invalid, match="after 2024-11-15"):
        lend(stage, actor=acting)
    lend(stage, actor=acting, ends_on=TODAY + dt.timedelta(days=4))


def test_a_handover_ends_what_was_lent_and_leaving_the_unit_does(stage: Stage) -> None:
    cast = stage.cast
    lend(stage)
    lend(stage, cast.host_training, starts_on=dt.date(2024, 11, 20))
    with stage.transaction() as session:
        serve.hand_over(
            session,
            actor=TERMINAL,
            post_id=cast.host_head.post_id,
            person_id=cast.guest_service.id,
            starts_on=dt.date(2024, 11, 18),
            leaves_others=True,
        )
    assert answers_for(stage, cast.host_work)
    stage.travel(dt.datetime(2024, 11, 18, 0, 0, tzinfo=WIB))
    assert not answers_for(stage, cast.host_work)
    stage.travel(dt.datetime(2024, 11, 20, 8, 0, tzinfo=WIB))
    assert not answers_for(stage, cast.host_training)
    assert stage.count("audit", "action = 'delegation.cut'") == 2
    with stage.transaction() as session:
        successor = load_actor(session, cast.guest_service.id)
    lend(stage, actor=successor, starts_on=dt.date(2024, 11, 20))
    assert answers_for(stage, cast.host_work)
    with stage.owner.transaction() as session:
        session.execute(
            text(
                "UPDATE appointments SET during = tstzrange(lower(during), hub_now()) WHERE person_id = :id"
            ),
            {"id": cast.host_work.id},
        )
    assert not answers_for(stage, cast.host_work)


def test_the_pages_say_what_is_wrong_and_keep_what_was_typed(stage: Stage) -> None:
    cast = stage.cast
    head = stage.client(cast.host_head)
    path = f"/facilities/{cast.host.id}/delegations"
    assert stage.client(cast.host_work).get(path).status_code == 403
    assert cast.host_work.name in head.get(path).get_data(as_text=True)
    form = {"person_id": cast.host_work.id, "starts_on": "2024-11-20", "ends_on": "2024-11-12"}
    refused = head.post_form(path, form)
    assert refused.status_code == 422
    page = refused.get_data(as_text=True)
    assert "Hari terakhir tidak boleh sebelum hari pertama" in page
    assert 'value="2024-11-12"' in page
    assert head.post_form(path, {**form, "ends_on": "2024-11-30"}).status_code == 303
    roster = HubClient(stage.app).signed_in(cast.stranger).get(f"/facilities/{cast.host.id}/posts")
    shown = roster.get_data(as_text=True)
    assert "30 November 2024" in shown
    assert "take-back" not in shown
    assert "take-back" in head.get(f"/facilities/{cast.host.id}/posts").get_data(as_text=True)
    assert stage.count("audit", "action = 'delegation.given'") == 1
