"""What an event is: a frozen dataclass with a name, a version and a docstring that documents it.

The name is data, never the Python path: ``visit.scheduled`` may move to another module, stored
events must not notice.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, kw_only=True)
class AnyEvent:
    """Base of every event type; its fields are the event's data."""

    TYPE: ClassVar[str]
    VERSION: ClassVar[int]

    @property
    def thread_id(self) -> int | None:
        """Return the collaboration it belongs to, or None."""
        return None

    @property
    def subject(self) -> str:
        """Return what the event is about, as a path."""
        # Every kind of event says its own; the catalogue registers none of this class itself.
        raise NotImplementedError

    def data(self) -> dict[str, Any]:
        """Return the fields as they stand; the catalogue encodes them for storing."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(frozen=True, kw_only=True)
class Event(AnyEvent):
    """Something that happened in a collaboration.

    ``collaboration_id`` stands in the event's envelope as well, so that whoever reads events of a
    collaboration need not look into the data.
    """

    collaboration_id: int

    @property
    def thread_id(self) -> int | None:
        """Return the collaboration."""
        return self.collaboration_id

    @property
    def subject(self) -> str:
        """Return the collaboration as a path."""
        return f"collaborations/{self.collaboration_id}"


@dataclass(frozen=True, kw_only=True)
class UnitEvent(AnyEvent):
    """Something that happened inside a unit: no collaboration's affair, and told to nobody else."""

    facility_id: int

    @property
    def subject(self) -> str:
        """Return the unit as a path."""
        return f"facilities/{self.facility_id}"


E = TypeVar("E", bound=AnyEvent)

REGISTERED: dict[tuple[str, int], type[AnyEvent]] = {}
"""Every event type by name and version; filled when the capabilities' events modules are imported."""


def event_type(name: str, *, version: int) -> Callable[[type[E]], type[E]]:
    """Register a dataclass as an event type. Raises ValueError for a name and version given twice."""

    def register(cls: type[E]) -> type[E]:
        if (name, version) in REGISTERED:
            raise ValueError(f"{name} v{version} is registered twice")
        cls.TYPE, cls.VERSION = name, version
        REGISTERED[name, version] = cls
        return cls

    return register
