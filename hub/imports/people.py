"""The list of people: who they are, and where they serve.

An import adds people, corrects names and fills vacant posts. It displaces nobody: who holds a post, stands
in for it or serves elsewhere is handed over on the roster's page, where that is asked about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import IntegrityError

from hub import clock
from hub.accounts.commands.passwords import ask_for_reset
from hub.accounts.commands.people import add_person
from hub.accounts.models import Person
from hub.audit.record import record
from hub.errors import Conflict, HubError
from hub.imports.columns import Field
from hub.imports.kinds import Applied
from hub.imports.people_judging import Judge, own_units
from hub.imports.people_undoing import undo
from hub.staffing.commands.posts import create_post
from hub.staffing.commands.serve import hand_over, join_pool
from hub.texts.catalogue import lazy
from hub.workdays.zones import ZONES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.imports.kinds import Earlier, Judged, Line

RACED = lazy("Somebody else changed the same in that moment.")
CHANGED_SINCE = lazy("This has changed since the preview.")

FIELDS: Final = (
    Field(
        "email",
        lazy("E-mail address"),
        ("e-mail", "surel", "mail", "alamat surel", "alamat email", "pos-el"),
        is_needed=True,
    ),
    Field("name", lazy("Name"), ("nama", "nama lengkap", "full name"), is_needed=True),
    Field("facility", lazy("Unit"), ("unit", "upt", "satker", "satuan kerja", "unit kerja", "nama upt")),
    Field("post", lazy("Post"), ("jabatan", "nama jabatan", "title", "position")),
    Field("role", lazy("Kind of post"), ("peran", "jenis jabatan", "kind of post")),
    Field("start", lazy("First day"), ("mulai", "tmt", "tanggal mulai", "sejak", "first day", "since")),
)


class People:
    """The kind ``people`` (see ``hub.imports.kinds.Kind``)."""

    name = "people"
    fields: tuple[Field, ...] = FIELDS
    most_rows = 20_000
    largest = 8 * 1024 * 1024
    batch = 25

    def may_import(self, actor: Actor) -> bool:
        """Return whether the actor administers the hub or heads a unit."""
        return actor.is_admin or bool(own_units(actor))

    def key(self, said: dict[str, str]) -> str | None:
        """Return the address, in small letters."""
        return said["email"].lower() if "email" in said else None

    def label(self, said: dict[str, str]) -> str:
        """Return the name, or else the address."""
        return said.get("name") or said.get("email") or ""

    def judge(
        self, session: Session, actor: Actor, lines: Sequence[Line], earlier: Earlier
    ) -> Sequence[Judged]:
        """Return the verdict on each row; a handful of queries for all of them."""
        del earlier
        judge = Judge(session, actor, lines)
        return [judge.of(line) for line in lines]

    def apply(
        self, session: Session, actor: Actor, lines: Sequence[Line], earlier: Earlier
    ) -> Sequence[Applied | HubError]:
        """Write each row by itself: one that does not fit any more leaves nothing behind."""
        del earlier
        done: list[Applied | HubError] = []
        for line in lines:
            try:
                with session.begin_nested():
                    done.append(_apply(session, actor, line))
            except HubError as error:
                done.append(error)
            except IntegrityError:
                done.append(Conflict(RACED))
        return done

    def undo(
        self, session: Session, actor: Actor, *, target_id: int, done: dict[str, Any]
    ) -> tuple[str, dict[str, Any]] | None:
        """Take back what was written for a person, unless it has changed since."""
        return undo(session, actor, person_id=target_id, done=done)


def _apply(session: Session, actor: Actor, line: Line) -> Applied:
    """Write one row. Raises HubError where it does not fit, or no longer does."""
    judged = Judge(session, actor, [line]).of(line)
    if judged.verdict not in ("new", "changed"):
        raise Conflict(judged.reason or CHANGED_SINCE, **(judged.values or {}))
    seat = judged.plan
    done: dict[str, Any] = {}
    if judged.verdict == "new":
        person = _added(session, actor, line, judged)
        done["is_new"] = True
        ask_for_reset(session, actor=actor, email=person.email)
        session.refresh(person)
    else:
        person = session.get_one(Person, judged.target_id)
        if "name" in judged.changes:
            done["name"] = [person.name, line.said["name"]]
            person.name = line.said["name"]
            _note(session, actor, "person.renamed", person, before=done["name"][0], after=person.name)
    session.flush()
    if seat is not None and "post" in judged.changes:
        post_id = seat.post_id
        if post_id is None:
            made = create_post(
                session,
                actor=actor,
                facility_id=seat.place.id,
                title=seat.title,
                role=seat.role,
                mailbox=None,
            )
            done["post_id"] = post_id = made.id
        begin = join_pool if seat.is_pool else hand_over
        service = begin(session, actor=actor, post_id=post_id, person_id=person.id, starts_on=seat.starts_on)
        done["appointment_id"] = service.id
    done["at"] = clock.now(session).isoformat()
    return Applied(person.id, done)


def _added(session: Session, actor: Actor, line: Line, judged: Judged) -> Person:
    """Add somebody; an account that the undoing of an import closed is opened again."""
    if judged.target_id is None:
        zone = judged.plan.place.zone if judged.plan else ZONES[0]
        name, email = line.said["name"], line.said["email"]
        return add_person(session, actor=actor, name=name, email=email, zone=zone)
    person = session.get_one(Person, judged.target_id, with_for_update=True)
    person.name, person.is_active = line.said["name"], True
    session.flush()
    _note(session, actor, "person.reopened", person)
    return person


def _note(session: Session, actor: Actor, action: str, person: Person, **detail: Any) -> None:
    record(session, actor=actor, action=action, subject=f"people/{person.id}", **detail)
