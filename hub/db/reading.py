"""A query that is put together once: from then on its text is sent as it is, with other values.

Putting a query together from its parts, looking up its text and preparing its rows cost a process several
times what sending it costs. A page asks the same dozen questions each time, so those are written as
``Reading`` at a module's top, with ``bindparam`` where a value comes in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter
from sqlalchemy.sql import visitors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select, TextClause
    from sqlalchemy.orm import Session


class Reading:
    """A SELECT of columns, or a text, with named values; lists are passed whole, for ``= ANY (…)``."""

    def __init__(self, query: Select[*tuple[Any, ...]] | TextClause) -> None:
        self._query = query
        self._sent: tuple[str, dict[str, Any]] | None = None

    def rows(self, session: Session, **values: object) -> Sequence[Any]:
        """Return all rows, each a tuple in the query's order.

        Raises SQLAlchemy's ProgrammingError where a value is missing.
        """
        connection = session.connection()
        text, constants = self._sent or self._put_together(connection)
        return connection.exec_driver_sql(text, {**constants, **values}).all()

    def _put_together(self, connection: Connection) -> tuple[str, dict[str, Any]]:
        """Compile it with nothing in the named places; what else it holds never changes."""
        open_ = {
            part.key
            for part in visitors.iterate(self._query)
            if isinstance(part, BindParameter) and part.required
        }
        compiled = self._query.params(dict.fromkeys(open_)).compile(dialect=connection.dialect)
        whole = compiled.construct_expanded_state()
        constants = {name: value for name, value in whole.parameters.items() if name not in open_}
        self._sent = (whole.statement, constants)
        return self._sent
