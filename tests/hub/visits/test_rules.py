"""The rules of visits and proposals: states, times, links, whose turn it is; no database."""

# ruff: noqa: D102 -- the machine's rules and invariants are named like tests

from __future__ import annotations

import datetime as dt
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hub.collaborations.models import PROPOSAL_MOVES, PROPOSAL_STATES, Proposal
from hub.errors import Conflict
from hub.visits import rules
from hub.visits.models import VERDICTS, VISIT_MOVES, VISIT_STATES, Arrangement, Visit
from hub.workdays.calendar import is_working_day
from hub.workdays.zones import ZONES, local_date

NOW = dt.datetime(2024, 11, 11, 1, 0, tzinfo=dt.UTC)
STARTS = dt.datetime(2024, 11, 28, 2, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
moments = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001 -- Hypothesis wants naive bounds


def arrangement(number: int, starts_at: dt.datetime = STARTS) -> Arrangement:
    return Arrangement(
        visit_id=1,
        number=number,
        starts_at=starts_at,
        ends_at=starts_at + 3 * HOUR,
        iana_zone="Asia/Jakarta",
        place="Aula",
    )


class ThreadMachine(RuleBasedStateMachine):
    """A proposal and its visit under every order of acts, those refused included."""

    def __init__(self) -> None:
        super().__init__()
        self.proposal = Proposal(id=1, collaboration_id=1, state="draft", version=1)
        self.visit = Visit(id=1, collaboration_id=1, state="proposed", version=1, arrangement_no=1)
        self.verdicts: dict[int, str] = {}
        self.now = NOW
        self.events: list[str] = []

    def attempt(self, *acts: object) -> bool:
        """Do all acts or none, as a transaction would; return whether they were allowed."""
        kept = (self.proposal.state, self.proposal.version, self.visit.state, self.visit.version)
        number, done = self.visit.arrangement_no, []
        try:
            for act in acts:
                event = act()  # type: ignore[operator]
                if event is not None:
                    done.append(event.TYPE)
        except Conflict:
            self.proposal.state, self.proposal.version, self.visit.state, self.visit.version = kept
            self.visit.arrangement_no = number
            return False
        self.events += done
        return True

    @rule()
    def submit(self) -> None:
        was = self.proposal.state
        done = self.attempt(
            lambda: self.proposal.submit(at=self.now, guest_id=1, host_id=2, kind="studi_tiru", themes=[])
        )
        assert done == (was == "draft")

    @precondition(lambda self: self.proposal.state == "submitted" and self.visit.state == "proposed")
    @rule()
    def accept(self) -> None:
        current = arrangement(self.visit.arrangement_no)
        assert self.attempt(self.proposal.accept, lambda: self.visit.schedule(current))
        self.verdicts[current.number] = "accepted"

    @rule()
    def decline(self) -> None:
        could = (self.proposal.state, self.visit.state) == ("submitted", "proposed")
        assert self.attempt(self.proposal.decline, self.visit.cancel) == could
        if could:
            self.verdicts[self.visit.arrangement_no] = "declined"

    @precondition(lambda self: self.proposal.state == "submitted")
    @rule()
    def counter(self) -> None:
        self.verdicts[self.visit.arrangement_no] = "countered"

    @rule()
    def rearrange(self) -> None:
        following = arrangement(self.visit.arrangement_no + 1)
        could = self.proposal.state in ("submitted", "accepted") and self.visit.state in (
            "proposed",
            "scheduled",
        )
        assert self.attempt(self.proposal.ask_again, lambda: self.visit.rearrange(following)) == could

    @rule()
    def withdraw(self) -> None:
        could = self.proposal.state in ("submitted", "accepted") and self.visit.state in (
            "proposed",
            "scheduled",
        )
        assert self.attempt(lambda: self.proposal.withdraw(reason="x"), self.visit.cancel) == could

    @rule(days=st.integers(1, 20))
    def wait(self, days: int) -> None:
        self.now += dt.timedelta(days=days)

    @rule()
    def hold(self) -> None:
        could = self.visit.state == "scheduled" and self.now >= STARTS
        if self.attempt(lambda: self.visit.hold(at=self.now, starts_at=STARTS)):
            assert could
        else:
            assert not could

    @rule()
    def publish(self) -> None:
        was = self.visit.state
        done = self.attempt(lambda: self.visit.conclude(at=self.now, themes=["keamanan"], commitments=1))
        assert done == (was == "held")

    @invariant()
    def states_belong_together(self) -> None:
        allowed = {
            "draft": ("proposed",),
            "submitted": ("proposed",),
            "accepted": ("scheduled", "held", "concluded"),
            "declined": ("cancelled",),
            "withdrawn": ("cancelled",),
        }
        assert self.visit.state in allowed[self.proposal.state]

    @invariant()
    def held_and_published_have_their_times(self) -> None:
        assert (self.visit.state in ("held", "concluded")) == (self.visit.held_at is not None)
        assert (self.visit.state == "concluded") == (self.visit.published_at is not None)

    @invariant()
    def once_is_once(self) -> None:
        for name in ("visit.held", "outcome.published", "proposal.submitted", "proposal.withdrawn"):
            assert self.events.count(name) <= 1

    @invariant()
    def somebody_has_the_turn_until_it_ends(self) -> None:
        verdicts = [self.verdicts[n] for n in [self.visit.arrangement_no] if n in self.verdicts]
        whose = rules.whose_turn(
            self.proposal.state, self.visit.state, verdicts, has_begun=self.now >= STARTS
        )
        if whose.turn == "nobody":
            assert whose.step in ("wait", "ended")
        else:
            assert self.proposal.state not in ("declined", "withdrawn")


TestThread = ThreadMachine.TestCase
TestThread.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_every_state_has_its_moves() -> None:
    assert set(PROPOSAL_MOVES) == set(PROPOSAL_STATES)
    assert set(VISIT_MOVES) == set(VISIT_STATES)


@given(starts=moments, length=st.integers(-30, 30), now=moments)
def test_times_are_refused_or_lie_ahead_and_run_forward(
    starts: dt.datetime, length: int, now: dt.datetime
) -> None:
    ends = starts + dt.timedelta(days=length, hours=1)
    fine = not rules.faults_of_times(starts, ends, now)
    ahead = now < starts <= now + rules.FURTHEST_AHEAD
    assert fine == (ahead and dt.timedelta() < ends - starts <= rules.LONGEST_VISIT)


@given(now=moments, ahead=st.integers(1, 60 * 24 * 60), zone=st.sampled_from(ZONES))
def test_deadline_is_after_now_and_never_after_the_start(now: dt.datetime, ahead: int, zone: str) -> None:
    starts = now + dt.timedelta(minutes=ahead)
    by = rules.respond_by(now, starts, zone)
    assert now < by <= starts
    if by < starts:
        assert is_working_day(local_date(by, zone))


@given(
    link=st.integers(1, 3),
    generation=st.integers(1, 3),
    is_revoked=st.booleans(),
    is_withdrawn=st.booleans(),
    is_answered=st.booleans(),
    visit_state=st.sampled_from(VISIT_STATES),
    now=moments,
    by=moments,
)
def test_only_the_newest_link_opens_and_only_until_its_deadline(
    *,
    link: int,
    generation: int,
    is_revoked: bool,
    is_withdrawn: bool,
    is_answered: bool,
    visit_state: str,
    now: dt.datetime,
    by: dt.datetime,
) -> None:
    state = rules.link_state(
        link_generation=link,
        generation=generation,
        respond_by=by,
        is_revoked=is_revoked,
        is_withdrawn=is_withdrawn,
        visit_state=visit_state,
        is_answered=is_answered,
        now=now,
    )
    assert state in get_args(rules.LinkState)
    if state in ("open", "answered"):
        assert link == generation
        assert not is_revoked
        assert not is_withdrawn
    if state == "open":
        assert now < by
        assert visit_state == "proposed"
        assert not is_answered


@given(invited=st.sets(st.integers(1, 5)), accepted=st.sets(st.integers(1, 5)))
def test_nobody_invited_is_not_everybody_accepted(invited: set[int], accepted: set[int]) -> None:
    assert rules.everybody_accepted(invited, accepted) == (bool(invited) and not invited - accepted)


@pytest.mark.parametrize("locale", ["id", "en"])
def test_weekday_of_the_letter_and_of_the_calendar_are_both_named(locale: str) -> None:
    (warning,) = rules.warnings_of_day(dt.date(2025, 11, 28), "Kamis", locale)
    assert warning.code == "weekday-disagrees"
    assert warning.values["written"] == {"id": "Kamis", "en": "Thursday"}[locale]
    assert warning.values["day"].startswith({"id": "Jumat", "en": "Friday"}[locale])
    assert rules.warnings_of_day(dt.date(2024, 11, 28), "Kamis", locale) == []


def test_verdicts_decide_whose_turn_it_is() -> None:
    turns = {
        verdict: rules.whose_turn("submitted", "proposed", [verdict], has_begun=False) for verdict in VERDICTS
    }
    assert turns["countered"] == ("guest", "rearrange")
    assert rules.whose_turn("submitted", "proposed", [], has_begun=False) == ("host", "answer")
    assert rules.whose_turn("draft", "proposed", [], has_begun=False) == ("guest", "submit")
