"""Every lane: a consumer's name and what it does for a batch of events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from workers.consumers import invite, notify, open_tasks, partner_record

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

React = Callable[["Session", Sequence[UUID]], Mapping[UUID, Mapping[str, Any]]]
"""The effect for a batch: takes event ids, returns a summary for each of them."""

LANES: dict[str, React] = {
    module.NAME: module.react for module in (notify, invite, open_tasks, partner_record)
}
"""What this code can answer; a reaction of any other name stays due for newer code."""
