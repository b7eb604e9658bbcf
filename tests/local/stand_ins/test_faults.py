"""What is wrong with a stand-in: the first fault that happens, as often as it was set."""

import random

import msgspec
import pytest

from local.stand_ins.faults import PRESETS, Fault, Switches, copy, decode, switches


def drawn(chosen: Switches, calls: int) -> list[str | None]:
    """The kinds of faults of so many calls."""
    chance = random.Random(1)  # noqa: S311 - the same faults every time
    faults = [chosen.draw(chance) for _ in range(calls)]
    return [None if fault is None else fault.kind for fault in faults]


def test_a_fault_happens_as_often_as_it_was_set_and_then_the_next() -> None:
    chosen = switches(Fault("hang", times=2), Fault("none", times=1), Fault("garbage"))
    assert drawn(chosen, 5) == ["hang", "hang", "none", "garbage", "garbage"]


def test_without_faults_nothing_goes_wrong() -> None:
    assert drawn(switches(latency_ms=5), 3) == [None] * 3


def test_a_share_of_calls_fails() -> None:
    assert 400 < sum(kind is not None for kind in drawn(switches(Fault("hang", share=0.5)), 1000)) < 600


def test_the_faults_of_a_copy_count_down_by_themselves() -> None:
    original = switches(Fault("hang", times=1))
    assert (drawn(copy(original), 2), drawn(original, 2)) == (["hang", None], ["hang", None])


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_can_be_set_over_http(name: str) -> None:
    assert decode(msgspec.json.encode(PRESETS[name])) == PRESETS[name]


@pytest.mark.parametrize("body", ['{"latency": 1}', '{"latency_ms": -1}', '{"faults": [{"kind": "hang", "share": 2}]}'])
def test_switches_that_there_are_not_are_refused(body: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(body.encode())
