"""PostgreSQL plans a reading's text once for a connection; everything else it plans for its values.

Planning a page's queries costs PostgreSQL three times what answering them costs, and by itself it plans them
anew each time: it thinks an array of one id cheaper than one of any length, and planning free.
So a transaction that only reads keeps plans (``plan_cache_mode``) from the query on that finds who acts.
The first statement that is no reading ends that: what it filters by is known only when it is put together.
A reading of a list says in its text how long a page is, for a kept plan must know that it is short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.orm import Session

KEPT: Final = "force_generic_plan"
AUTO: Final = "auto"
TELL: Final = "set_config('plan_cache_mode', :plans, true)"
"""What the query that finds who acts says by the way, with KEPT or AUTO."""
NOTED: Final = "plans"


def note_kept(session: Session) -> None:
    """Note that this transaction keeps plans from now on, since its query that found who acts has said so."""
    session.connection().info[NOTED] = KEPT


def forget(connection: Connection) -> None:
    """Note that a transaction begins: what was said by the last one ended with it."""
    connection.info.pop(NOTED, None)


def plan_others_anew(engine: Engine) -> None:
    """Let statements that are no readings be planned for their values."""

    def say_so(connection: Connection, *others: Any) -> None:
        *_, context, _is_many = others
        # A reading has no context.
        if context is not None and connection.info.pop(NOTED, None) == KEPT:
            connection.exec_driver_sql(f"SET LOCAL plan_cache_mode = {AUTO}")

    event.listen(engine, "before_cursor_execute", say_so)
