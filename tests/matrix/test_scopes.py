"""Every route of the API by a token that may do everything else, and by one that may do this alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.accounts.commands.tokens import create_token
from hub.actor import system_actor
from hub.web.policy import scope_of
from hub.web.scopes import SCOPES
from tests.matrix.calls import NOT_FOUND, Call, calls, lists
from tests.support.client import HubClient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.matrix.world import World

OWNERS = ("guest's head", "host's section", "administrator")
FORBIDDEN = 403


class Programs:
    """Clients that act by tokens of some people, made when first asked for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.made: dict[tuple[str, frozenset[str]], HubClient] = {}

    def client(self, owner: str, scopes: Iterable[str]) -> HubClient:
        """Return a program of an owner that may be used for so much."""
        key = (owner, frozenset(scopes))
        if key not in self.made:
            who = self.world.actors[owner]
            assert who is not None
            # What a request of the matrix writes is taken back, so this one is written by hand.
            with self.world.stage.owner.transaction() as session:
                made = create_token(
                    session,
                    actor=system_actor("matrix"),
                    person_id=who.id,
                    label="Matriks",
                    days=90,
                    scopes=sorted(key[1]),
                )
            program = HubClient(self.world.app)
            program.bearer = made.secret
            self.made[key] = program
        return self.made[key]


def needed_for(world: World, call: Call) -> str | None:
    """Return the scope that a call takes; None where no token gets in."""
    rule = next(rule for rule in world.app.url_map.iter_rules() if rule.endpoint == call.endpoint)
    needed = scope_of(world.app.policies[call.endpoint], rule, call.method)
    return needed if needed in SCOPES else None


def one_each(world: World, name: str, *, seen: bool) -> list[Call]:
    """Return one call of each route of the API, on what the owner may know of, or may not."""
    found: dict[tuple[str, str], Call] = {}
    for call in [*calls(world), *lists(world)]:
        if call.is_api and (name in call.readers) == seen:
            found.setdefault((call.endpoint, call.method), call)
    return list(found.values())


def test_token_without_the_scope_is_told_which_one_it_lacks(world: World) -> None:
    programs, tried = Programs(world), set()
    for name in OWNERS:
        for call in one_each(world, name, seen=True):
            needed = needed_for(world, call)
            if needed is None:
                continue
            answer = call.send(programs.client(name, SCOPES.keys() - {needed}))
            assert answer.status_code == FORBIDDEN, (name, str(call), answer.get_data())
            said = answer.get_json()
            assert (said["code"], said["scope"]) == ("insufficient-scope", needed), (name, str(call))
            tried.add(call.endpoint)
    assert len(tried) > 20


def test_token_with_that_scope_alone_is_let_in(world: World) -> None:
    programs = Programs(world)
    for name in OWNERS:
        for call in one_each(world, name, seen=True):
            if (needed := needed_for(world, call)) is not None:
                answer = call.send(programs.client(name, {needed}))
                assert b"insufficient-scope" not in answer.get_data(), (name, str(call))
                # 422: a list that must be told of which unit.
                assert call.method != "GET" or answer.status_code in (200, 422), (name, str(call))


def test_what_is_hidden_is_not_there_whatever_a_token_lacks(world: World) -> None:
    programs = Programs(world)
    for name in ("guest's head", "host's section"):
        for call in one_each(world, name, seen=False):
            needed = needed_for(world, call)
            if needed is None or world.app.policies[call.endpoint].who != "signed_in":
                continue
            answer = call.send(programs.client(name, SCOPES.keys() - {needed}))
            assert answer.status_code == NOT_FOUND, (name, str(call))
