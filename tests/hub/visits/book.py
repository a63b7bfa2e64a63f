"""What is right for one proposal with its visit, its invitation and its outcome: a pure model of the rules.

Written from what is promised (docs/EVENTS.md and the rules of the capabilities), so that it finds where
the commands do something else. The one rule it borrows is the deadline, which has tests of its own.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hub.visits import rules
from tests.hub.books import Refused, Told, demand
from tests.hub.visits.stage import VISIT_AT

if TYPE_CHECKING:
    from typing import TypeAlias

    Done: TypeAlias = "tuple[VisitBook, tuple[str, ...]]"

GUESTS = ("guest_head", "guest_service")
HOSTS = ("host_head", "host_training")
ZONE = "Asia/Jakarta"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAct:
    """Something that somebody does to the visit; what an act does not need stays as it is here."""

    name: str
    who: str
    #: The version or the number of the arrangement that they have seen.
    seen: int | None = None
    #: When the visit shall be: days after the day first proposed.
    days: int | None = None
    words: str = "Pagi"
    verdict: str = "accepted"
    reason: str | None = None
    address: str | None = None
    #: Generation and address for which a link was made; generation 0: made by somebody else.
    link: tuple[int, str] = (0, "")
    has_promise: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The invitation: the link that is valid, and until when."""

    generation: int
    address: str
    respond_by: dt.datetime
    is_revoked: bool = False
    is_opened: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitBook:
    """Where the visit stands."""

    words: str
    proposal: str
    proposal_version: int
    visit: str
    visit_version: int
    number: int
    starts_at: dt.datetime
    asked: Asked | None = None
    #: Verdict, reason and time asked for: the answer to the current arrangement.
    answer: tuple[str, str | None, dt.datetime | None] | None = None
    #: What was seen, and the number of promises.
    outcome: tuple[str, int] | None = None

    def tell(self, act: VisitAct, now: dt.datetime) -> Told[VisitAct]:
        """Return what has to come of an act."""
        try:
            book, events = getattr(self, f"_{act.name}")(act, now)
        except Refused as refused:
            return Told(refused.status, (), self)
        return Told({"rearrange": 201, "follow_link": 303}.get(act.name, 200), events, book)

    # The proposal -----------------------------------------------------------------------------------

    def _edit(self, act: VisitAct, now: dt.datetime) -> Done:
        self._demand_sees(act)
        _demand_match(act, self.proposal_version)
        demand(act.who in GUESTS, 403)
        demand(self.proposal == "draft", 409)
        book = replace(self, words=act.words, proposal_version=self.proposal_version + 1)
        return (book if act.days is None else _moved(book, act, now)), ()

    def _submit(self, act: VisitAct, now: dt.datetime) -> Done:
        self._demand_sees(act)
        demand(act.who == "guest_head", 403)
        demand(self.proposal == "draft", 409)
        demand(self.starts_at > now, 422)
        asked = Asked(generation=1, address=act.address or "", respond_by=_deadline(self, now))
        book = replace(self, asked=asked, proposal="submitted", proposal_version=self.proposal_version + 1)
        return book, ("proposal.submitted",)

    def _withdraw(self, act: VisitAct, _now: dt.datetime) -> Done:
        self._demand_sees(act)
        demand(act.who == "guest_head", 403)
        demand(self.proposal in ("submitted", "accepted"), 409)
        demand(self.visit in ("proposed", "scheduled"), 409)
        book = replace(self, proposal="withdrawn", proposal_version=self.proposal_version + 1)
        return _turned(book, "cancelled"), ("proposal.withdrawn",)

    def _rearrange(self, act: VisitAct, now: dt.datetime) -> Done:
        self._demand_sees(act)
        demand(act.who == "guest_head", 403)
        demand(act.seen in (None, self.number), 409)
        demand(self.proposal in ("submitted", "accepted"), 409)
        book = self if self.visit == "proposed" else _turned(self, "proposed")
        book = _moved(replace(book, proposal="submitted"), act, now)
        demand(self.visit in ("proposed", "scheduled"), 409)
        if self.proposal == "accepted":
            book = replace(book, proposal_version=self.proposal_version + 1)
        if self.asked is not None:
            book = replace(book, asked=replace(self.asked, respond_by=_deadline(book, now)))
        return replace(book, answer=None), ("visit.rearranged",)

    # The invitation ---------------------------------------------------------------------------------

    def _answer(self, act: VisitAct, now: dt.datetime) -> Done:
        asked = self._demand_asked(act)
        demand(act.who == "host_head", 403)
        demand(not asked.is_revoked and self.proposal != "withdrawn", 410)
        if self.answer is None:
            demand(self.visit == "proposed" and now < self.starts_at, 409)
        return self._answered(act, now)

    def _follow_link(self, act: VisitAct, now: dt.datetime) -> Done:
        asked = self.asked
        generation, address = act.link
        if asked is None or generation == 0 or address != asked.address:
            raise Refused(404)
        demand(not asked.is_revoked and self.proposal != "withdrawn", 410)
        demand(generation == asked.generation, 410)
        if self.answer is None:
            demand(self.visit == "proposed" and now < asked.respond_by, 410)
        demand(act.verdict == "accepted" or act.reason is not None, 422)
        book, events = self._answered(act, now)
        return replace(book, asked=replace(asked, is_opened=True)), events

    def _answered(self, act: VisitAct, now: dt.datetime) -> Done:
        demand(act.seen in (None, self.number), 409)
        time = _moment(act) if act.verdict == "countered" else None
        said = act.verdict, None if act.verdict == "accepted" else act.reason, time
        if self.answer is not None:
            demand(said == self.answer, 409)
            return self, ()
        demand(act.verdict == "accepted" or act.reason is not None, 422)
        demand(time is None or (time > now and time != self.starts_at), 422)
        book = replace(self, answer=said)
        if act.verdict == "countered":
            return book, ("invitation.countered",)
        book = replace(book, proposal=act.verdict, proposal_version=self.proposal_version + 1)
        if act.verdict == "declined":
            return _turned(book, "cancelled"), ("invitation.declined",)
        return _turned(book, "scheduled"), ("invitation.accepted", "visit.scheduled")

    def _renew(self, act: VisitAct, now: dt.datetime) -> Done:
        asked = self._demand_asked(act)
        demand(act.who == "guest_head", 403)
        demand(self.visit == "proposed" and self.answer is None and now < self.starts_at, 409)
        is_other = act.address is not None and act.address.lower() != asked.address.lower()
        renewed = Asked(
            generation=asked.generation + 1,
            address=str(act.address) if is_other else asked.address,
            respond_by=_deadline(self, now),
            is_opened=asked.is_opened,
        )
        return replace(self, asked=renewed), ("invitation.renewed",)

    def _revoke(self, act: VisitAct, _now: dt.datetime) -> Done:
        asked = self._demand_asked(act)
        demand(act.who == "guest_head", 403)
        demand(self.answer is None and not asked.is_revoked, 409)
        return replace(self, asked=replace(asked, is_revoked=True)), ("invitation.revoked",)

    # The outcome ------------------------------------------------------------------------------------

    def _hold(self, act: VisitAct, now: dt.datetime) -> Done:
        self._demand_sees(act)
        demand(act.who in (*GUESTS, *HOSTS), 403)
        demand(self.visit == "scheduled" and now >= self.starts_at, 409)
        return _turned(self, "held"), ("visit.held",)

    def _write(self, act: VisitAct, _now: dt.datetime) -> Done:
        self._demand_sees(act)
        _demand_match(act, self.visit_version)
        demand(act.who in (*GUESTS, *HOSTS), 403)
        demand(self.visit == "held", 409)
        return replace(_turned(self, "held"), outcome=(act.words, int(act.has_promise))), ()

    def _publish(self, act: VisitAct, _now: dt.datetime) -> Done:
        self._demand_sees(act)
        demand(act.who in ("guest_head", "host_head"), 403)
        demand(self.visit == "held", 409)
        demand(self.outcome is not None and self.outcome[1] > 0, 422)
        return _turned(self, "concluded"), ("outcome.published",)

    # Both sides of several --------------------------------------------------------------------------

    def _demand_sees(self, act: VisitAct) -> None:
        # A draft is the guest's own affair; a stranger never learns that there is anything.
        demand(act.who in GUESTS or (act.who != "stranger" and self.proposal != "draft"), 404)

    def _demand_asked(self, act: VisitAct) -> Asked:
        self._demand_sees(act)
        assert self.asked is not None
        return self.asked


def _deadline(book: VisitBook, now: dt.datetime) -> dt.datetime:
    return rules.respond_by(now, book.starts_at, ZONE)


def _turned(book: VisitBook, state: str) -> VisitBook:
    return replace(book, visit=state, visit_version=book.visit_version + 1)


def _moved(book: VisitBook, act: VisitAct, now: dt.datetime) -> VisitBook:
    starts_at = book.starts_at if act.days is None else _moment(act)
    demand(starts_at > now, 422)
    return replace(book, starts_at=starts_at, number=book.number + 1, visit_version=book.visit_version + 1)


def _moment(act: VisitAct) -> dt.datetime:
    return VISIT_AT + dt.timedelta(days=act.days or 0)


def _demand_match(act: VisitAct, version: int) -> None:
    demand(act.seen is not None, 428)
    demand(act.seen == version, 412)
