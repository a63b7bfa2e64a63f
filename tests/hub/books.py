"""What a book is: a pure model of the rules, which says for every act what has to come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    import datetime as dt

FAILURES = 400
"""From this status on an act is refused."""

A = TypeVar("A", bound="Act")


def demand(holds: bool, status: int) -> None:  # noqa: FBT001 -- reads as a sentence
    """Raise Refused with this status unless the condition holds."""
    if not holds:
        raise Refused(status)


class Refused(Exception):
    """An act is answered with this status, and nothing changes."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Act(Protocol):
    """Something that somebody asks the hub to do."""

    @property
    def who(self) -> str:
        """Return the name in the cast, or "link"."""


@dataclass(frozen=True, slots=True)
class Told(Generic[A]):
    """What the book says of an act: the answer's status, the events it causes, and the book afterwards."""

    status: int
    events: tuple[str, ...]
    book: Book[A]

    @property
    def is_refused(self) -> bool:
        """Return whether nothing may change."""
        return self.status >= FAILURES


class Book(Protocol[A]):
    """What is right."""

    def tell(self, act: A, now: dt.datetime) -> Told[A]:
        """Return what has to come of an act."""
