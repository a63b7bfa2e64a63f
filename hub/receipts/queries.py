"""Read what one event set in motion: whom it told, which tasks and records it made, what waits or failed.

People appear by their post and unit, never by name or address.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Uuid, bindparam, text

from hub.errors import NotFound
from hub.messaging.read import envelope, find_event
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from sqlalchemy import TextClause
    from sqlalchemy.orm import Session

MOST_SHOWN = 200
"""People listed by post; the totals count everybody."""

EVENT_ID: BindParameter[uuid.UUID] = bindparam("event_id", type_=Uuid)


def _about_event(statement: str) -> TextClause:
    return text(statement).bindparams(EVENT_ID)


REACTIONS = _about_event(
    """
    SELECT consumer, state, attempts, due_at, done_at, took_ms, summary, reason
    FROM reactions WHERE event_id = :event_id ORDER BY consumer
    """
)

# Posts are shown as they were when the event happened: the receipt does not change with a rotation.
TOLD = _about_event(
    """
    SELECT coalesce(served.title, 'overseer') AS post, coalesce(served.unit, overseen.unit) AS unit,
           served.title IS NULL AS is_overseer, d.state AS mail, d.reason AS mail_reason
    FROM notifications n
    JOIN events e ON e.id = n.event_id
    LEFT JOIN deliveries d ON d.event_id = n.event_id AND d.person_id = n.recipient_id
                          AND d.kind = 'notification'
    LEFT JOIN LATERAL (
        SELECT post.title, unit.name AS unit
        FROM appointments a
        JOIN posts post ON post.id = a.post_id
        JOIN parties p ON p.facility_id = post.facility_id AND p.collaboration_id = e.collaboration_id
        JOIN facilities unit ON unit.id = post.facility_id
        WHERE a.person_id = n.recipient_id AND a.during @> e.occurred_at
        ORDER BY post.role <> 'head', post.id LIMIT 1
    ) AS served ON true
    LEFT JOIN LATERAL (
        SELECT scope.name AS unit
        FROM grants g LEFT JOIN facilities scope ON scope.id = g.scope_facility_id
        WHERE g.person_id = n.recipient_id AND g.role = 'overseer' AND g.during @> e.occurred_at
        ORDER BY g.id LIMIT 1
    ) AS overseen ON true
    WHERE n.event_id = :event_id
    ORDER BY is_overseer, unit, post, n.recipient_id LIMIT :most
    """
)

INVITED = _about_event(
    """
    SELECT unit.name AS unit, d.state AS mail, d.reason AS mail_reason, d.attempts
    FROM deliveries d
    JOIN invitations i ON i.id = d.invitation_id
    JOIN parties p ON p.id = i.party_id
    JOIN facilities unit ON unit.id = p.facility_id
    WHERE d.event_id = :event_id AND d.kind = 'invitation' ORDER BY d.id
    """
)

TASKS = _about_event(
    """
    SELECT t.id, t.title, t.facility_id, unit.name AS unit, owner.title AS owner,
           accountable.title AS accountable, t.due_on, t.state,
           (SELECT count(*) FROM reminders r WHERE r.task_id = t.id) AS reminders
    FROM tasks t
    JOIN facilities unit ON unit.id = t.facility_id
    JOIN posts owner ON owner.id = t.owner_post_id
    JOIN posts accountable ON accountable.id = t.accountable_post_id
    WHERE t.event_id = :event_id ORDER BY t.id
    """
)

RECORDS = _about_event(
    """
    SELECT entry.facility_id, unit.name AS facility, entry.partner_id, partner.name AS partner
    FROM partner_timeline entry
    JOIN facilities unit ON unit.id = entry.facility_id
    JOIN facilities partner ON partner.id = entry.partner_id
    WHERE entry.event_id = :event_id ORDER BY entry.facility_id, entry.partner_id
    """
)

# A mail that failed or waits because it failed before; one that is merely on its way is only counted.
TROUBLED_MAILS = _about_event(
    """
    SELECT kind, state, attempts, due_at, reason FROM deliveries
    WHERE event_id = :event_id AND (state = 'failed' OR (state = 'due' AND reason IS NOT NULL))
    ORDER BY id LIMIT :most
    """
)

TOTALS = _about_event(
    """
    SELECT (SELECT count(*) FROM notifications WHERE event_id = :event_id) AS notices,
           count(*) AS mails,
           count(*) FILTER (WHERE state = 'due') AS mails_due,
           count(*) FILTER (WHERE state = 'sent') AS mails_sent,
           count(*) FILTER (WHERE state = 'skipped') AS mails_skipped,
           count(*) FILTER (WHERE state = 'failed') AS mails_failed
    FROM deliveries WHERE event_id = :event_id
    """
)


PROGRESS = _about_event(
    """
    SELECT count(*) AS total, count(*) FILTER (WHERE state = 'done') AS done,
           count(*) FILTER (WHERE state = 'due') AS due,
           (SELECT count(*) FROM deliveries WHERE event_id = :event_id) AS mails,
           (SELECT count(*) FROM deliveries WHERE event_id = :event_id AND state = 'due') AS mails_due
    FROM reactions WHERE event_id = :event_id
    """
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an event's effects have come; ``is_pending`` while anything is still tried."""

    done: int
    total: int
    mails_done: int
    mails: int
    is_pending: bool


