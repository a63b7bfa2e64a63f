"""Random lives of a visit: proposal, invitation, visit and outcome, by everybody who may and may not.

``make lives`` leads many and longer ones. The book (``book.py``) says what is right.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from hub.texts.links import LinkKeys
from hub.visits.links import InvitationFacts, invitation_token
from tests.hub.lives import HubLife, Request, Start, start_from
from tests.hub.visits.asking import request_of
from tests.hub.visits.book import Asked, VisitAct, VisitBook
from tests.hub.visits.stage import Player, Stage
from tests.hub.visits.wishing import (
    APT,
    FORGED,
    LINKS,
    MEETINGS,
    PLACES,
    PLAIN,
    USUALLY,
    VERDICTS,
    WISHES,
    Wish,
)
from tests.support.client import COOKIE
from tests.support.lives import live

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support import services

FOREIGN_KEYS = ("another-hub-" * 4,)
STORY = ("submit", "answer", "hold", "write", "publish")
"""What usually happens; a life begins after some of it."""
ON_INVITATION = ("answer", "follow_link", "renew", "revoke")
STANDS = """
    SELECT c.title, p.state, p.version, v.state, v.version, v.arrangement_no, a.starts_at,
           v.held_at IS NOT NULL, v.published_at IS NOT NULL
    FROM collaborations c JOIN proposals p ON p.collaboration_id = c.id
    JOIN visits v ON v.collaboration_id = c.id
    JOIN arrangements a ON a.visit_id = v.id AND a.number = v.arrangement_no
"""
ASKED = """
    SELECT generation, address, respond_by, revoked_at IS NOT NULL, opened_at IS NOT NULL FROM invitations
"""
ANSWERED = """
    SELECT w.verdict, w.reason, w.counter_starts_at FROM answers w JOIN visits v ON v.id = w.visit_id
    WHERE w.number = v.arrangement_no AND w.superseded_at IS NULL
