"""Recent events: the same rows in whichever order they come, each once, the reversed ones out."""

from hypothesis import given
from hypothesis import strategies as st

from shared.windowing.columns import Layout
from shared.windowing.outcome import Outcome
from shared.windowing.recent_events import RecentEvents
from tests.support.event_streams import dice

LONG = 10**9


class Few(RecentEvents):
    """Five rows, of a hundred units of time."""

    layout, cap, retention = Layout("q", "Q", "H"), 5, 100


class Many(RecentEvents):
    """More rows than any test has, and other columns."""

    layout, cap, retention = Layout("q", "Q", "3s", "d"), 1000, LONG


class Forgetful(RecentEvents):
    """Rows of ten units of time, and few reversals."""

    layout, cap, retention, max_reversals = Layout("q", "Q"), 1000, 10, 3


@given(
    events=st.lists(
        st.tuples(
            st.integers(0, 30), st.integers(0, 2**64 - 1), st.binary(min_size=3, max_size=3), st.floats(allow_nan=False)
        ),
        unique_by=lambda row: row[1],
    ),
    seed=st.integers(0, 2**32),
)
def test_rows_end_up_in_order_in_whichever_order_they_come(
    events: list[tuple[int, int, bytes, float]], seed: int
) -> None:
    """Twice each, shuffled, some reversed before or after they came."""
    rng = dice(seed)
    reversed_ids = {identity for _, identity, _, _ in events if rng.random() < 0.2}
    reversed_ids = set(sorted(reversed_ids)[: Many.max_reversals])
    steps: list[tuple[object, ...]] = [*events, *events, *((identity,) for identity in reversed_ids)]
    rng.shuffle(steps)
    recent = Many.empty()
    for step in steps:
        if len(step) == 1:
            recent.reverse(int(str(step[0])), None, 31)
        else:
            recent.insert(step)
    assert recent.rows() == sorted(row for row in events if row[1] not in reversed_ids)


@given(times=st.lists(st.integers(0, 300), min_size=1, max_size=40), seed=st.integers(0, 2**32))
def test_what_is_evicted_leaves_in_order_and_is_never_taken_again(times: list[int], seed: int) -> None:
    """Evicted and recent rows together are what was taken, in order."""
    recent, evicted, taken = Few.empty(), [], []
    for identity, time in enumerate(times):
        outcome, left = recent.insert((time, identity, 0))
        evicted += left
        if outcome is Outcome.FOLDED:
            taken.append((time, identity, 0))
        else:
            assert outcome is Outcome.TOO_OLD
    assert evicted + recent.rows() == sorted(taken)
    assert all(recent.insert(row)[0] is Outcome.TOO_OLD for row in evicted)


@given(gaps=st.lists(st.integers(0, 12), min_size=1, max_size=60))
def test_rows_that_come_in_order_are_those_of_the_retention_and_of_the_cap(gaps: list[int]) -> None:
    """As a list of them all would tell it."""
    times = [sum(gaps[: end + 1]) for end in range(len(gaps))]
    few, forgetful = Few.empty(), Forgetful.empty()
    for identity, time in enumerate(times):
        few.insert((time, identity, 7))
        forgetful.insert((time, identity))
    rows = list(zip(times, range(len(times)), strict=True))
    assert few.rows() == [(*row, 7) for row in rows if row[0] >= times[-1] - 100][-5:]
    assert forgetful.rows() == [row for row in rows if row[0] >= times[-1] - 10]


def test_a_row_older_than_the_retention_is_reported() -> None:
    recent = Few.empty()
    recent.insert((140, 1, 0))
    assert recent.insert((39, 2, 0)) == (Outcome.TOO_OLD, [])
    assert recent.insert((40, 3, 0)) == (Outcome.FOLDED, [])


def test_a_reversal_says_what_it_met() -> None:
    """The row, nothing yet, the same reversal again, or a row evicted long ago."""
    recent = Few.empty()
    for time in range(7):
        recent.insert((time, time, 0))
    assert recent.reverse(5, 5, 9) is Outcome.FOLDED
    assert recent.reverse(5, 5, 9) is Outcome.DUPLICATE
    assert recent.reverse(8, None, 9) is Outcome.WAITING
    assert recent.reverse(0, 0, 9) is Outcome.TOO_OLD


def test_beyond_the_reversals_remembered_nothing_older_is_taken() -> None:
    """So that a repeated event whose reversal was forgotten cannot count."""
    recent = Forgetful.empty()
    for identity in range(4):
        recent.reverse(identity, None, 100 + identity)
    assert len(recent.reversed) == 3 * 16
    assert recent.insert((99, 0))[0] is Outcome.TOO_OLD
    assert recent.insert((102, 1))[0] is Outcome.REVERSED
