"""Say an event in one sentence and name the next thing to do, in the reader's language and zone.

A notification keeps no text: it is said anew from the event whenever somebody reads it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hub.texts.catalogue import gettext_for, lazy, ngettext_for
from hub.texts.formats import format_day, format_list, format_moment, format_moment_range, format_number
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    from hub.notifications.facts import Facts, OfUnit

VISIT: Final = "/visits/{facts.visit_id}"
COLLABORATION: Final = "/collaborations/{facts.collaboration_id}"
TASKS: Final = "/tasks"
TASK: Final = "/tasks/{facts.task_id}"
TAKEOVER: Final = "/posts/{facts.unit.post_id}/takeover"
ROSTER: Final = "/facilities/{facts.unit.id}/posts"


@dataclass(frozen=True, slots=True)
class Manner:
    """How one type of event is said: a heading, a sentence, and what to do next and where."""

    heading: str
    sentence: str
    action: str
    path: str


MANNERS: Final[Mapping[str, Manner]] = {
    "proposal.submitted": Manner(
        lazy("Visit proposed: %(title)s"),
        lazy("%(guest)s proposes to visit %(host)s: “%(title)s”, %(moment)s. Submitted by %(actor)s."),
        lazy("Read the proposal"),
        COLLABORATION,
    ),
    "proposal.withdrawn": Manner(
        lazy("Proposal withdrawn: %(title)s"),
        lazy("%(guest)s has withdrawn its proposal to %(host)s, “%(title)s”. Reason: %(reason)s"),
        lazy("Read the proposal"),
        COLLABORATION,
    ),
    "invitation.accepted": Manner(
        lazy("Invitation accepted: %(title)s"),
        lazy("%(host)s accepts the visit of %(guest)s, %(moment)s. Answered by %(actor)s."),
        lazy("See the visit"),
        VISIT,
    ),
    "invitation.declined": Manner(
        lazy("Invitation declined: %(title)s"),
        lazy("%(host)s declines the visit of %(guest)s, %(moment)s. Reason: %(reason)s"),
        lazy("See the visit"),
        VISIT,
    ),
    "invitation.countered": Manner(
        lazy("Another time asked for: %(title)s"),
        lazy("%(host)s asks %(guest)s to come at another time: %(moment)s. Reason: %(reason)s"),
        lazy("Choose a new date"),
        VISIT,
    ),
    "visit.rearranged": Manner(
        lazy("New date or agenda: %(title)s"),
        lazy("The visit of %(guest)s to %(host)s is now proposed for %(moment)s. Changed by %(actor)s."),
        lazy("See the visit"),
        VISIT,
    ),
    "visit.scheduled": Manner(
        lazy("Visit scheduled: %(title)s"),
        lazy("The visit of %(guest)s to %(host)s has its date: %(moment)s."),
        lazy("See the agenda"),
        VISIT,
    ),
    "visit.held": Manner(
        lazy("Visit held: %(title)s"),
        lazy("%(guest)s has visited %(host)s. Recorded by %(actor)s."),
        lazy("Record the outcome"),
        VISIT,
    ),
    "outcome.published": Manner(
        lazy("Outcome published: %(title)s"),
        lazy("The outcome of the visit of %(guest)s to %(host)s is published, with %(promises)s."),
        lazy("See the follow-up tasks"),
        TASKS,
    ),
    "task.closed": Manner(
        lazy("Follow-up closed: %(task)s"),
        lazy("%(task_unit)s has closed a follow-up, “%(task)s”: %(note)s"),
        lazy("See the visit"),
        VISIT,
    ),
    "task.reopened": Manner(
        lazy("Follow-up open again: %(task)s"),
        lazy("%(task_unit)s has taken back that “%(task)s” is done. It is open as before."),
        lazy("See the task"),
        TASK,
    ),
    "task.returned": Manner(
        lazy("Follow-up handed back: %(task)s"),
        lazy("%(actor)s says that “%(task)s” is not theirs, so it is yours now. Reason: %(reason)s"),
        lazy("See the task"),
        TASK,
    ),
    "task.kept": Manner(
        lazy("Follow-up kept after all: %(task)s"),
        lazy("%(actor)s keeps “%(task)s” after all."),
        lazy("See the task"),
        TASK,
    ),
    "post.handed_over": Manner(
        lazy("%(post)s passes on to %(person)s"),
        lazy("%(person)s is %(post)s of %(unit)s from %(first)s on. In the post's name stand: %(held)s."),
        lazy("See what is taken over"),
        TAKEOVER,
    ),
    "stand_in.named": Manner(
        lazy("%(person)s stands in as %(post)s"),
        lazy(
            "%(person)s acts as %(post)s (Plh.) of %(unit)s from %(first)s to %(last)s. Named by %(actor)s."
        ),
        lazy("See what stands in the post's name"),
        TAKEOVER,
    ),
    "stand_in.ended": Manner(
        lazy("%(person)s no longer stands in as %(post)s"),
        lazy("%(person)s does not act as %(post)s (Plh.) of %(unit)s any more: from %(end)s on."),
        lazy("See who serves in the unit"),
        ROSTER,
    ),
    "delegation.given": Manner(
        lazy("Right to answer lent to %(person)s"),
        lazy(
            "%(person)s may answer invitations to %(unit)s on behalf of %(post)s from %(first)s to %(last)s."
            " Lent by %(actor)s."
        ),
        lazy("See who may answer"),
        ROSTER,
    ),
    "delegation.ended": Manner(
        lazy("Right to answer ends: %(person)s"),
        lazy(
            "%(person)s may no longer answer invitations to %(unit)s on behalf of %(post)s: from %(end)s on."
        ),
        lazy("See who may answer"),
        ROSTER,
    ),
}
"""How each type of event that people are told of is said."""
UNKNOWN: Final = Manner(
    lazy("News: %(title)s"),
    lazy("Something has happened in the collaboration of %(guest)s and %(host)s. By %(actor)s."),
    lazy("See the collaboration"),
    COLLABORATION,
)
"""For an event that newer code wrote, while old and new run side by side."""


@dataclass(frozen=True, slots=True)
class Said:
    """An event in words; ``path`` is where the action leads, on the hub's own address."""

    heading: str
    sentence: str
    when: str
    action: str
    path: str


