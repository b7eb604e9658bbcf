"""The tail: the same rows in whichever order they come, each once, the reversed ones out."""

from hypothesis import given
from hypothesis import strategies as st

from shared.times import DAY
from shared.windowing.columns import Layout, find
from shared.windowing.outcome import Outcome
from shared.windowing.recent_events import KEEP, REVERSED_CAP, empty, insert, reverse, rows
from tests.shared.features.streams import dice

LAYOUT = Layout(("q", "Q", "H"), 5)
WIDE = Layout(("q", "Q", "H"), 1000)


@given(
    events=st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 2**64 - 1), st.integers(0, 99)), unique_by=lambda row: row[1]
    ),
    seed=st.integers(0, 2**32),
)
def test_rows_end_up_in_order_in_whichever_order_they_come(events: list[tuple[int, int, int]], seed: int) -> None:
    """Twice each, shuffled, some reversed before or after they came."""
    rng = dice(seed)
    gone = {identity for _, identity, _ in events if rng.random() < 0.2}
    steps: list[tuple[int, ...]] = [*events, *events, *((identity,) for identity in gone)]
    rng.shuffle(steps)
    tail = empty(WIDE)
    for step in steps:
        if len(step) == 1:
            reverse(tail, WIDE, step[0], None, 31)
        else:
            insert(tail, WIDE, step)
    assert rows(tail, WIDE, len(tail)) == sorted(row for row in events if row[1] not in gone)


@given(times=st.lists(st.integers(0, 50), min_size=1, max_size=40), seed=st.integers(0, 2**32))
def test_what_is_let_go_leaves_in_order_and_is_never_taken_again(times: list[int], seed: int) -> None:
    """Let go and kept together are what was taken, in order."""
    tail, left = empty(LAYOUT), []
    taken = []
    for identity, time in enumerate(times):
        outcome, gone = insert(tail, LAYOUT, (time, identity, 0))
        left += gone
        if outcome is Outcome.FOLDED:
            taken.append((time, identity, 0))
        else:
            assert outcome is Outcome.TOO_OLD
    assert left + rows(tail, LAYOUT, len(tail)) == sorted(taken)
    assert all(insert(tail, LAYOUT, row)[0] is Outcome.TOO_OLD for row in left)


def test_a_row_older_than_the_tail_reaches_back_is_reported() -> None:
    """Thirty-five days before the newest."""
    tail = empty(LAYOUT)
    insert(tail, LAYOUT, (40 * DAY, 1, 0))
    assert insert(tail, LAYOUT, (40 * DAY - KEEP - 1, 2, 0)) == (Outcome.TOO_OLD, [])
    assert insert(tail, LAYOUT, (40 * DAY - KEEP, 3, 0)) == (Outcome.FOLDED, [])


def test_a_reversal_says_what_it_found() -> None:
    """The row, nothing yet, the same reversal again, or a row let go long ago."""
    tail = empty(LAYOUT)
    for time in range(7):
        insert(tail, LAYOUT, (time, time, 0))
    assert reverse(tail, LAYOUT, 5, 5, 9) is Outcome.FOLDED
    assert reverse(tail, LAYOUT, 5, 5, 9) is Outcome.DUPLICATE
    assert reverse(tail, LAYOUT, 8, None, 9) is Outcome.WAITING
    assert reverse(tail, LAYOUT, 0, 0, 9) is Outcome.TOO_OLD


def test_beyond_the_reversals_remembered_nothing_older_is_taken() -> None:
    """So that a repeated event whose reversal was forgotten cannot count."""
    tail = empty(WIDE)
    for identity in range(REVERSED_CAP + 1):
        reverse(tail, WIDE, identity, None, 100 + identity)
    assert len(tail.reversed) == REVERSED_CAP * 16
    assert insert(tail, WIDE, (99, 0, 0))[0] is Outcome.TOO_OLD
    assert insert(tail, WIDE, (102, 1, 0))[0] is Outcome.REVERSED


@given(values=st.lists(st.integers(0, 2**32 - 1), max_size=30), wanted=st.integers(0, 2**32 - 1))
def test_find_meets_whole_entries_only(values: list[int], wanted: int) -> None:
    """A pattern across two entries is none."""
    column = b"".join(value.to_bytes(4, "little") for value in values)
    for each in (wanted, *values):
        expected = values.index(each) if each in values else -1
        assert find(column, each.to_bytes(4, "little")) == expected
