"""Count the statements that a page needs, so that a test can demand the same for many rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import event

if TYPE_CHECKING:
    from hub.web.application import HubFlask
    from tests.support.client import HubClient


def queries_of(app: HubFlask, client: HubClient, path: str) -> int:
    """Return how many statements a page needs; fails where the page does."""
    counted: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        counted.append(statement)

    event.listen(app.database.engine, "before_cursor_execute", count)
    try:
        response = client.get(path)
    finally:
        event.remove(app.database.engine, "before_cursor_execute", count)
    assert response.status_code == 200, response.get_data(as_text=True)
    return len(counted)
