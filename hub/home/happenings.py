"""Tell what happened in a collaboration, newest first, in sentences; and what of it is still being told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, select

from hub.db.reading import Reading
from hub.followups.events import INNER
from hub.messaging.models import EventRow, Reaction
from hub.notifications.facts import facts_of
from hub.notifications.wording import say
from hub.partners.wording import event_title, event_tone
from hub.texts.catalogue import gettext_for, lazy
from hub.texts.formats import format_moment

if TYPE_CHECKING:
    import uuid

    from sqlalchemy.orm import Session

    from hub.notifications.facts import Facts

MOST_TOLD: Final = 40
QUIET: Final[dict[str, tuple[str, str]]] = {
    "invitation.renewed": (
        lazy("Invitation sent again"),
        lazy("The invitation went to %(host)s again, with a new link."),
    ),
    "invitation.revoked": (
        lazy("Invitation taken back"),
        lazy("%(guest)s took the invitation to %(host)s back."),
    ),
}
"""What nobody is notified of, but the timeline tells: a heading and a sentence."""


LATEST: Final = Reading(
    select(
        EventRow.id,
        func.count().filter(Reaction.state == "due"),
        func.count().filter(Reaction.state == "parked"),
    )
    .outerjoin(Reaction, Reaction.event_id == EventRow.id)
    .where(EventRow.collaboration_id == bindparam("collaboration"), EventRow.type.not_in(INNER))
    .group_by(EventRow.id)
    .order_by(EventRow.id.desc())
    .limit(MOST_TOLD + 1)
)


@dataclass(frozen=True, slots=True)
class Happenings:
    """The latest events in words; ``pending`` counts reactions not done yet, ``latest`` is their event."""

    entries: list[dict[str, Any]]
    pending: int
    parked: int
    latest: uuid.UUID | None
    has_more: bool


def happenings(session: Session, collaboration_id: int, *, locale: str, zone: str) -> Happenings:
    """Return the timeline of a collaboration, with the reactions its events still wait for."""
    rows = LATEST.rows(session, collaboration=collaboration_id)
    shown = rows[:MOST_TOLD]
    facts = facts_of(session, [event_id for event_id, _, _ in shown])
    entries = [
        _entry(facts[event_id], due, parked, locale, zone)
        for event_id, due, parked in shown
        if event_id in facts
    ]
    unfinished = [event_id for event_id, due, parked in shown if due or parked]
    return Happenings(
        entries,
        sum(due for _, due, _ in shown),
        sum(parked for _, _, parked in shown),
        unfinished[0] if unfinished else None,
        len(rows) > MOST_TOLD,
    )


def _entry(facts: Facts, due: int, parked: int, locale: str, zone: str) -> dict[str, Any]:
    gettext = gettext_for(locale)
    title, sentence = _told(facts, locale, zone)
    if parked:
        sentence += "\n" + gettext("A part of this could not be carried out; the operators see it.")
    elif due:
        sentence += "\n" + gettext("This is still being told.")
    return {
        "when": format_moment(facts.occurred_at, facts.zone, locale, reader_zone=zone),
        "title": title,
        "detail": sentence,
        "href": f"/events/{facts.event_id}",
        "tone": event_tone(facts.type),
    }


def _told(facts: Facts, locale: str, zone: str) -> tuple[str, str]:
    """Return an event's short name and its sentence."""
    if facts.type in QUIET:
        gettext = gettext_for(locale)
        title, sentence = QUIET[facts.type]
        return gettext(title), gettext(sentence) % {"guest": facts.guest, "host": facts.host}
    return event_title(facts.type, locale), say(facts, locale=locale, zone=zone).sentence
