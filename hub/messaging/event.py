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
class Event:
    """Base of every event type; its fields are the event's data.

    ``collaboration_id`` stands in every event's envelope as well, so that whoever reads events of a
    collaboration need not look into the data.
    """

    TYPE: ClassVar[str]
    VERSION: ClassVar[int]

    collaboration_id: int

    @property
    def subject(self) -> str:
        """Return what the event is about, as a path."""
        return f"collaborations/{self.collaboration_id}"

    def data(self) -> dict[str, Any]:
        """Return the fields as they stand; the catalogue encodes them for storing."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


E = TypeVar("E", bound=Event)

REGISTERED: dict[tuple[str, int], type[Event]] = {}
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
