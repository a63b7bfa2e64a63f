"""Erase a person: the account, what proves who they are, and their name wherever it was copied.

What the offices did stays, with the post and "a former official". Events keep everything but the copy of the
name; the audit log is sealed and keeps even that (decision 30).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import func, select, text

from hub.accounts.models import Person
from hub.accounts.rules import demand_admin
from hub.audit.record import record
from hub.clock import now
from hub.db.transaction import seeing_everything
from hub.errors import Conflict, NotFound
from hub.privacy.queries import count_held, has_rights, services_to_come
from hub.privacy.register import HOLDINGS
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import CursorResult
    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.privacy.queries import Counted, Served

FORMER: Final = "Mantan pejabat"
"""What stands where the name stood; as the function ``forget_actor`` writes it."""
HOLDS_POSTS = lazy(
    "%(name)s still serves as %(posts)s. Hand the post over or end the service first; then erase the person."
)
HOLDS_RIGHTS = lazy("%(name)s still oversees, audits or administers. Take the right back first.")
ERASED_BEFORE = lazy("This person has been erased already.")
NOT_ONESELF = lazy("Nobody erases themselves: another administrator does it.")
NO_PERSON = lazy("There is no such person.")
MAIL_ENDED = lazy("the person's account was erased")
# What else than deleting rows there is to be done, each by the person's number.
REPLACING: Final = {
    "absences": "UPDATE absences SET deputy_id = NULL WHERE deputy_id = :person",
    "answers": (
        "UPDATE answers"
        " SET answered_by = :former || coalesce(substring(answered_by FROM ' \\([^()]*\\)$'), '')"
        " WHERE person_id = :person"
    ),
    "deliveries": (
        "UPDATE deliveries SET address = 'removed-' || id,"
        " settled_at = coalesce(settled_at, hub_now()),"
        " reason = CASE WHEN state = 'due' THEN :ended ELSE reason END,"
        " state = CASE WHEN state = 'due' THEN 'skipped' ELSE state END"
        " WHERE person_id = :person"
    ),
}


@dataclass(frozen=True, slots=True)
class Erasure:
    """What erasing a person would do, and what stands in its way."""

    person: Person
    held: Sequence[Counted]
    posts: Sequence[Served]
    obstacle: Conflict | None


def plan_erasure(session: Session, *, actor: Actor, person_id: int) -> Erasure:
    """Return what erasing would do; nothing is changed. Raises Forbidden, NotFound."""
    demand_admin(actor)
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(NO_PERSON)
    posts = services_to_come(session, person_id)
    obstacle = _obstacle(session, actor, person, posts)
    return Erasure(person, count_held(session, person_id), posts, obstacle)


def erase_person(session: Session, *, actor: Actor, person_id: int, reason: str) -> dict[str, int]:
    """Erase a person; return how many rows of which table went or lost the name.

    Raises Forbidden, NotFound, Conflict while they hold a post or a right, were erased before, or are the
    actor.
    """
    demand_admin(actor)
    person = session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one_or_none()
    if person is None:
        raise NotFound(NO_PERSON)
    if obstacle := _obstacle(session, actor, person, services_to_come(session, person_id)):
        raise obstacle
    done: dict[str, int] = {}
    with seeing_everything(session):
        for one in HOLDINGS:
            values = {"person": person_id, "former": FORMER, "ended": MAIL_ENDED}
            if one.table in REPLACING:
                done[one.table] = _changed(session, REPLACING[one.table], values)
            if one.erased == "deleted":
                condition = f"{one.person[0]} = :person" if one.person else one.found_by
                removal = f"DELETE FROM {one.table} WHERE {condition}"  # noqa: S608 -- the register's words
                removed = _changed(session, removal, values)
                done[one.table] = done.get(one.table, 0) + removed
    person.name, person.email = FORMER, f"erased-{person_id}@erased.invalid"
    person.password_hash = person.password_asked_at = None
    person.totp_secret = person.totp_last_step = None
    person.password_generation += 1
    person.wants_mail = person.is_active = False
    person.erased_at = now(session)
    session.flush()
    done["events"] = int(session.execute(select(func.forget_actor(person_id))).scalar_one())
    record(
        session,
        actor=actor,
        action="person.erased",
        subject=f"people/{person_id}",
        reason=reason,
        rows={table: rows for table, rows in done.items() if rows},
    )
    return done


def _obstacle(session: Session, actor: Actor, person: Person, posts: Sequence[Served]) -> Conflict | None:
    if person.erased_at is not None:
        return Conflict(ERASED_BEFORE, code="erased-before")
    if person.id == actor.person_id:
        return Conflict(NOT_ONESELF, code="not-oneself")
    if posts:
        held = ", ".join(f"{one.title} ({one.unit})" for one in posts)
        return Conflict(HOLDS_POSTS, code="holds-posts", name=person.name, posts=held)
    if has_rights(session, person.id):
        return Conflict(HOLDS_RIGHTS, code="holds-rights", name=person.name)
    return None


def _changed(session: Session, statement: str, values: dict[str, Any]) -> int:
    named = {name: value for name, value in values.items() if f":{name}" in statement}
    return cast("CursorResult[Any]", session.execute(text(statement), named)).rowcount
