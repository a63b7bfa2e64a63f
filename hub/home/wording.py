"""Bring collaborations into the rows that templates draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hub.collaborations.themes import kind_name
from hub.texts.formats import format_moment_range

if TYPE_CHECKING:
    from hub.home.threads import ThreadView


def thread_row(thread: ThreadView, locale: str, zone: str) -> dict[str, Any]:
    """Return a collaboration as a row of a list; ``zone`` is the reader's."""
    cover, stands, plan = thread.cover, thread.stands, thread.view.arrangement
    return {
        "href": f"/collaborations/{cover.id}",
        "title": cover.title,
        "ref": cover.ref,
        "kind": kind_name(cover.kind, locale),
        "guest": stands.guest.name,
        "host": stands.host.name,
        "state": stands.state,
        "tone": stands.tone,
        "turn": stands.turn,
        "is_yours": stands.is_yours,
        "when": format_moment_range(plan.starts_at, plan.ends_at, plan.iana_zone, locale, reader_zone=zone),
        # Whose turn it is stands in the row itself.
        "spine": [{**step, "turn": None} for step in stands.spine],
    }
