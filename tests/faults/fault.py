"""What a fault is: a name, a bound, and how it is struck."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.faults import cases

if TYPE_CHECKING:
    from tests.faults.driver import Driver
    from tests.faults.rig import Rig


class SkippedError(Exception):
    """The fault cannot be provoked on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run is to be: its seed, and whether it may take its time."""

    seed: int
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class Struck:
    """What a fault did: how much work its weakest blow met, and what must be found afterwards."""

    in_flight: int
    driver: Driver
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further measures, printed as they are."""
    parked: Collection[tuple[UUID, str]] = ()
    """Reactions (event, consumer) that must be parked in the end; all others must be done."""
    failed: int = 0
    """Deliveries that must have failed in the end."""
    unmet: Collection[str] = ()
    """Promises of its own that the fault saw broken, in words."""
    settled_s: float | None = None
    """How long settling took, where the fault measured that itself."""
    repeats: int | None = None
    """Most repeated sends that the fault may cause; None: one for each blow, or one in two hundred."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the plan in docs/RELIABILITY.md."""

    id: str
    title: str
    bound_s: float
    """From the last blow until nothing is due, in seconds of the rig."""
    run: Callable[[Rig, Plan], Struck]
    in_ci: bool = False
    in_short: bool = True
    """Whether the short form has it, too."""
    bound_note: str = ""
    """What the bound is in production where the rig's pace divides it."""
    rig: Mapping[str, Any] = field(default_factory=dict)
    """Further arguments of the rig, such as another pace."""


def all_faults() -> dict[str, Fault]:
    """Return every fault by its id."""
    modules = sorted(module.name for module in pkgutil.iter_modules(cases.__path__))
    found = [importlib.import_module(f"{cases.__name__}.{name}").FAULT for name in modules]
    return {fault.id: fault for fault in sorted(found, key=lambda fault: fault.id)}
