"""How fast a subscription delivers, and how it yields."""

from hypothesis import given
from hypothesis import strategies as st

from local.broker.flow_control import FlowControl, backoff


def opened(most: int = 64) -> FlowControl:
    """A flow that has grown to its most."""
    flow = FlowControl(most)
    for _ in range(most):
        flow.accepted()
    return flow


def test_it_begins_with_few_and_grows_to_its_most_with_every_acknowledgement() -> None:
    flow = FlowControl(6)
    rooms = [flow.room(0, 0.0)]
    for _ in range(4):
        flow.accepted()
        rooms.append(flow.room(0, 0.0))
    assert rooms == [4, 5, 6, 6, 6]


def test_there_is_no_room_for_more_than_are_allowed_out() -> None:
    flow = opened(8)
    assert [flow.room(outstanding, 0.0) for outstanding in (0, 7, 8, 9)] == [8, 1, 0, 0]


def test_a_refusal_halves_it_once_for_all_that_were_out_and_no_pause_is_made() -> None:
    flow = opened(64)
    for _ in range(64):
        flow.refused(begun=1.0, now=1.5)
    assert flow.room(0, 1.5) == 32


def test_after_a_refusal_it_grows_by_one_for_a_whole_round() -> None:
    flow = opened(64)
    flow.refused(begun=1.0, now=1.5)
    for _ in range(33):
        flow.accepted()
    assert flow.room(0, 2.0) == 33


def test_while_everything_is_refused_fewer_go_out_and_then_one_at_a_time_after_pauses() -> None:
    flow, now, rooms, pauses = opened(64), 100.0, [], []
    for _ in range(12):
        flow.refused(begun=now, now=now)
        pauses.append(round(max(0.0, flow.paused_until - now), 3))
        assert not pauses[-1] or flow.room(0, now) == 0
        now += pauses[-1] + 0.001
        rooms.append(flow.room(0, now))
    assert rooms == [32, 16, 8, 4, 2, 1, 1, 1, 1, 1, 1, 1]
    assert pauses == [0, 0, 0, 0, 0, 0, 0.01, 0.02, 0.04, 0.08, 0.1, 0.1]


def test_one_acknowledgement_ends_the_pauses() -> None:
    flow = opened(64)
    for now in (1.0, 2.0, 3.0):
        flow.refused(begun=now, now=now)
    flow.accepted()
    flow.refused(begun=4.0, now=4.0)
    assert flow.room(0, 4.0) >= 1


@given(st.integers(1, 100), st.lists(st.sampled_from("ar"), max_size=200))
def test_there_is_always_room_for_one_once_the_pause_is_over(most: int, answers: list[str]) -> None:
    flow, now = FlowControl(most), 0.0
    for answer in answers:
        now += 1.0
        if answer == "a":
            flow.accepted()
        else:
            flow.refused(begun=now, now=now)
        assert 1 <= flow.room(0, max(now, flow.paused_until)) <= most
        assert flow.paused_until <= now + 0.1


def test_a_refused_message_comes_again_after_twice_as_long_each_time() -> None:
    assert [backoff(n, 0.1, 10.0, 0.0) for n in range(1, 10)] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_message_never_waits_less_than_the_least_nor_a_quarter_more_than_the_most(refusals: int, at: float) -> None:
    assert 0.1 <= backoff(refusals, 0.1, 10.0, at) <= 12.5
