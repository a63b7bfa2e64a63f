"""The soak can fail: it sees memory that grows and connections that stay."""

from __future__ import annotations

import pytest

from tests.faults.soak import Sample, grown, judge

MIB = 1 << 20


def samples(*, growth: float = 0.0, leak: int = 0) -> list[Sample]:
    """Return sixty looks at a hub whose web process grows from first to last, beside one that does not."""
    return [
        Sample(
            number * 3.0,
            pss={"web": round(100 * MIB * (1 + growth * number / 59)), "relay": 50 * MIB},
            uss={"web": round(80 * MIB * (1 + growth * number / 59)), "relay": 40 * MIB},
            connections=9 + leak * number // 59,
        )
        for number in range(60)
    ]


@pytest.mark.parametrize(
    ("growth", "leak", "left", "met"),
    [(0.0, 0, 0, True), (0.03, 0, 0, True), (0.2, 0, 0, False), (0.0, 6, 0, False), (0.0, 0, 1, False)],
    ids=["steady", "a little", "grows", "keeps connections", "leaves one behind"],
)
def test_what_grows_or_stays_is_seen(growth: float, leak: int, left: int, *, met: bool) -> None:
    seen = judge(samples(growth=growth, leak=leak), left=left, ended=[], refused=[])
    assert seen["met"] is met


def test_growth_is_told_for_each_process() -> None:
    looks = samples(growth=0.3)
    assert grown(looks, "uss", "relay")[2] == 0
    assert grown(looks, "uss", "web")[2] > 0.1


@pytest.mark.parametrize("trouble", [{"ended": ["web"]}, {"refused": ["publish: 500"]}])
def test_a_process_that_ended_or_a_refused_request_is_no_success(trouble: dict[str, list[str]]) -> None:
    assert judge(samples(), left=0, **({"ended": [], "refused": []} | trouble))["met"] is False
