"""How long personal data is kept, field by field: one table, and the job that ends it.

A limit either deletes rows or empties a field. Every run takes small batches, each its own transaction: it
may die half way, run twice, or run beside another, and the next run does the rest.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from sqlalchemy import bindparam, text
from sqlalchemy.types import Interval

from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import CursorResult
    from sqlalchemy.orm import Session

    from hub.db.transaction import Database

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Limit:
    """What of a table ends, and how long after what.

    ``over`` is SQL that is true for the rows whose time is over, with ``:age`` for it; ``emptied`` is what is
    set in them; without it they are deleted. ``after`` says in words since when the age counts.
    """

    name: str
    table: str
    age: dt.timedelta
    after: str
    over: str
    emptied: str | None = None
    every: Literal["hour", "day"] = "day"


LIMITS: tuple[Limit, ...] = (
    Limit(
        "request_keys",
        "request_keys",
        dt.timedelta(days=7),
        lazy("after the request"),
        "created_at < hub_now() - :age",
        every="hour",
    ),
    Limit(
        "sign_ins",
        "sign_ins",
        dt.timedelta(days=30),
        lazy("after the sign-in has ended"),
        "expires_at < hub_now() - :age",
        every="hour",
    ),
    Limit(
        "used_challenges",
        "used_challenges",
        dt.timedelta(days=1),
        lazy("after the challenge was answered"),
        "used_at < hub_now() - :age",
        every="hour",
    ),
    Limit(
        "sign_in_throttles",
        "sign_in_throttles",
        dt.timedelta(days=1),
        lazy("after the first failed try, or when the block ends"),
        "first_failed_at < hub_now() - :age AND (blocked_until IS NULL OR blocked_until < hub_now())",
        every="hour",
    ),
    Limit(
        "api_tokens",
        "api_tokens",
        dt.timedelta(days=90),
        lazy("after the token has ended"),
        "least(expires_at, revoked_at) < hub_now() - :age",
    ),
    Limit(
        "absences",
        "absences",
        dt.timedelta(days=365),
        lazy("after the last day"),
        "upper(days) < (hub_now() - :age)::date",
    ),
    Limit(
        "password_asked_at",
        "people",
        dt.timedelta(days=7),
        lazy("after the link was asked for"),
        "password_asked_at < hub_now() - :age",
        emptied="password_asked_at = NULL",
    ),
    Limit(
        "import_parts",
        "import_parts",
        dt.timedelta(days=7),
        lazy("after the file was brought in"),
        "EXISTS (SELECT FROM imports WHERE imports.id = import_id AND created_at < hub_now() - :age)",
    ),
    Limit(
        "imports",
        "imports",
        dt.timedelta(days=180),
        lazy("after the file was brought in"),
        "created_at < hub_now() - :age AND due_at IS NULL",
    ),
    Limit(
        "deliveries",
        "deliveries",
        dt.timedelta(days=2 * 365),
        lazy("after the mail was sent or given up"),
        "settled_at < hub_now() - :age AND address NOT LIKE 'removed-%'",
        # The number keeps what an occurrence sent to two addresses apart.
        emptied="address = 'removed-' || id",
    ),
    Limit(
        "invitations",
        "invitations",
        dt.timedelta(days=2 * 365),
        lazy("after the answer was expected"),
        "respond_by < hub_now() - :age AND address NOT LIKE 'removed-%'",
        emptied="address = 'removed-' || id, former_address = NULL",
    ),
)
"""Every limit. Delegation lists, once there are any, get theirs here: reduced to a number after the visit."""


def count_over(session: Session, limit: Limit) -> int:
    """Return how many rows a limit would end now."""
    statement = f"SELECT count(*) FROM {limit.table} WHERE {limit.over}"  # noqa: S608 -- the table above
    return int(session.execute(_aged(statement), {"age": limit.age}).scalar_one())


def end_batch(session: Session, limit: Limit, *, size: int = BATCH) -> int:
    """End what is over its limit, at most ``size`` rows; return how many."""
    chosen = (
        f"ctid = ANY(ARRAY(SELECT ctid FROM {limit.table} WHERE {limit.over}"  # noqa: S608 -- the table above
        " LIMIT :size))"
    )
    change = f"UPDATE {limit.table} SET {limit.emptied}"  # noqa: S608 -- the table above
    removal = f"DELETE FROM {limit.table}"  # noqa: S608 -- the table above
    statement = f"{change if limit.emptied else removal} WHERE {chosen}"
    result = session.execute(_aged(statement), {"age": limit.age, "size": size})
    return cast("CursorResult[Any]", result).rowcount


def apply_limits(database: Database, limits: Sequence[Limit] = LIMITS) -> Iterator[tuple[Limit, int]]:
    """End what is over each limit, in batches; return each limit with its rows."""
    for limit in limits:
        ended = 0
        while True:
            with database.transaction() as session:
                batch = end_batch(session, limit)
            ended += batch
            if batch < BATCH:
                break
        yield limit, ended


def _aged(statement: str) -> Any:
    return text(statement).bindparams(bindparam("age", type_=Interval))
