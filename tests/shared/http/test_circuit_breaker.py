"""The circuit breaker, by a clock of our own."""

from hypothesis import given
from hypothesis import strategies as st

from shared.http.circuit_breaker import Breaker


def tripped(now: float = 0.0) -> Breaker:
    breaker = Breaker(threshold=3, cooldown=1.0, longest=4.0)
    for _ in range(3):
        assert breaker.allows(now)
        breaker.failed(now, now)
    return breaker


def test_failures_below_the_threshold_change_nothing() -> None:
    breaker = Breaker(threshold=3)
    breaker.failed(0.0, 0.0)
    breaker.failed(0.0, 0.0)
    assert breaker.allows(0.0)


def test_a_success_forgets_earlier_failures() -> None:
    breaker = Breaker(threshold=3)
    breaker.failed(0.0, 0.0)
    breaker.failed(0.0, 0.0)
    breaker.succeeded()
    breaker.failed(0.0, 0.0)
    assert breaker.allows(0.0)


def test_the_threshold_opens_it_for_the_cooldown() -> None:
    breaker = tripped()
    assert [breaker.allows(at) for at in (0.0, 0.5, 0.99)] == [False, False, False]
    assert breaker.allows(1.0)


def test_one_probe_at_a_time_is_let_through() -> None:
    breaker = tripped()
    assert [breaker.allows(1.0), breaker.allows(1.0)] == [True, False]


def test_a_probe_that_works_closes_it() -> None:
    breaker = tripped()
    assert breaker.allows(1.0)
    breaker.succeeded()
    assert [breaker.allows(1.0), breaker.allows(1.0)] == [True, True]


def test_every_failed_probe_doubles_the_wait_up_to_the_longest() -> None:
    breaker = tripped()
    opened, waits = 0.0, []
    for _ in range(5):
        at = opened
        while not breaker.allows(at):
            at += 0.25
        waits.append(at - opened)
        breaker.failed(at, at)
        opened = at
    assert waits == [1.0, 2.0, 4.0, 4.0, 4.0]


def test_an_abandoned_probe_makes_room_for_another() -> None:
    breaker = tripped()
    assert breaker.allows(1.0)
    breaker.abandoned(1.0)
    assert breaker.allows(1.0)


def test_calls_begun_before_it_opened_neither_prolong_it_nor_end_its_probe() -> None:
    breaker = tripped(now=1.0)
    assert breaker.allows(2.0)
    breaker.failed(0.5, 2.1)
    breaker.abandoned(0.5)
    assert not breaker.allows(2.2)
    breaker.succeeded()
    assert breaker.allows(2.3)


@given(st.lists(st.sampled_from(["succeeded", "failed", "abandoned"])), st.floats(0, 100))
def test_whatever_happened_it_is_asked_again_after_the_longest_wait(history: list[str], now: float) -> None:
    breaker = Breaker(threshold=3, cooldown=1.0, longest=4.0)
    for event in history:
        if not breaker.allows(now):
            continue
        if event == "failed":
            breaker.failed(now, now)
        elif event == "abandoned":
            breaker.abandoned(now)
        else:
            breaker.succeeded()
    assert breaker.allows(now + 4.0)
