"""Online equals offline: a state that late and repeated events reached in groups tells what strict order tells."""

import csv
import gzip
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import pytest

from shared.events.events import Event, Kind, Transaction
from shared.money import Money
from shared.risk.features.extract import States, extract
from shared.risk.features.fold import fold
from shared.risk.features.inputs import of_event
from shared.risk.features.keys import CLIENTS, DEVICES, MERCHANTS, keys
from shared.storage.documents import Key
from tests.support.event_streams import TOKENS, dice, stream

DATA = Path(os.environ.get("SLACKER_DATA", "../shared")) / "data" / "fraud" / "2018-04.csv.gz"
AHEAD = timedelta(minutes=30)

Values = tuple[object, ...]


def handbook(customers: int) -> list[Transaction]:
    """A month of the first `customers` of the Fraud Detection Handbook's simulator."""
    with gzip.open(DATA, "rt") as lines:
        rows = [row for row in csv.DictReader(lines) if int(row["CUSTOMER_ID"]) < customers]
    return [
        Transaction(
            event_id=row["TRANSACTION_ID"],
            client=row["CUSTOMER_ID"],
            kind=Kind.PURCHASE,
            occurred_at=datetime.fromisoformat(row["TX_DATETIME"]).replace(tzinfo=UTC),
            amount=Money(round(float(row["TX_AMOUNT"]) * 100), "EUR"),
            card=row["CUSTOMER_ID"],
            device=f"shared by some {int(row['CUSTOMER_ID']) // 4}",
            channel="card_present",
            merchant=str(int(row["TERMINAL_ID"]) % 50),
        )
        for row in rows
    ]


def generated() -> list[Transaction]:
    """As many of the project's own, where the data is not there."""
    return [event for event in stream(8, 900, 28, clients=30, reversals=False).clean if isinstance(event, Transaction)]


def read_values(states: dict[Key, bytes], event: Transaction) -> Values:
    about = of_event(event, TOKENS)
    names = keys(about)
    documents = [states.get(key) if key else None for key in (names.client, names.device, names.merchant)]
    return extract(about, event.occurred_at, States(*documents))[0]


def offline(events: list[Transaction]) -> Iterator[Values]:
    """Each event's features, then the event: one after the other."""
    states: dict[Key, bytes] = {}
    for event in events:
        yield read_values(states, event)
        states |= fold(states, [event], TOKENS).states


def online(events: list[Transaction]) -> Iterator[Values]:
    """Each event's features while events arrive in groups, shuffled and twice, half an hour ahead of the question."""
    states: dict[Key, bytes] = {}
    rng = dice(1)
    arrivals = iter([list(group) for _, group in groupby(events, lambda event: event.occurred_at.timestamp() // 600)])
    arrived = datetime.min.replace(tzinfo=UTC)
    for event in events:
        while arrived < event.occurred_at + AHEAD and (group := next(arrivals, None)):
            arrived = group[-1].occurred_at
            rng.shuffle(group)
            states |= fold(states, group, TOKENS, frozenset({MERCHANTS})).states
            again: list[Event] = [*group, *group[:3]]
            states |= fold(states, again, TOKENS, frozenset({CLIENTS, DEVICES})).states
        yield read_values(states, event)


@pytest.mark.parametrize("source", ["handbook", "generated"])
def test_a_state_ahead_of_the_question_tells_what_strict_order_tells(source: str) -> None:
    """Value for value, for every transaction."""
    if source == "handbook" and not DATA.exists():
        pytest.skip(f"needs the Handbook's transactions ({DATA.name}); SLACKER_DATA names the folder above data/fraud")
    events = handbook(20) if source == "handbook" else generated()
    assert len(events) > 600
    assert list(online(events)) == list(offline(events))
