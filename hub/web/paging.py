"""Give a long list page by page: ``?after=<cursor>&limit=<1..100>`` → ``{"items": […], "next": …}``.

A cursor is the sort key of the last item shown, never a number of rows to skip, so that nothing is
shown twice or left out while rows are added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from hub.web.cursors import Cursor, write_cursor
from hub.web.fields import HubSchema, ListOf, Nested, Number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import marshmallow as ma

DEFAULT_LIMIT = 50
GREATEST_LIMIT = 100

Item = TypeVar("Item")


class Page(TypedDict):
    """Some items and the cursor of what follows them, if anything does."""

    items: list[Any]
    next: str | None


def page_query(*kinds: type, **fields: ma.fields.Field[Any]) -> type[HubSchema]:
    """Return the schema of a list's query: ``after`` (a key of these types), ``limit``, further fields.

    A view reads it with ``@blp.arguments(…, location="query")`` and gets ``after`` as a list or None.
    """
    return HubSchema.from_dict(  # type: ignore[return-value]  # it makes a subclass of the class it is called on
        {
            "after": Cursor(*kinds, load_default=None),
            "limit": Number(1, GREATEST_LIMIT, load_default=DEFAULT_LIMIT),
            **fields,
        },
        name="PageQuery",
    )


def page_of(item: type[HubSchema]) -> type[HubSchema]:
    """Make the schema of a page's answer, for ``@blp.response(200, …)``."""
    name = f"{item.__name__.removesuffix('Schema')}Page"
    fields: dict[str, ma.fields.Field[Any]] = {
        "items": ListOf(Nested(item)),
        "next": Cursor(allow_none=True),
    }
    return HubSchema.from_dict(fields, name=name)  # type: ignore[return-value]  # as above


def page(items: Sequence[Item], limit: int, key: Callable[[Item], Sequence[object]]) -> Page:
    """Return the page of up to ``limit`` items; the query must have asked for ``limit + 1`` rows.

    ``key`` gives an item's sort key: ints, strings, datetimes, dates or UUIDs.
    """
    shown = list(items[:limit])
    more = len(items) > limit
    return {"items": shown, "next": write_cursor(key(shown[-1])) if more else None}
