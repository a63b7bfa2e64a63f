"""The shipped worker, except that it answers for one consumer only: so a named point is met in its lane.

``celery -A tests.faults.sabotage.one_lane worker …`` with RIG_LANE=notify and RIG_APP, the
application that it otherwise is, in the environment.
"""

from __future__ import annotations

import importlib
import os

from workers.drain.lanes import LANES

__all__ = ["app"]

app = importlib.import_module(os.environ["RIG_APP"]).app
ONLY = os.environ["RIG_LANE"]
for name in LANES.keys() - {ONLY}:
    del LANES[name]
