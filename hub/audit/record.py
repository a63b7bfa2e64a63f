"""Write to the audit log, in the transaction of the act itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.audit.models import AuditEntry

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor


def record(session: Session, *, actor: Actor, action: str, subject: str, **detail: object) -> None:
    """Add one entry: ``record(session, actor=…, action="reaction.replayed", subject="events/…", …)``.

    What was and what is stand in ``before`` and ``after``, with the changed fields only. Where the act came
    from is known to the edge: it notes the address in ``session.info["origin"]``.
    """
    session.add(
        AuditEntry(
            actor_kind=actor.kind,
            actor_id=actor.person_id,
            actor_label=actor.label,
            action=action,
            subject=subject,
            detail=detail,
            origin=session.info.get("origin"),
        )
    )