"""
BROUGHT = "SELECT seen, (SELECT count(*) FROM commitments) FROM outcomes"
HAPPENED = "SELECT count(*) FROM events WHERE type = %s"


class VisitLife(HubLife[VisitAct]):
    """One proposal and what becomes of it."""

    book: VisitBook
    lock = "SELECT FROM proposals FOR NO KEY UPDATE"

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self.draft = start.facts
        self.links: list[tuple[int, str]] = []
        """Every link that was ever sent, the newest last."""
        self.book = self.written()

    # Rules ------------------------------------------------------------------------------------------

    @initialize(steps=st.sampled_from((0, 0, 0, 1, 1, 2, 3, 4, 4, 5)), meeting=MEETINGS)
    def begin(self, steps: int, meeting: tuple[int, int]) -> None:
        """Play some of what usually happens, and let two meet then."""
        for name in STORY[:steps]:
            seen = self.current(name)
            self.do(VisitAct(name=name, who=USUALLY[name], seen=seen, address=self.start.cast.host.mailbox))
            self.note_link()
            if name == "answer":
                self.pass_time(dt.timedelta(days=17, hours=2))
        one, other = meeting
        self.meet(one, other, "accepted", is_held=True)

    @rule(wished=WISHES)
    def act(self, wished: Wish) -> None:
        """Let somebody act."""
        if act := self.meant(wished):
            self.do(act)
            self.note_link()

    @rule(one=WISHES, other=WISHES, is_held=st.booleans())
    def act_at_once(self, one: Wish, other: Wish, is_held: bool) -> None:  # noqa: FBT001 -- Hypothesis passes by name
        """Let two act at once."""
        first, second = self.meant(one), self.meant(other)
        if first and second:
            self.do_at_once(first, second, is_held=is_held)
            self.note_link()

    @rule(one=st.integers(0, 59), other=st.integers(0, 59), verdict=VERDICTS, is_held=st.booleans())
    def meet(self, one: int, other: int, verdict: str, is_held: bool) -> None:  # noqa: FBT001 -- Hypothesis passes by name
        """Let those act at once who may, on what fits, both knowing what is current."""
        first = replace(PLAIN, place=one, verdict=verdict)
        self.act_at_once(first, replace(PLAIN, place=other, words="Siang"), is_held=is_held)

    @rule(wished=WISHES)
    def act_twice_at_once(self, wished: Wish) -> None:
        """Let somebody press twice."""
        if act := self.meant(wished):
            self.do_twice_at_once(act)
            self.note_link()

    @rule(back=st.integers(0, 3), is_other=st.booleans())
    def send_again(self, back: int, is_other: bool) -> None:  # noqa: FBT001 -- Hypothesis passes by name
        """Send an earlier request again."""
        self.do_again(back, is_other=is_other)
        self.note_link()

    @rule(hours=st.sampled_from((1, 30, 240)))
    def time_passes(self, hours: int) -> None:
        """Let deadlines pass and the day come."""
        self.pass_time(dt.timedelta(hours=hours))

    @rule(place=PLACES, is_apt=st.booleans())
    def stranger_tries(self, place: int, is_apt: bool) -> None:  # noqa: FBT001 -- Hypothesis passes by name
        """Let the head of a third unit try something, and look: for them there is nothing."""
        self.act(replace(PLAIN, place=place, is_apt=is_apt, who="stranger"))
        cookie, _ = self.start.cookies["stranger"]
        stranger = Player(self.app)
        stranger.inner.set_cookie(COOKIE, cookie)
        for path in (f"proposals/{self.draft['id']}", f"visits/{self.draft['visit_id']}"):
            assert stranger.get(path).status_code == 404, path

    @rule(back=LINKS)
    def look_through_link(self, back: int) -> None:
        """Open a link, as scanners of mail do: nothing changes, and a dead one shows nothing."""
        if not self.links:
            return
        act = VisitAct(
            name="follow_link", who="link", link=self.link_of(back), reason="-", seen=self.book.number
        )
        told = self.book.tell(act, self.now())
        shown = Player(self.app).get(f"/invitations/{self.token(act)}")
        assert shown.status_code == (told.status if told.status in (404, 410) else 200), (act, told)
        assert (self.draft["urgency"] in shown.get_data(as_text=True)) == (shown.status_code == 200)
        assert self.read_rows() == self.rows

    # Promises ---------------------------------------------------------------------------------------

    @invariant()
    def date_is_agreed_and_outcome_published_once(self) -> None:
        """Demand what must hold whatever the book says."""
        state, version, is_held, is_published = self.one(
            "SELECT state, version, held_at IS NOT NULL, published_at IS NOT NULL FROM visits"
        )
        (agreed,) = self.one(f"SELECT count(*) FROM ({ANSWERED}) AS one WHERE verdict = 'accepted'")  # noqa: S608 -- our own words
        assert (agreed == 1) == (state in ("scheduled", "held", "concluded")) or state == "cancelled"
        assert self.one(HAPPENED, "outcome.published") == (int(is_published),)
        assert self.one(HAPPENED, "visit.held") == (int(is_held),)
        assert self.one(HAPPENED, "proposal.submitted") == (int(bool(self.book.asked)),)
        assert self.one("SELECT count(*) = max(number) FROM arrangements") == (True,), "numbers without gaps"
        assert version == self.book.visit_version

    # What the life knows ----------------------------------------------------------------------------

    def meant(self, wish: Wish) -> VisitAct | None:
        """Return what somebody does who has seen the book, or an older one; None if there is nothing yet."""
        book = self.book
        state = book.proposal if book.proposal in ("draft", "submitted") else book.visit
        names = APT.get(state) if wish.is_apt else None
        name = (names or tuple(USUALLY))[wish.place % len(names or USUALLY)]
        if book.asked is None and name in ON_INVITATION:
            return None
        current = self.current(name)
        seen = {"current": current, "older": current - 1 or current + 1, "none": None}[wish.seen]
        is_link = name == "follow_link"
        return VisitAct(
            name=name,
            who="link" if is_link else wish.who or USUALLY[name],
            seen=current if is_link and seen is None else seen,
            days=0 if wish.days is None and wish.verdict == "countered" else wish.days,
            words=wish.words,
            verdict=wish.verdict,
            reason=wish.reason,
            address=self.start.cast.host.mailbox if name == "submit" else wish.address,
            link=self.link_of(wish.link) if is_link else (0, ""),
            has_promise=wish.has_promise,
        )

    def current(self, name: str) -> int:
        """Return the version, or the number of the arrangement, that an act has to name."""
        versions = {"edit": self.book.proposal_version, "write": self.book.visit_version}
        return versions.get(name, self.book.number)

    def link_of(self, back: int) -> tuple[int, str]:
        """Return for what a link was made."""
        if back == FORGED:
            return 0, self.links[-1][1]
        return self.links[-1 - back % len(self.links)]

    def note_link(self) -> None:
        """Remember the link that is sent now."""
        if (asked := self.book.asked) and (asked.generation, asked.address) not in self.links:
            self.links.append((asked.generation, asked.address))

    def request(self, act: VisitAct) -> Request:
        """Return the request that an act is."""
        return request_of(act, self.ids(), self.start.cast, self.token(act))

    def ids(self) -> dict[str, int]:
        """Return the numbers that stand in addresses."""
        asked = self.look.execute("SELECT id FROM invitations").fetchone()
        return {
            "proposal": self.draft["id"],
            "visit": self.draft["visit_id"],
            "invitation": asked[0] if asked else 0,
        }

    def written(self) -> VisitBook:
        """Return the book that the rows say."""
        words, *stands, is_held, is_published = self.one(STANDS)
        proposal, proposal_version, visit, visit_version, number, starts_at = stands
        assert is_held == (visit in ("held", "concluded"))
        assert is_published == (visit == "concluded")
        asked = [
            Asked(generation=row[0], address=row[1], respond_by=row[2], is_revoked=row[3], is_opened=row[4])
            for row in self.look.execute(ASKED)
        ]
        return VisitBook(
            words=words,
            proposal=proposal,
            proposal_version=proposal_version,
            visit=visit,
            visit_version=visit_version,
            number=number,
            starts_at=starts_at,
            asked=asked[0] if asked else None,
            answer=self.look.execute(ANSWERED).fetchone(),
            outcome=self.look.execute(BROUGHT).fetchone(),
        )

    def token(self, act: VisitAct) -> str:
        """Return the token of the link that somebody has."""
        generation, address = act.link
        keys = LinkKeys(FOREIGN_KEYS if generation == 0 else self.app.settings.secret_keys)
        return invitation_token(keys, InvitationFacts(self.ids()["invitation"], generation or 1, address))


@pytest.fixture(scope="module")
def start(
    service_addresses: services.Addresses, broker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Start]:
    """Yield a database in which a draft has been written."""
    home = tmp_path_factory.mktemp("lives")
    with start_from(service_addresses, broker_number, home, Stage.propose) as made:
        yield made


def test_visit_keeps_its_promises_in_any_life(start: Start) -> None:
    live(lambda: VisitLife(start), usual=5, steps=14)
