"""Batches may be asked at the same time: no client twice, every client's order kept, nothing lost, little time."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jobs.history.transaction import Transaction
from local.replay.batches import batches
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
def test_batches_keep_their_promises(stream: list[Transaction], size: int, look_ahead: int) -> None:
    span = timedelta(minutes=15)
    cut = list(batches(stream, size, look_ahead, span))
    assert sorted((transaction.id for batch in cut for transaction in batch), key=int) == [
        transaction.id for transaction in stream
    ]
    for batch in cut:
        assert 0 < len(batch) <= size
        assert len({transaction.client for transaction in batch}) == len(batch)
        assert max(transaction.at for transaction in batch) - batch[0].at <= span
    for client in {transaction.client for transaction in stream}:
        theirs = [transaction.at for batch in cut for transaction in batch if transaction.client == client]
        assert all(before <= after for before, after in pairwise(theirs))


@given(streams())
def test_the_oldest_that_waits_is_always_asked_about_next(stream: list[Transaction]) -> None:
    done: set[str] = set()
    for batch in batches(stream, 3, 10):
        oldest = next(transaction for transaction in stream if transaction.id not in done)
        assert batch[0] == oldest
        done |= {transaction.id for transaction in batch}
