"""The soak can fail: it sees memory that grows and connections that stay."""

from __future__ import annotations

import pytest

from tests.faults.soak import Sample, grown, judge, leaked

MIB = 1 << 20


def samples(growth: float = 0.0) -> list[Sample]:
    """Return sixty looks at a hub whose web process grows from first to last, beside one that does not."""
    return [
        Sample(
            number * 3.0,
            pss={"web": round(100 * MIB * (1 + growth * number / 59)), "relay": 50 * MIB},
            uss={"web": round(80 * MIB * (1 + growth * number / 59)), "relay": 40 * MIB},
            connections=9,
        )
        for number in range(60)
    ]


WELL: dict[str, object] = {"connections_leaked": 0, "ended": [], "refused": []}


@pytest.mark.parametrize(("growth", "met"), [(0.0, True), (0.03, True), (0.2, False)])
def test_memory_that_grows_is_seen(growth: float, *, met: bool) -> None:
    assert judge(samples(growth), **WELL)["met"] is met


def test_growth_is_told_for_each_process() -> None:
    assert grown(samples(0.3), "uss", "relay")[2] == 0
    assert grown(samples(0.3), "uss", "web")[2] > 0.1


@pytest.mark.parametrize(
    "trouble", [{"ended": ["web"]}, {"refused": ["publish: 500"]}, {"connections_leaked": 1}]
)
def test_any_trouble_is_no_success(trouble: dict[str, object]) -> None:
    assert judge(samples(), **(WELL | trouble))["met"] is False


@pytest.mark.parametrize(
    ("at_rest", "in_use", "left", "count"),
    [
        ({"hub-app-7": 5, "hub-worker-8": 2}, 0, 0, 0),
        ({"hub-app-7": 7, "hub-worker-8": 3}, 0, 0, 3),
        ({"hub-app-7": 1}, 1, 0, 1),
        ({}, 0, 2, 2),
    ],
    ids=["a pool's own", "beyond the pool", "in use at rest", "outlives its process"],
)
def test_connections_that_are_not_given_back_are_counted(
    at_rest: dict[str, int], in_use: float, left: int, count: int
) -> None:
    assert leaked(at_rest, in_use=in_use, left=left) == count
