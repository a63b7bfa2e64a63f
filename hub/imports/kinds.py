"""What kinds of lists there are, and what each must know to be imported."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.errors import HubError
    from hub.imports.columns import Field


@dataclass(frozen=True, slots=True)
class Line:
    """A row as a kind sees it: its number in the file, and what it says, field by field."""

    number: int
    said: dict[str, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the hub makes of a row, before anything is written.

    ``changes`` says field by field what is there and what will be; ``plan`` is what applying needs.
    """

    verdict: str
    reason: str | None = None
    values: dict[str, Any] | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    target_id: int | None = None
    plan: Any = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What was written for a row: whose it is now, and what undoing needs to know (as JSON)."""

    target_id: int
    done: dict[str, Any]


Earlier: TypeAlias = "Callable[[Collection[str]], Mapping[str, dict[str, str]]]"
"""Returns, for some keys, what the rows with them further up in the file say that were judged new."""


class Kind(Protocol):
    """A kind of list. Judging is set-based, for some hundred rows at once; it writes nothing."""

    name: str
    fields: tuple[Field, ...]
    #: Rows a file may have, and its bytes.
    most_rows: int
    largest: int
    #: Rows that are applied in one transaction.
    batch: int

    def may_import(self, actor: Actor) -> bool:
        """Return whether the actor may import anything of this kind."""

    def key(self, said: dict[str, str]) -> str | None:
        """Return what a row is about, the same for two rows about the same; None where it says nothing."""

    def label(self, said: dict[str, str]) -> str:
        """Return how a row is called in a list."""

    def judge(
        self, session: Session, actor: Actor, lines: Sequence[Line], earlier: Earlier
    ) -> Sequence[Judged]:
        """Return the verdict on each row, in order; ``earlier`` tells of rows further up in the file."""

    def apply(
        self, session: Session, actor: Actor, lines: Sequence[Line], earlier: Earlier
    ) -> Sequence[Applied | HubError]:
        """Write rows that were judged new or changed; return for each what was done, or why it was not.

        They are judged anew in this transaction; a row that is refused leaves nothing behind.
        """

    def undo(
        self, session: Session, actor: Actor, *, target_id: int, done: dict[str, Any]
    ) -> tuple[str, dict[str, Any]] | None:
        """Take back what was written for a row; return why it was kept, an English msgid and its values."""
