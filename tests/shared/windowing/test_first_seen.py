"""What was first seen when, of the most recently seen."""

from hypothesis import given
from hypothesis import strategies as st

from shared.windowing.first_seen import FirstSeen


@given(refs=st.lists(st.sampled_from((0, 1, 2, 3, 256, 0x01000001, 2**32 - 1)), max_size=40), cap=st.integers(1, 5))
def test_the_first_times_of_the_most_recently_seen_are_remembered(refs: list[int], cap: int) -> None:
    """As a dictionary in the order of use would tell it."""
    first_seen = FirstSeen()
    expected: dict[int, int] = {}
    for time, ref in enumerate(refs):
        first_seen.record(ref, time, cap)
        if ref:
            expected[ref] = expected.pop(ref, time)
            expected = dict(list(expected.items())[-cap:])
    assert {ref: first_seen.time_of(ref.to_bytes(4, "little")) for ref in set(refs) - {0}} == {
        ref: expected.get(ref) for ref in set(refs) - {0}
    }
