"""Who may do what: people who serve, heads, and nobody else."""

from __future__ import annotations

import pytest

from hub.actor import Actor, system_actor
from hub.collaborations import rules

STAFF = Actor(kind="person", label="Staf", person_id=1, unit_ids=(5,))
HEAD = Actor(kind="person", label="Kepala", person_id=2, unit_ids=(5,), headed_ids=(5,))
OTHER = Actor(kind="person", label="Lain", person_id=3, unit_ids=(9,), headed_ids=(9,))
OVERSEER = Actor(kind="person", label="Kanwil", person_id=4, region_ids=(5,), oversees_all=True)
LINK = Actor(kind="link", label="Tautan", unit_ids=(5,), headed_ids=(5,))


@pytest.mark.parametrize(
    ("actor", "proposes", "decides"),
    [
        (STAFF, True, False),
        (HEAD, True, True),
        (OTHER, False, False),
        (OVERSEER, False, False),
        (LINK, False, False),
        (system_actor("uji"), False, False),
    ],
)
def test_staff_propose_and_heads_decide(*, actor: Actor, proposes: bool, decides: bool) -> None:
    assert rules.may_propose(actor, 5) == proposes
    assert rules.may_decide(actor, 5) == decides
    assert rules.may_take_part(actor, [4, 5]) == proposes
    assert rules.may_conclude(actor, [4, 5]) == decides
