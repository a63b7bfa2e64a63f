"""Read an agenda as people follow it: each item with its place on the host's clock and who leads it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from hub.accounts.models import Post
from hub.collaborations.themes import known_theme_name
from hub.facilities.models import Facility

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.visits.queries.views import ArrangementView


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One item; ``clock`` is "09.15–09.55" at the host, ``owner`` a post with its unit."""

    clock: str
    title: str
    minutes: int
    theme: str | None
    owner: str | None


def agenda_lines(session: Session, plan: ArrangementView, locale: str) -> list[AgendaLine]:
    """Return the lines of an arrangement's agenda, one after the other from its start."""
    owners = _owners(session, {item.owner_post_id for item in plan.agenda if item.owner_post_id is not None})
    lines: list[AgendaLine] = []
    # Indonesia's zones know no summer time, so minutes can be added to the local time.
    begins = plan.starts_at
    for item in plan.agenda:
        ends = begins + dt.timedelta(minutes=item.minutes)
        lines.append(
            AgendaLine(
                clock=f"{begins:%H.%M}\N{EN DASH}{ends:%H.%M}",
                title=item.title,
                minutes=item.minutes,
                theme=known_theme_name(item.theme, locale) if item.theme else None,
                owner=owners.get(item.owner_post_id) if item.owner_post_id is not None else None,
            )
        )
        begins = ends
    return lines


def _owners(session: Session, post_ids: set[int]) -> dict[int, str]:
    rows = session.execute(
        select(Post.id, Post.title, Facility.name)
        .join(Facility, Facility.id == Post.facility_id)
        .where(Post.id.in_(post_ids))
    )
    return {post_id: f"{title}, {unit}" for post_id, title, unit in rows}
