"""Who may ask for a collaboration's routes, and how it is found: hidden looks like absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.collaborations.queries import Cover, find_cover
from hub.errors import NotFound
from hub.texts.catalogue import lazy
from hub.web.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from hub.actor import Actor


def find_collaboration(session: Session, actor: Actor, *, collaboration_id: int) -> Cover:
    """Return the collaboration. Raises NotFound for one the actor may not see."""
    cover = find_cover(session, actor, collaboration_id)
    if cover is None:
        raise NotFound(lazy("There is no such collaboration."))
    return cover


POLICIES: Mapping[str, Policy] = {
    "collaborations.list_themes": Policy("signed_in"),
    "collaborations.list_events": Policy("signed_in", find_collaboration),
}
