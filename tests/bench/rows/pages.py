"""Pages of the shipped server: how many a second, how soon one alone, how much a first visit weighs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hub.factory import create_app
from tests.bench import load, scene
from tests.bench.stage import stage
from tests.browser.test_queries import PAGES, add_stories
from tests.support.client import HubClient
from tests.support.counting import queries_of
from tests.support.unhurried import unhurried

if TYPE_CHECKING:
    from tests.bench.harness import Bench
    from tests.bench.scene import Scene
    from tests.bench.stage import Hub

TITLE = "Pages"
PEER = "tests.bench.peers.page:app"
ALONE_MS = 12
FILES = re.compile(rb'(?:href|src)="(/static/[^"]+)"')
FIRST_VISIT_BYTES = 100_000


def rows(bench: Bench) -> None:
    """Measure home, a collaboration with a six-item agenda and its JSON; then weigh and count."""
    seconds = bench.size(4, 1)
    with stage() as servers, servers.hub() as hub:
        shown = scene.build(hub, own=bench.size(60, 30), others=bench.size(300, 10))
        browser = {
            "cookie": f"__Host-hub={shown.cookie}",
            "accept_encoding": "gzip, br",
            "accept_language": "id",
        }
        program = {"authorization": f"Bearer {shown.bearer}", "accept_language": "id"}
        home = load.request("/home", **browser)
        with load.server(hub.fleet, load.HUB) as port:
            for name, asked, goal in (
                ("home", home, 240),
                (
                    "a collaboration",
                    load.request(f"/collaborations/{shown.collaboration_id}", **browser),
                    150,
                ),
                (
                    "its visit with six agenda items",
                    load.request(f"/visits/{shown.visit_id}", **browser),
                    150,
                ),
                (
                    "the collaboration as JSON",
                    load.request(f"/api/v1/collaborations/{shown.collaboration_id}", **program),
                    230,
                ),
            ):
                _say_rate(bench, port, name, asked, goal, seconds)
            _, plain, _ = load.fetch(port, load.request("/home", cookie=browser["cookie"]))
            _say_first_visit(bench, port, browser, plain)
            with load.server(hub.fleet, PEER, PAGE_BYTES=str(len(plain))) as bare:
                constant = load.request("/")
                bench.compare(
                    "home",
                    ours=lambda: load.hammer(port, home, seconds=seconds).per_second,
                    other=lambda: load.hammer(bare, constant, seconds=seconds).per_second,
                    against=f"a bare Flask page of {len(plain)} constant bytes",
                    unit="requests/s",
                    better="higher",
                    goal=None,
                    note="compressed, from rows, for who is signed in",
                )
        _count(bench, hub, shown)


def _say_rate(bench: Bench, port: int, name: str, asked: bytes, goal: float, seconds: float) -> None:
    busy = sorted(load.hammer(port, asked, seconds=seconds).per_second for _ in range(bench.rounds))
    alone = sorted(
        load.hammer(port, asked, seconds=seconds / 2, connections=1).p50 for _ in range(bench.rounds)
    )
    bench.say(
        name,
        busy[len(busy) // 2],
        unit="requests/s",
        better="higher",
        goal=goal,
        spread=(busy[0], busy[-1]),
        note=f"{load.CONNECTIONS} connections, ten times Indico's",
    )
    bench.say(
        f"{name}, alone: p50",
        alone[len(alone) // 2],
        unit="ms",
        better="lower",
        goal=ALONE_MS,
        spread=(alone[0], alone[-1]),
    )


def _say_first_visit(bench: Bench, port: int, browser: dict[str, str], plain: bytes) -> None:
    """Weigh home and every file that it names, as they travel to a browser that has none of them."""
    paths = ["/home", *dict.fromkeys(path.decode() for path in FILES.findall(plain))]
    sizes = [load.fetch(port, load.request(path, **browser))[2] for path in paths]
    bench.say(
        "a first visit to home",
        sum(sizes),
        unit="bytes",
        better="lower",
        goal=FIRST_VISIT_BYTES,
        note=f"{len(sizes)} answers with their heads, Brotli",
    )


def _count(bench: Bench, hub: Hub, shown: Scene) -> None:
    """Count each page's statements; tests/browser/test_queries.py demands that rows add none."""
    app = create_app(hub.settings)
    try:
        ids = add_stories(hub.owner, shown.cast, 1)
        with unhurried(app):
            for who, path in PAGES:
                client = HubClient(app).signed_in(getattr(shown.cast, who))
                address = path.format(**ids)
                queries_of(app, client, address)
                name = path.partition("?")[0]
                taken = queries_of(app, client, address)
                bench.say(f"{name} ({who})", taken, unit="statements", better="lower")
    finally:
        app.database.dispose()
