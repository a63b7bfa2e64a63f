"""Call each event of a partnership by a short name, for its timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hub.texts.catalogue import lazy, translate

if TYPE_CHECKING:
    from collections.abc import Mapping

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "proposal.submitted": (lazy("Visit proposed"), "info"),
    "proposal.withdrawn": (lazy("Proposal withdrawn"), "off"),
    "invitation.accepted": (lazy("Invitation accepted"), "done"),
    "invitation.declined": (lazy("Invitation declined"), "off"),
    "invitation.countered": (lazy("Another time asked for"), "info"),
    "visit.rearranged": (lazy("New date or agenda"), "info"),
    "visit.scheduled": (lazy("Visit has its date"), "done"),
    "visit.held": (lazy("Visit held"), "done"),
    "outcome.published": (lazy("Outcome published"), "done"),
    "task.closed": (lazy("Follow-up closed"), "done"),
    "task.reopened": (lazy("Follow-up open again"), "info"),
    "task.returned": (lazy("Follow-up handed back"), "info"),
    "task.kept": (lazy("Follow-up kept after all"), "info"),
}
"""What each type of event is called, and the tone in which a timeline shows it."""


def event_title(event_type: str, locale: str) -> str:
    """Return the short name of a type of event; of one that newer code wrote, the type itself."""
    known = TITLES.get(event_type)
    return translate(locale, known[0]) if known else event_type


def event_tone(event_type: str) -> str:
    """Return the tone of a type of event in a timeline."""
    known = TITLES.get(event_type)
    return known[1] if known else "info"
