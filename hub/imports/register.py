"""Every kind of list that can be imported, by its name; a name never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hub.imports.facilities import Facilities
from hub.imports.people import People

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hub.imports.kinds import Kind

KINDS: Final[Mapping[str, Kind]] = {"people": People(), "facilities": Facilities()}
