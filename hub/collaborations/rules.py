"""Who may do what to a collaboration: pure questions about an actor and the parties."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from hub.actor import Actor


def may_propose(actor: Actor, guest_id: int) -> bool:
    """Return whether the actor may write a proposal for a unit: whoever serves in it."""
    return actor.kind == "person" and (guest_id in actor.unit_ids or guest_id in actor.headed_ids)


def may_decide(actor: Actor, facility_id: int) -> bool:
    """Return whether the actor may bind a unit: submit, withdraw, rearrange, invite. Only its head."""
    return actor.kind == "person" and facility_id in actor.headed_ids


def may_answer(actor: Actor, facility_id: int) -> bool:
    """Return whether the actor may answer invitations to a unit: its head, or to whom that is lent."""
    return may_decide(actor, facility_id) or (actor.kind == "person" and facility_id in actor.answering_ids)


def may_take_part(actor: Actor, party_ids: Collection[int]) -> bool:
    """Return whether the actor serves in one of the parties (facility ids)."""
    return actor.kind == "person" and not set(party_ids).isdisjoint((*actor.unit_ids, *actor.headed_ids))


def may_conclude(actor: Actor, party_ids: Collection[int]) -> bool:
    """Return whether the actor may publish for the parties: the head of one of them."""
    return actor.kind == "person" and not set(party_ids).isdisjoint(actor.headed_ids)
