"""Who acts: a person who signed in, the holder of an invitation link, or the hub itself."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Literal

ActorKind = Literal["person", "link", "system"]
Sees = Literal["own", "asked", "admin", "everything"]
"""What the rows' policies let an actor see: what is their units' and regions', besides that all that was
submitted, besides that what only administrators read, or drafts too: only the hub itself (decision 33)."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and for which units, as found when the request began.

    ``unit_ids`` are the facilities where the person serves now, ``headed_ids`` those of them where in
    the post of the head, ``answering_ids`` those whose invitations they may answer because that right is
    lent to them, ``post_ids`` the posts held. ``region_ids`` are the regional offices whose units the
    person oversees; ``oversees_all``, ``is_admin`` and ``is_auditor`` come from grants.
    ``has_second_factor``: whoever signs in as this person shows more than a password.
    ``scopes``: what the token they act by may be used for; None for whoever acts by no token.
    ``has_passkey``: one of the ways to do so. ``is_fresh``: they proved who they are a few minutes ago.
    ``correlation_id`` is the same for everything that one request sets in motion.
    """

    kind: ActorKind
    label: str
    person_id: int | None = None
    unit_ids: tuple[int, ...] = ()
    headed_ids: tuple[int, ...] = ()
    answering_ids: tuple[int, ...] = ()
    post_ids: tuple[int, ...] = ()
    region_ids: tuple[int, ...] = ()
    oversees_all: bool = False
    is_admin: bool = False
    is_auditor: bool = False
    has_second_factor: bool = False
    scopes: frozenset[str] | None = None
    has_passkey: bool = False
    is_fresh: bool = False
    locale: str = "id"
    zone: str = "Asia/Jakarta"
    correlation_id: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def sees(self) -> Sees:
        """Return what the rows' policies let this actor see."""
        if self.kind == "system":
            return "everything"
        if self.is_admin:
            return "admin"
        return "asked" if self.oversees_all else "own"


def system_actor(label: str) -> Actor:
    """Return the actor for what the hub does by itself or an operator does at the command line."""
    return Actor(kind="system", label=label, is_admin=True, oversees_all=True)