def progress(session: Session, event_id: uuid.UUID) -> Progress:
    """Return how far an event's reactions and mails have come."""
    row = session.execute(PROGRESS, {"event_id": event_id}).one()
    return Progress(
        row.done, row.total, row.mails - row.mails_due, row.mails, bool(row.due) or bool(row.mails_due)
    )


def receipt(session: Session, event_id: uuid.UUID) -> dict[str, Any]:
    """Return the receipt of an event.

    Keys: ``event`` (its envelope), ``reactions``, ``told`` and ``invited`` (by post and unit, with the
    state of the mail), ``tasks``, ``records``, ``waiting`` (what is due again after a failure, failed or
    parked), ``is_settled``, ``totals``. Reasons are msgids or what a mail server said. Raises NotFound.
    """
    event = find_event(session, event_id)
    if event is None:
        raise NotFound(lazy("There is no such event."))

    def read(statement: TextClause, **values: object) -> list[dict[str, Any]]:
        return [dict(row) for row in session.execute(statement, {"event_id": event_id, **values}).mappings()]

    reactions = read(REACTIONS)
    tasks, records = read(TASKS), read(RECORDS)
    (counts,) = read(TOTALS)
    states = [reaction["state"] for reaction in reactions]
    last = max((reaction["done_at"] for reaction in reactions if reaction["done_at"]), default=None)
    return {
        "event": envelope(event),
        "collaboration_id": event.collaboration_id,
        "reactions": reactions,
        "told": read(TOLD, most=MOST_SHOWN),
        "invited": read(INVITED),
        "tasks": tasks,
        "records": records,
        "waiting": [
            {"what": reaction["consumer"], **_trouble(reaction)}
            for reaction in reactions
            if reaction["state"] == "parked" or (reaction["state"] == "due" and reaction["reason"])
        ]
        + [
            {"what": f"mail:{mail['kind']}", **_trouble(mail)}
            for mail in read(TROUBLED_MAILS, most=MOST_SHOWN)
        ],
        "is_settled": all(state == "done" for state in states) and not counts["mails_due"],
        "totals": {
            "reactions": len(states),
            "reactions_done": states.count("done"),
            "reactions_due": states.count("due"),
            "reactions_parked": states.count("parked"),
            **counts,
            "tasks": len(tasks),
            "reminders": sum(task["reminders"] for task in tasks),
            "records": len(records),
            "last_effect_ms": round((last - event.occurred_at).total_seconds() * 1000) if last else None,
        },
    }


def _trouble(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("state", "attempts", "due_at", "reason")}
