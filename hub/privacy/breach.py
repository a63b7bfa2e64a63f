"""Say who was concerned by a breach, and write the notice that is owed within 3 × 24 hours.

UU 27/2022, article 46: the persons and the agency are told in writing at least which personal data came to
light, when and how, and what is done about it. What the hub knows stands here; what only people know is a
place to be filled in.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from hub.audit.record import record
from hub.clock import now
from hub.errors import Invalid
from hub.privacy.register import HOLDINGS
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor

TELL_WITHIN = dt.timedelta(hours=3 * 24)
TO_BE_FILLED_IN = "(to be filled in)"
ENDS_BEFORE_START = lazy("The end must be after the start.")
NOBODY_OF_THIS_ADDRESS = lazy("Nobody has this address: %(address)s")
COLUMNS = ("person_id", "name", "email", "reasons", "sign_ins", "acts")
# A sign-in concerns a span that it was open in, whether it was used then or not.
CONCERNED = text(
    """
    WITH signed AS (
        SELECT person_id, count(*) AS sign_ins FROM sign_ins
        WHERE created_at < :until AND least(revoked_at, expires_at) >= :since GROUP BY person_id
    ), acted AS (
        SELECT actor_id AS person_id, count(*) AS acts FROM audit
        WHERE at >= :since AND at < :until AND actor_id IS NOT NULL GROUP BY actor_id
    ), done AS (
        SELECT actor_id AS person_id, count(*) AS acts FROM events
        WHERE occurred_at >= :since AND occurred_at < :until AND actor_id IS NOT NULL GROUP BY actor_id
    )
    SELECT people.id AS person_id, people.name, people.email,
           coalesce(signed.sign_ins, 0) AS sign_ins,
           coalesce(acted.acts, 0) + coalesce(done.acts, 0) AS acts,
           people.id = ANY(:named) AS is_named
    FROM people
    LEFT JOIN signed ON signed.person_id = people.id
    LEFT JOIN acted ON acted.person_id = people.id
    LEFT JOIN done ON done.person_id = people.id
    WHERE people.id = ANY(:named)
       OR (NOT :only_named AND coalesce(signed.sign_ins, acted.acts, done.acts) > 0)
    ORDER BY people.id
    """
)
NAMED = text("SELECT id FROM people WHERE lower(email) = lower(:address)")


@dataclass(frozen=True, slots=True)
class Concerned:
    """A person whose data may have come to light, and why they are on the list."""

    person_id: int
    name: str
    email: str
    reasons: tuple[str, ...]
    sign_ins: int
    acts: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What people say of the breach; what nobody knows yet is to be filled in."""

    what: str = TO_BE_FILLED_IN
    how: str = TO_BE_FILLED_IN
    measures: str = TO_BE_FILLED_IN
    contact: str = TO_BE_FILLED_IN


def report_breach(
    session: Session,
    *,
    actor: Actor,
    since: dt.datetime,
    until: dt.datetime,
    addresses: Sequence[str] = (),
    only_named: bool = False,
    facts: Facts | None = None,
) -> dict[str, Any]:
    """Return the report: the facts the law asks for, and who was concerned; its making is recorded.

    Concerned is who was signed in or did something between ``since`` and ``until``, and whose address is
    in ``addresses``; with ``only_named`` only these. Raises Invalid for a span that ends before it starts
    and for an address that nobody has.
    """
    if until <= since:
        raise Invalid(ENDS_BEFORE_START)
    named = [_person(session, address) for address in addresses]
    values = {"since": since, "until": until, "named": named, "only_named": only_named}
    people = [_concerned(row) for row in session.execute(CONCERNED, values).mappings()]
    record(
        session,
        actor=actor,
        action="breach.reported",
        subject="privacy/breach",
        since=since.isoformat(),
        until=until.isoformat(),
        named=named,
        concerned=len(people),
    )
    made = now(session)
    return {
        "law": "UU 27/2022, article 46",
        "written_at": made.isoformat(),
        "tell_by": (made + TELL_WITHIN).isoformat(),
        "tell_by_note": "3 x 24 hours from this report; count from when the failure became known",
        "facts": {
            "which_data": {one.table: [c for c in one.columns if c not in one.secret] for one in HOLDINGS},
            "what": (facts or Facts()).what,
            "when": {"from": since.isoformat(), "to": until.isoformat()},
            "how": (facts or Facts()).how,
            "measures": (facts or Facts()).measures,
            "contact": (facts or Facts()).contact,
        },
        "concerned": [asdict(one) for one in people],
    }


def as_csv(report: dict[str, Any]) -> str:
    """Return who was concerned as CSV, for a letter to each of them."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in report["concerned"]:
        cells = {**one, "reasons": "; ".join(one["reasons"])}
        writer.writerow([_plain(cells[column]) for column in COLUMNS])
    return made.getvalue()


def _person(session: Session, address: str) -> int:
    found = session.execute(NAMED, {"address": address}).scalar_one_or_none()
    if found is None:
        raise Invalid(NOBODY_OF_THIS_ADDRESS, address=address)
    return int(found)


def _concerned(row: Any) -> Concerned:
    reasons = (
        *(["was named"] if row["is_named"] else []),
        *(["was signed in"] if row["sign_ins"] else []),
        *(["did something"] if row["acts"] else []),
    )
    return Concerned(row["person_id"], row["name"], row["email"], reasons, row["sign_ins"], row["acts"])


def _plain(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
