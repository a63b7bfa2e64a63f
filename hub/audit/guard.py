"""Let no text about somebody in custody be shared unless a person has looked and says that it is none.

What looks suspicious is only ever suspected (hub/texts/inmates.py): who wrote it takes it out, or confirms.
A confirmation is worth an entry of the audit log, with the fields and the kinds; the text is kept out of it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.audit.record import record
from hub.errors import Invalid
from hub.texts.catalogue import lazy
from hub.texts.inmates import excerpts_of, kinds_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.texts.inmates import Kind

CONFIRMED = "inmate_data.ruled_out"
"""The action of the audit log: somebody looked and says that it is no inmate's data."""
LOOK_AGAIN = lazy(
    "Something here may tell who is in custody, so nothing was sent. Take it out, or confirm that it is no "
    "inmate's data."
)
AT_FIELD = lazy("This may tell who is in custody.")


class InmateDataSuspected(Invalid):
    """A text may tell who is in custody, and nobody has confirmed that it does not; ``kinds`` by field."""

    code = "inmate-data-suspected"

    def __init__(self, kinds: Mapping[str, tuple[Kind, ...]]) -> None:
        super().__init__(LOOK_AGAIN, fields=dict.fromkeys(kinds, AT_FIELD))
        self.kinds = dict(kinds)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What somebody says is no inmate's data: all of it, or the pieces that were shown, by their marks."""

    is_everything: bool = False
    marks: frozenset[str] = frozenset()

    def covers(self, mark: str) -> bool:
        """Return whether the pieces of this mark are confirmed."""
        return self.is_everything or mark in self.marks


NOTHING = Confirmed()


def mark_of(text: str) -> str:
    """Return a short mark of a text's suspicious pieces: a new piece has not been confirmed with the old."""
    return hashlib.sha256("\0".join(excerpts_of(text)).encode()).hexdigest()[:16]


def suspected_in(texts: Mapping[str, str]) -> dict[str, tuple[Kind, ...]]:
    """Return the fields whose text may tell who is in custody, with the kinds of what was seen."""
    return {field: kinds for field, text in texts.items() if (kinds := kinds_of(text))}


def demand_no_inmates(
    session: Session, *, actor: Actor, subject: str, texts: Mapping[str, str], confirmed: Confirmed
) -> None:
    """Let texts pass that are unsuspicious or confirmed, and record what was confirmed.

    Raises InmateDataSuspected with the fields that are neither.
    """
    seen = suspected_in(texts)
    unconfirmed = {
        field: kinds for field, kinds in seen.items() if not confirmed.covers(mark_of(texts[field]))
    }
    if unconfirmed:
        raise InmateDataSuspected(unconfirmed)
    if seen:
        fields = {field: list(kinds) for field, kinds in seen.items()}
        record(session, actor=actor, action=CONFIRMED, subject=subject, fields=fields)
