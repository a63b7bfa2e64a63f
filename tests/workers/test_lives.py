"""Random lives of reactions and deliveries: workers that claim, sleep, fail, die and wake up again.

Two workers act in turns; time passes when the machine says so. The effect is a row in a table without any
key, so that a second one would show.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import text

from hub.db.transaction import Database
from hub.messaging import catalogue, reactions
from tests.support import services
from tests.support.lives import live
from tests.support.publishing import make_world, publish_outcomes
from workers.delivery import due

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

LANE = "notify"
WORKERS = st.sampled_from((0, 1))
PASS = text("UPDATE clock_offset SET offset_by = offset_by + :by")
EFFECTS = text("CREATE TABLE effects (what text NOT NULL)")
EFFECT = text("INSERT INTO effects VALUES (:what)")
PLAN = text("INSERT INTO deliveries (kind, occurrence, address) VALUES ('password', :what, :to)")
COUNTS = text("SELECT what, count(*) AS times FROM effects GROUP BY what")


class Life(RuleBasedStateMachine):
    """What both kinds of rows share: a database of their own, a clock, and the table of effects."""

    def __init__(self, addresses: services.Addresses, home: Path) -> None:
        super().__init__()
        self.addresses = addresses
        self.name = services.clone_database(addresses)
        made = services.make_settings(addresses, self.name, 0, home)
        self.owner = Database.connect(made, "owner", pool_size=1)
        self.held: list[list[Any]] = [[], []]
        """What each worker believes to hold, however old."""
        with self.owner.transaction() as session:
            session.execute(EFFECTS)
            self.begin(session)

    def begin(self, session: Session) -> None:
        """Write what the life starts from."""

    def teardown(self) -> None:
        """Give the database back."""
        self.owner.dispose()
        services.drop_database(self.addresses, self.name)

    @rule(seconds=st.sampled_from((1, 11, 61, 4000)))
    def time_passes(self, seconds: int) -> None:
        """Let leases and waits end."""
        with self.owner.transaction() as session:
            session.execute(PASS, {"by": dt.timedelta(seconds=seconds)})

    @rule(worker=WORKERS)
    def die(self, worker: int) -> None:
        """Forget every claim, as a killed process does."""
        self.held[worker].clear()

    def effects(self) -> Counter[str]:
        """Return how often each effect took place."""
        with self.owner.transaction() as session:
            return Counter({row.what: row.times for row in session.execute(COUNTS)})


class ReactionLife(Life):
    """Reactions of one lane."""

    def begin(self, session: Session) -> None:
        """Write a world; events come one by one."""
        self.world = make_world(session)
        self.replayed: Counter[uuid.UUID] = Counter()

    @rule()
    def happen(self) -> None:
        """Publish an outcome."""
        publish_outcomes(self.owner, self.world, 1)

    @rule(worker=WORKERS, tried=st.booleans())
    def claim(self, worker: int, tried: bool) -> None:  # noqa: FBT001 -- Hypothesis passes by name
        """Claim what is due."""
        with self.owner.transaction() as session:
            reactions.park_abandoned(session, consumer=LANE)
            known = catalogue.known()
            self.held[worker] += reactions.claim(session, consumer=LANE, known=known, size=3, tried=tried)

    @rule(worker=WORKERS)
    def answer(self, worker: int) -> None:
        """Do the effect of everything that is believed to be held, as the drain does it."""
        claims = {claim.event_id: claim for claim in self.held[worker]}
        self.held[worker].clear()
        with self.owner.transaction() as session:
            held = reactions.hold(session, consumer=LANE, claims=list(claims.values()))
            for claim in held:
                session.execute(EFFECT, {"what": str(claim.event_id)})
            if held:
                summaries: dict[uuid.UUID, dict[str, int]] = {claim.event_id: {} for claim in held}
                reactions.settle(session, consumer=LANE, summaries=summaries, took_ms=1)

    @rule(worker=WORKERS)
    def fail(self, worker: int) -> None:
        """Fail with everything that is believed to be held; claims that ended meanwhile change nothing."""
        with self.owner.transaction() as session:
            for claim in self.held[worker]:
                reactions.fail(session, consumer=LANE, claimed=claim, reason="it did not work")
        self.held[worker].clear()

    @rule()
    def replay(self) -> None:
        """Let somebody try the parked ones again."""
        with self.owner.transaction() as session:
            reactions.replay(session, consumer=LANE)

    @invariant()
    def each_takes_effect_once_and_says_so(self) -> None:
        """Demand: done and its effect go together, once; nothing is parked early or without a reason."""
        effects = self.effects()
        rows = text("SELECT event_id, state, attempts, reason FROM reactions WHERE consumer = :lane")
        with self.owner.transaction() as session:
            found = session.execute(rows, {"lane": LANE}).all()
            events = session.scalar(text("SELECT count(*) FROM events"))
        assert len(found) == events
        for row in found:
            assert effects[str(row.event_id)] == (row.state == "done"), row
            assert row.attempts <= reactions.LAST_ATTEMPT, row
            if row.state == "parked":
                assert row.attempts == reactions.LAST_ATTEMPT, row
                assert row.reason, row


class DeliveryLife(Life):
    """Mails to a few addresses; sending is the effect, and happens outside of the database."""

    def begin(self, session: Session) -> None:
        """Plan a few mails."""
        self.sent: Counter[int] = Counter()
        self.claims: Counter[int] = Counter()
        session.execute(PLAN, [{"what": f"password:{n}:1", "to": f"{n}@example.id"} for n in range(4)])

    @rule(worker=WORKERS)
    def claim(self, worker: int) -> None:
        """Claim what is due."""
        with self.owner.transaction() as session:
            claimed = due.claim(session, size=2)
        self.held[worker] += claimed
        self.claims.update(one.id for one in claimed)

    @rule(worker=WORKERS)
    def send(self, worker: int) -> None:
        """Send one, then write that down: only who holds the claim may."""
        if not self.held[worker]:
            return
        claimed = self.held[worker].pop(0)
        self.sent[claimed.id] += 1
        with self.owner.transaction() as session:
            if due.settle(session, claimed, state="sent"):
                session.execute(EFFECT, {"what": str(claimed.id)})

    @rule(worker=WORKERS, is_permanent=st.booleans())
    def fail(self, worker: int, is_permanent: bool) -> None:  # noqa: FBT001 -- Hypothesis passes by name
        """Fail with one."""
        if self.held[worker]:
            claimed = self.held[worker].pop(0)
            with self.owner.transaction() as session:
                due.fail(session, claimed, reason="450 later", is_permanent=is_permanent)

    @rule()
    def hold_all(self) -> None:
        """Let everything wait: no server takes mail."""
        with self.owner.transaction() as session:
            due.hold_all(session, reason="nobody listens", seconds=30)

    @invariant()
    def each_is_settled_once_and_says_why(self) -> None:
        """Demand: sent once at most by the book, and never more often at all than it was claimed."""
        effects = self.effects()
        with self.owner.transaction() as session:
            rows = session.execute(text("SELECT id, state, attempts, reason FROM deliveries")).all()
        for row in rows:
            assert effects[str(row.id)] == (row.state == "sent"), row
            assert self.sent[row.id] <= self.claims[row.id] <= due.LAST_ATTEMPT, row
            assert row.attempts == self.claims[row.id] or row.state != "due", row
            if row.state == "failed":
                assert row.reason, row


def test_reactions_take_effect_once_in_any_life(
    service_addresses: services.Addresses, tmp_path: Path
) -> None:
    live(lambda: ReactionLife(service_addresses, tmp_path), usual=6, steps=20)


def test_deliveries_are_settled_once_in_any_life(
    service_addresses: services.Addresses, tmp_path: Path
) -> None:
    live(lambda: DeliveryLife(service_addresses, tmp_path), usual=6, steps=20)
