"""Chunks may be asked at the same time: no client twice, every client's order kept, nothing lost, little time."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jobs.history.transaction import Transaction
from local.chunks import chunks
from shared.money import Money

_BEGIN = datetime(2024, 3, 1, tzinfo=UTC)


def _transaction(number: int, client: int, second: int) -> Transaction:
    at = _BEGIN + timedelta(seconds=second)
    return Transaction(str(number), at, f"client-{client}", "account", Money(100, "EUR"), "ecommerce")


@st.composite
def streams(draw: st.DrawFn) -> list[Transaction]:
    gaps = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 600)), max_size=80))
    second, stream = 0, []
    for number, (client, gap) in enumerate(gaps):
        second += gap
        stream.append(_transaction(number, client, second))
    return stream


@given(streams(), st.integers(1, 8), st.integers(1, 20))
def test_chunks_keep_their_promises(stream: list[Transaction], size: int, look_ahead: int) -> None:
    span = timedelta(minutes=15)
    cut = list(chunks(stream, size, look_ahead, span))
    assert sorted((one.id for chunk in cut for one in chunk), key=int) == [one.id for one in stream]
    for chunk in cut:
        assert 0 < len(chunk) <= size
        assert len({one.client for one in chunk}) == len(chunk)
        assert max(one.at for one in chunk) - chunk[0].at <= span
    for client in {one.client for one in stream}:
        theirs = [one.at for chunk in cut for one in chunk if one.client == client]
        assert all(before <= after for before, after in pairwise(theirs))


@given(streams())
def test_the_oldest_that_waits_is_always_asked_about_next(stream: list[Transaction]) -> None:
    asked: set[str] = set()
    for chunk in chunks(stream, 3, 10):
        oldest = next(one for one in stream if one.id not in asked)
        assert chunk[0] == oldest
        asked |= {one.id for one in chunk}
