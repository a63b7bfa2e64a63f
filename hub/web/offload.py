"""Run slow work that holds the processor beside the requests, where the process serves many at once.

Under gevent one thread answers thousands of connections; a password's hash would stop them all for 50 ms.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


def in_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what ``work`` returns (or raise what it raises); other requests go on meanwhile."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return work(*args, **kwargs)
    import gevent  # noqa: PLC0415 -- only gunicorn's gevent worker has a use for it

    result: R = gevent.get_hub().threadpool.apply(work, args, kwargs)
    return result
