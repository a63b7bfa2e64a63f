"""``make bench``: what its rows say of their spread, what one broken group does, when two runs agree."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tests.bench import __main__ as bench_command
from tests.bench import agree, quoting, side_by_side, table
from tests.bench.harness import Bench, SkippedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _break(_: Bench) -> None:
    raise RuntimeError("broken on purpose")


def _skip(_: Bench) -> None:
    raise SkippedError("no such thing here")


def _count(bench: Bench) -> None:
    bench.say("counted", 3, unit="statements", better="lower")


@pytest.mark.parametrize(
    ("groups", "status", "verdict"),
    [
        ({"one": _break, "two": _count}, 1, {"failed": ["one"], "skipped": {}}),
        ({"one": _skip, "two": _count}, 0, {"failed": [], "skipped": {"one": "no such thing here"}}),
    ],
    ids=["a broken group fails the run", "a skipped one does not"],
)
def test_whatever_becomes_of_a_group_the_next_is_measured(
    groups: dict[str, Callable[[Bench], None]],
    status: int,
    verdict: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bench_command, "GROUPS", tuple(groups))
    monkeypatch.setattr(bench_command, "measure", lambda group, bench: groups[group](bench))

    run = CliRunner().invoke(bench_command.main, [])

    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.exit_code == status
    assert {key: lines[-1][key] for key in verdict} == verdict
    assert [line["bench"] for line in lines if "bench" in line] == ["counted"]


def test_the_short_form_fails_with_a_group_that_ends_without_a_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = json.dumps({"missed": [], "failed": [], "skipped": {}, "seconds": 1})
    said = {"one": (['{"bench": "counted"}', good], ""), "two": (["half a"], "killed"), "three": ([], "")}
    monkeypatch.setattr(bench_command, "GROUPS", tuple(said))
    monkeypatch.setattr(side_by_side, "_one", lambda group: said[group])

    run = CliRunner().invoke(bench_command.main, ["--quick"])

    assert run.exit_code == 1
    assert json.loads(run.stdout.splitlines()[-1])["failed"] == ["two", "three"]
    assert run.stdout.startswith('{"bench": "counted"}\nhalf a\n')
    assert "killed" in run.stderr


def test_every_row_of_the_table_says_its_spread_or_that_it_was_counted() -> None:
    bench = Bench()
    bench.compare_taken(
        "a ratio", [2.0, 4.0, 3.0], [1.0] * 3, against="a peer", unit="ms", better="lower", goal=None
    )
    bench.say("a figure", [2.0, 4.0, 3.0], unit="ms", better="lower")
    bench.say("steady", [2.0, 2.0, 2.0], unit="ms", better="lower")
    bench.say("a number", 7, unit="statements", better="lower")

    spreads = [line.split("|")[5].strip() for line in map(table.line, bench.rows)]

    assert spreads == ["**3** [2 .. 4]", "[2 .. 4]", "[2 .. 2]", "counted"]


def _run(path: Path, timed: tuple[float, ...], counted: float, once: float = 2.0) -> str:
    bench = Bench()
    bench.say("timed", timed, unit="ms", better="lower")
    bench.say("once", once, unit="s", better="lower")
    bench.say("counted", counted, unit="statements", better="lower")
    path.write_text("\n".join([*(row.line() for row in bench.rows), '{"group": "pages"}']), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("timed", "counted", "once", "apart"),
    [
        ((4.0, 9.0), 7, 2.4, []),
        ((5.0, 9.0), 7, 2.0, ["timed"]),
        ((2.0, 3.0), 8, 2.0, ["counted"]),
        ((2.0, 3.0), 7, 1.5, ["once"]),
    ],
)
def test_runs_agree_where_their_spreads_meet(
    timed: tuple[float, ...], counted: float, once: float, apart: list[str], tmp_path: Path
) -> None:
    pair = [_run(tmp_path / "one", (1.0, 4.0), 7), _run(tmp_path / "two", timed, counted, once)]

    run = CliRunner().invoke(agree.main, pair)

    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert [line["bench"] for line in lines[:-1]] == apart
    assert run.exit_code == bool(apart)


def test_what_the_page_on_scaling_quotes_is_what_was_measured() -> None:
    page = quoting.PAGE.read_text(encoding="utf-8")

    assert quoting.QUOTE.search(page)
    assert quoting.quote(page, table.PAGE.read_text(encoding="utf-8")) == page


def test_a_quotation_of_a_row_that_is_not_there_is_refused() -> None:
    tables = "<!-- bench:live -->\n| a row; with a note | 3 ms | 4 | a peer | **0.75** [0.7 .. 0.8] |"
    tables += "\n<!-- /bench:live -->\n<!-- bench:new -->\n<!-- /bench:new -->"
    wanted = "<!-- quote {} -->old<!-- /quote -->"

    assert quoting.quote(wanted.format("live; a row; ours"), tables).split(">")[1] == "3 ms<!-- /quote --"
    assert quoting.quote(wanted.format("live; a row; ratio"), tables).split(">")[1] == "0.75<!-- /quote --"
    assert quoting.NOT_YET in quoting.quote(wanted.format("new; a row; ours"), tables)
    for missing in ("live; another; ours", "none; a row; ours"):
        with pytest.raises(LookupError):
            quoting.quote(wanted.format(missing), tables)
