"""Who reacts to what: one table of strings.

A consumer's name is data: it stands in every reaction row and never changes. A test demands that
every event type stands here or among the silent ones, and that every consumer has its module in
``workers/consumers`` and the other way round.
"""

from __future__ import annotations

from typing import Final

NOTIFY: Final = "notify"
"""Tell everybody it concerns: a notification each, and a mail for those who want one."""
INVITE: Final = "invite"
"""Plan the mail with the link for every open invitation."""
OPEN_TASKS: Final = "open-tasks"
"""Open a task for each commitment, with its reminders planned."""
PARTNER_RECORD: Final = "partner-record"
"""Bring the partner records of both directions up to date and extend their timeline."""

SUBSCRIPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "proposal.submitted": (NOTIFY, INVITE, PARTNER_RECORD),
    "proposal.withdrawn": (NOTIFY, PARTNER_RECORD),
    "invitation.renewed": (INVITE,),
    "invitation.accepted": (NOTIFY, PARTNER_RECORD),
    "invitation.declined": (NOTIFY, PARTNER_RECORD),
    "invitation.countered": (NOTIFY, PARTNER_RECORD),
    "visit.rearranged": (NOTIFY, INVITE, PARTNER_RECORD),
    "visit.scheduled": (NOTIFY, PARTNER_RECORD),
    "visit.held": (NOTIFY, PARTNER_RECORD),
    "outcome.published": (NOTIFY, OPEN_TASKS, PARTNER_RECORD),
    "task.closed": (NOTIFY, PARTNER_RECORD),
    "task.reopened": (NOTIFY, PARTNER_RECORD),
    "task.returned": (NOTIFY,),
    "task.kept": (NOTIFY,),
    "post.handed_over": (NOTIFY,),
    "stand_in.named": (NOTIFY,),
    "stand_in.ended": (NOTIFY,),
    "delegation.given": (NOTIFY,),
    "delegation.ended": (NOTIFY,),
}

SILENT: Final[dict[str, str]] = {
    "invitation.revoked": "whoever follows a revoked link reads it there; nobody else is affected",
}
"""Event types that nobody reacts to, each with the reason."""


def consumers_of(event_type: str) -> tuple[str, ...]:
    """Return the consumers subscribed to an event type; none for a silent one."""
    return SUBSCRIPTIONS.get(event_type, ())


def consumers() -> tuple[str, ...]:
    """Return every consumer's name, sorted."""
    return tuple(sorted({name for names in SUBSCRIPTIONS.values() for name in names}))
