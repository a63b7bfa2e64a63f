"""A mail worker that settles whatever it had claimed once, no matter who has claimed it since.

``celery -A tests.faults.sabotage.unfenced worker …``.
"""

from __future__ import annotations

from sqlalchemy import text

from workers.app import app
from workers.delivery import due

__all__ = ["app"]

FENCE = " AND attempts = :attempts AND state = 'due'"
fenced = str(due.SETTLE)
if FENCE not in fenced:
    raise LookupError("the statement that settles a delivery has another fence now")
due.SETTLE = text(fenced.replace(FENCE, ""))
