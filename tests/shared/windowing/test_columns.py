"""Packed columns."""

from hypothesis import given
from hypothesis import strategies as st

from shared.windowing.columns import find


@given(entries=st.lists(st.integers(0, 2**32 - 1), max_size=30), other=st.integers(0, 2**32 - 1))
def test_find_meets_whole_entries_only(entries: list[int], other: int) -> None:
    """A pattern across two entries is none."""
    column = b"".join(entry.to_bytes(4, "little") for entry in entries)
    for entry in (other, *entries):
        expected = entries.index(entry) if entry in entries else -1
        assert find(column, entry.to_bytes(4, "little")) == expected
