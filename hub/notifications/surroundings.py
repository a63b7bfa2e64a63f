"""What every page shows of its reader: the unit they serve in first, and how much they have not read."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, BigInteger, Uuid, bindparam, func, literal, select

from hub.accounts.models import Post
from hub.accounts.places import facilities
from hub.db.reading import Reading
from hub.notifications.models import InboxMark, Notification
from hub.notifications.queries import MOST_COUNTED, unread
from hub.web.request import Surroundings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor


POST = select(facilities.c.name).join(Post, Post.facility_id == facilities.c.id)
READER = bindparam("person", type_=BigInteger)
MARK = select(InboxMark.read_through).where(InboxMark.person_id == READER).scalar_subquery()
UNREAD = (
    select(literal(1))
    .where(
        Notification.recipient_id == READER,
        Notification.read_at.is_(None),
        Notification.event_id > func.coalesce(MARK, bindparam("first", uuid.UUID(int=0), type_=Uuid)),
    )
    .limit(MOST_COUNTED)
    .subquery()
)
SEEN = Reading(
    select(
        select(func.count()).select_from(UNREAD).scalar_subquery(),
        POST.where(Post.id == func.any(bindparam("posts", type_=ARRAY(BigInteger))))
        .order_by(Post.role != "head", Post.is_pool, Post.id)
        .limit(1)
        .scalar_subquery(),
    )
)
"""Both in one query: it is asked for every page."""


def surroundings(session: Session, actor: Actor) -> Surroundings:
    """Return it for somebody who is signed in; for anybody else it is empty."""
    if actor.person_id is None:
        return Surroundings()
    ((count, unit),) = SEEN.rows(session, person=actor.person_id, posts=list(actor.post_ids))
    shown = unread(count)
    return Surroundings(unit=unit or "", unread=shown.label if shown.count else "")
