"""Searching the registry: every labelled search at 614 units and at 100,000 facilities."""

from __future__ import annotations

import contextlib
import csv
import time
from typing import TYPE_CHECKING

from sqlalchemy import text

from hub.actor import system_actor
from hub.facilities.commands.importing import import_units
from hub.facilities.finding import search
from hub.facilities.lists import SHIPPED, read_lists
from tests.bench.quantiles import quantile
from tests.bench.stage import stage
from tests.hub.facilities.test_labelled import QUERIES

if TYPE_CHECKING:
    from tests.bench.harness import Bench
    from tests.bench.stage import Hub

TITLE = "Search of the registry"
FULL, QUICK = 100_000, 5_000
AT_ONCE = 2_000
"""Rows of one statement: the hub's connections wait seconds for an answer, no longer."""
UNITS = 614
GOAL = 2.0
# The partners that a country has: a few kinds in every town of the registry, numbered, so that each word of a
# unit's town leads to many facilities more.
GROW = text(
    """
    WITH towns AS (
        SELECT row_number() OVER (ORDER BY id) - 1 AS number, count(*) OVER () AS many,
               regexp_replace(name_key, '^.* kelas [a-z]+ ', '') AS town, area_text, iana_zone, region_id
        FROM facilities WHERE kind IN ('lapas', 'rutan', 'bapas', 'lpka')
    ),
    made AS (
        SELECT (ARRAY['puskesmas', 'dinas', 'university', 'company', 'police', 'blk'])[1 + n % 6] AS kind,
               (ARRAY['puskesmas', 'dinas pertanian', 'universitas', 'cv', 'polsek', 'blk'])[1 + n % 6]
                   || ' ' || town || ' ' || chr(97 + n / 6 % 26) || n AS name,
               area_text, iana_zone, region_id
        FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n
        JOIN towns ON towns.number = n % towns.many
    )
    INSERT INTO facilities (name, name_key, search_text, area_text, kind, iana_zone, region_id)
    SELECT name, name, ' ' || name, area_text, kind, iana_zone, region_id FROM made
    """
)


def rows(bench: Bench) -> None:
    """Put all labelled searches to both registries, in turns."""
    with QUERIES.open(encoding="utf-8", newline="") as file:
        asked = [row["query"] for row in csv.DictReader(file)][: bench.size(300, 40)]
    with stage() as servers, contextlib.ExitStack() as open_:
        small, large = (open_.enter_context(servers.hub()) for _ in range(2))
        many = bench.size(FULL, QUICK)
        for hub, size in ((small, 0), (large, many)):
            _fill(hub, size)
        bench.compare(
            "a search, p95",
            ours=lambda: _p95(large, asked),
            other=lambda: _p95(small, asked),
            against="614 units",
            unit=f"ms at {many:,}",
            better="lower",
            goal=GOAL,
            note=f"the {len(asked)} searches of tests/hub/facilities/queries.csv",
        )


def _fill(hub: Hub, size: int) -> None:
    with hub.app.transaction() as session:
        import_units(session, actor=system_actor("bench"), listed=read_lists(SHIPPED))
    for first in range(1, size - UNITS + 1, AT_ONCE):
        with hub.app.transaction() as session:
            session.execute(GROW, {"first": first, "last": min(first + AT_ONCE - 1, size - UNITS)})
    with hub.owner.transaction() as session:
        session.execute(text("ANALYZE facilities, facility_names, facility_words"))


def _p95(hub: Hub, asked: list[str]) -> float:
    taken = []
    with hub.app.transaction() as session:
        for query in asked:
            began = time.perf_counter()
            found = search(session, text=query, limit=20)
            taken.append((time.perf_counter() - began) * 1000)
            if not found:
                raise AssertionError(f"nothing was found for {query}")
    return quantile(taken, 0.95)