def say(facts: Facts, *, locale: str, zone: str) -> Said:
    """Return an event in the reader's language; times are the host's, the reader's own beside them.

    Raises UnknownLocaleError.
    """
    manner = MANNERS.get(facts.type, UNKNOWN)
    gettext = gettext_for(locale)
    values = {
        "guest": facts.guest,
        "host": facts.host,
        "title": facts.title,
        "actor": facts.actor,
        "moment": format_moment_range(facts.starts_at, facts.ends_at, facts.zone, locale, reader_zone=zone),
        "reason": facts.reason,
        "promises": _promises(facts.commitments or 0, locale),
        "task": facts.task,
        "task_unit": facts.task_unit,
        "note": facts.task_note,
        **(_of_unit(facts, facts.unit, locale) if facts.unit else {}),
    }
    return Said(
        heading=gettext(manner.heading) % values,
        sentence=gettext(manner.sentence) % values,
        when=format_moment(facts.occurred_at, zone, locale),
        action=gettext(manner.action),
        path=manner.path.format(facts=facts),
    )


def _of_unit(facts: Facts, unit: OfUnit, locale: str) -> dict[str, str]:
    last = local_date(facts.ends_at, facts.zone) - dt.timedelta(days=1)
    return {
        "unit": facts.host,
        "post": unit.post,
        "person": unit.person,
        "first": format_day(local_date(facts.starts_at, facts.zone), locale),
        "last": format_day(last, locale),
        "end": format_moment(facts.ends_at, facts.zone, locale),
        "held": held_words(unit.tasks, unit.invitations, unit.visits, locale),
    }


def held_words(tasks: int, invitations: int, visits: int, locale: str) -> str:
    """Return what stands in a post's name, counted: "3 tasks, 1 invitation and 2 visits"."""
    ngettext = ngettext_for(locale)
    counted = (
        (tasks, ngettext("%(count)s open task", "%(count)s open tasks", tasks)),
        (invitations, ngettext("%(count)s invitation", "%(count)s invitations", invitations)),
        (visits, ngettext("%(count)s visit", "%(count)s visits", visits)),
    )
    return format_list([words % {"count": format_number(count, locale)} for count, words in counted], locale)


def _promises(count: int, locale: str) -> str:
    ngettext = ngettext_for(locale)
    return ngettext("%(count)s commitment", "%(count)s commitments", count) % {
        "count": format_number(count, locale)
    }
