"""What people in a life are about to do, before anybody has looked what is current."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.hub.lives import WHO

FORGED = -1
USUALLY = {
    "edit": "guest_service",
    "submit": "guest_head",
    "withdraw": "guest_head",
    "rearrange": "guest_head",
    "answer": "host_head",
    "follow_link": "link",
    "renew": "guest_head",
    "revoke": "guest_head",
    "hold": "host_training",
    "write": "guest_service",
    "publish": "guest_head",
}
"""Every act, and who does it where all goes well."""
APT = {
    "draft": ("edit", "submit"),
    "submitted": ("answer", "follow_link", "rearrange", "renew", "revoke", "withdraw"),
    "scheduled": ("hold", "rearrange", "withdraw", "follow_link", "answer"),
    "held": ("write", "publish", "hold", "rearrange"),
}
"""What is worth trying most, by state of the proposal or the visit; everything is tried in any."""
# How many links ago theirs was sent.
LINKS = st.sampled_from((0, 0, 0, 1, 2, FORGED))
VERDICTS = st.sampled_from(("accepted", "accepted", "declined", "countered"))


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody is about to do: which act and what is current, the life decides when they do it.

    What is drawn here depends on nothing, so that a story can be told again although threads decided it.
    """

    place: int = 0
    is_apt: bool = True
    who: str | None = None
    seen: str = "current"
    words: str = "Pagi"
    days: int | None = 2
    verdict: str = "accepted"
    reason: str | None = "Ada apel."
    address: str | None = None
    link: int = 0
    has_promise: bool = True


PLAIN = Wish()
PLACES = st.sampled_from(range(60))
WISHES = st.builds(
    Wish,
    place=PLACES,
    is_apt=st.sampled_from((True, True, True, False)),
    who=st.none() | st.none() | st.sampled_from(WHO),
    seen=st.sampled_from(("current", "current", "current", "older", "none")),
    words=st.sampled_from(("Pagi", "Siang")),
    days=st.sampled_from((None, -12, 0, 2, 20)),
    verdict=VERDICTS,
    reason=st.sampled_from(("Ada apel.", "Ada tamu.", None)),
    address=st.sampled_from((None, "kalapas@example.id", "KALAPAS@example.id")),
    link=LINKS,
    has_promise=st.sampled_from((True, True, False)),
)
MEETINGS = st.tuples(PLACES, PLACES)
