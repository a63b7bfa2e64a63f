"""A list of 25 through the JSON API, against the same list by entities and by raw SQL on the same server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from tests.bench import load, scene
from tests.bench.stage import stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.harness import Bench

TITLE = "Lists through the API"
PEERS = "tests.bench.peers.lists:app"
PATH = "/api/v1/tasks?scope=unit&limit=25"
NOTE = "the same rows, scope and token on the same server"


def rows(bench: Bench) -> None:
    """Ask for the open tasks of a unit; first compare that all three answer the same."""
    seconds = bench.size(4, 1)
    with stage() as servers, servers.hub() as hub:
        shown = scene.build(hub, own=bench.size(300, 40), others=bench.size(300, 10))
        headers = {"authorization": f"Bearer {shown.bearer}", "accept_language": "id"}
        with load.server(hub.fleet, load.HUB) as port, load.server(hub.fleet, PEERS) as peers:
            ours = load.request(PATH, **headers)
            entities, raw = (load.request(path, **headers) for path in ("/entities", "/raw"))
            _demand_same(_items(port, ours), _items(peers, entities), _items(peers, raw))

            def rate(where: int, asked: bytes) -> Callable[[], float]:
                return lambda: load.hammer(where, asked, seconds=seconds).per_second

            for name, asked, goal in (
                ("entities, marshmallow and jsonify", entities, 3.0),
                ("raw psycopg and orjson", raw, 0.6),
            ):
                bench.compare(
                    "list of 25 tasks",
                    ours=rate(port, ours),
                    other=rate(peers, asked),
                    against=name,
                    unit="requests/s",
                    better="higher",
                    goal=goal,
                    note=NOTE,
                )
            bench.compare(
                "the limit: raw psycopg and orjson",
                ours=rate(peers, raw),
                other=rate(peers, entities),
                against="entities, marshmallow and jsonify",
                unit="requests/s",
                better="higher",
                goal=None,
                note="how far any list on this server and sign-in can be ahead",
            )
            for name, path in (
                ("25 collaborations with parties and turn", "/api/v1/collaborations?limit=25"),
                ("25 notices of the inbox, in words", "/api/v1/inbox?limit=25"),
            ):
                measure = rate(port, load.request(path, **headers))
                figures = [measure() for _ in range(bench.rounds)]
                bench.say(name, figures, unit="requests/s", better="higher", note="no peer, no goal")


def _items(port: int, asked: bytes) -> list[dict[str, object]]:
    status, body, _ = load.fetch(port, asked)
    if status != 200:
        raise RuntimeError(f"{asked!r}: {status} {body!r}")
    items: list[dict[str, object]] = orjson.loads(body)["items"]
    return items


def _demand_same(*answers: list[dict[str, object]]) -> None:
    first, *others = answers
    if len(first) != 25 or any(other != first for other in others):
        raise RuntimeError("the peers do not answer what the hub answers")
