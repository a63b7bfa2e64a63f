"""Let Python sleep under libfaketime, whose clock_nanosleep refuses the true monotonic clock.

Python imports this module by its name at every start. Only how a process waits is replaced, not how long.
"""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import SupportsIndex


def sleep(seconds: float | SupportsIndex, /) -> None:
    """Wait so long."""
    select.select([], [], [], float(seconds))


time.sleep = sleep
