"""Partitions give back what was added, in order, and forget what came after the sizes that are restored."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.rebuild.partitions import Partitions, partition
from shared.events.events import Kind, Transaction
from shared.money import Money
from shared.risk.features.keys import MERCHANTS
from shared.storage.documents import Key

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def bought(number: int, at: datetime = NOON) -> Transaction:
    """A purchase."""
    return Transaction(
        event_id=f"e-{number}", client="c", kind=Kind.PURCHASE, occurred_at=at, amount=Money(100, "EUR"), merchant="m"
    )


def test_a_partition_gives_its_events_in_the_order_they_were_added(tmp_path: Path) -> None:
    partitions = Partitions(tmp_path)
    events = [bought(number) for number in range(5)]
    for event in events:
        partitions.add({"a", "b"} if event is events[0] else {"a"}, event)
    partitions.flush()
    assert (partitions.names(), list(partitions.read("a")), list(partitions.read("b"))) == (
        ["a", "b"],
        events,
        events[:1],
    )


def test_what_was_written_after_the_sizes_that_are_restored_is_forgotten(tmp_path: Path) -> None:
    before = Partitions(tmp_path)
    before.add({"a"}, bought(1))
    sizes = before.flush()
    before.add({"a", "b"}, bought(2))
    before.flush()
    after = Partitions(tmp_path)
    after.restore(sizes)
    assert (after.names(), list(after.read("a"))) == (["a"], [bought(1)])


def test_a_folder_that_is_not_there_has_no_partitions(tmp_path: Path) -> None:
    assert Partitions(tmp_path / "none").names() == []


@given(st.text(min_size=1), st.integers(1, 1000))
def test_all_events_of_a_client_go_to_one_partition(client: str, shards: int) -> None:
    key = Key("features_clients", client)
    assert partition(key, bought(1), shards) == partition(key, bought(2, NOON + timedelta(days=9)), shards)


@pytest.mark.parametrize(("after", "same"), [(timedelta(minutes=59), True), (timedelta(hours=1), False)])
def test_events_of_merchants_are_put_together_by_the_hour(after: timedelta, same: bool) -> None:
    here, there = (
        partition(Key(MERCHANTS, name), bought(1, NOON + late), 4) for name, late in (("m", timedelta()), ("n", after))
    )
    assert (here == there) is same
