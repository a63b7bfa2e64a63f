"""A query that is put together once: from then on its text is sent as it is, with other values.

Putting a query together from its parts, looking up its text and preparing its rows cost a process several
times what sending it costs. A page asks the same dozen questions each time, so those are written as
``Reading`` at a module's top, with ``bindparam`` where a value comes in. What else a query holds stands in
its text: PostgreSQL plans with it, and plans each text once for a connection (hub.db.plans).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import BindParameter
from sqlalchemy.sql import visitors

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg
    from sqlalchemy import Connection, Select, TextClause
    from sqlalchemy.orm import Session


class Reading:
    """A SELECT of columns, or a text, with named values; lists are passed whole, for ``= ANY (…)``."""

    def __init__(self, query: Select[*tuple[Any, ...]] | TextClause) -> None:
        self._query = query
        self._text = ""

    def rows(self, session: Session, **values: object) -> Sequence[tuple[Any, ...]]:
        """Return all rows, each a tuple in the query's order.

        Raises SQLAlchemy's ProgrammingError where a value is missing, and what else a query raises.
        """
        connection = session.connection()
        return _ask(connection, self._text or self._put_together(connection), values)

    def _put_together(self, connection: Connection) -> str:
        """Compile it with nothing in the named places; what else it holds never changes."""

        def spell_out(element: Any, **_: object) -> Any:
            is_fixed = isinstance(element, BindParameter) and not element.required
            return element.render_literal_execute() if is_fixed else None

        query = visitors.replacement_traverse(self._query, {}, spell_out)
        named = [
            part.key for part in visitors.iterate(query) if isinstance(part, BindParameter) and part.required
        ]
        compiled = cast("Select[*tuple[Any, ...]]", query).params(dict.fromkeys(named))
        whole = compiled.compile(dialect=connection.dialect).construct_expanded_state()
        self._text = whole.statement
        return self._text


def _ask(connection: Connection, text: str, values: dict[str, object]) -> Sequence[tuple[Any, ...]]:
    """Send a text by psycopg itself; whoever watches the engine sees it, and errors are SQLAlchemy's."""
    driver = cast("psycopg.Connection[tuple[Any, ...]]", connection.connection.dbapi_connection)
    cursor = driver.cursor()
    try:
        for watch in connection.dispatch.before_cursor_execute:
            watch(connection, cursor, text, values, None, False)
        return cursor.execute(text, values).fetchall()
    except BaseException as error:  # noqa: BLE001 -- as SQLAlchemy does: an interrupted connection is no good
        # SQLAlchemy has no public name for this, and its types demand a context, which it can do without.
        connection._handle_dbapi_exception(error, text, values, cursor, None)  # type: ignore[arg-type]  # noqa: SLF001 -- see above
