"""A share of what was taken, by the nearest rank: always a figure that was taken."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


def quantile(taken: Collection[float], share: float) -> float:
    """Return the least figure that is not exceeded by ``share`` of them."""
    return sorted(taken)[max(0, math.ceil(share * len(taken)) - 1)]
