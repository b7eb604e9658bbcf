"""A window begins with a bucket, whatever its width and their number."""

from hypothesis import given
from hypothesis import strategies as st

from shared.windowing.windows import Window


@given(time=st.integers(-(10**15), 10**15), width=st.integers(1, 10**10), buckets=st.integers(1, 1000))
def test_a_window_is_so_many_buckets_and_the_last_of_them_holds_its_time(time: int, width: int, buckets: int) -> None:
    """Counted one bucket after the other."""
    start = Window(width, buckets).start(time)
    begins = [start + index * width for index in range(min(buckets, 3))]
    last = start + (buckets - 1) * width
    assert [begin % width for begin in begins] == [0] * len(begins)
    assert last <= time < last + width
    assert (buckets - 1) * width <= time - start < buckets * width
