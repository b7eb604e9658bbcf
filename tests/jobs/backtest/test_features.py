"""A backtest sees what decisions saw: its vectors are those of the event path, value for value."""

from datetime import timedelta
from itertools import islice

import pytest
from msgspec.structs import replace

from jobs.backtest.check import compare
from jobs.backtest.command import events_of
from jobs.backtest.features import Offline
from jobs.backtest.processes import offline_rows
from shared.embedded.memory_documents import MemoryDocuments
from shared.events.events import BankEvent, Event, FraudLabel, Kind, Transaction, order, reversal
from shared.risk.features.client import SPENDING
from shared.risk.features.schema import features
from tests.shared.risk.features.test_online_offline import DATA
from tests.support.event_streams import TOKENS, stream

KNOWN = features().names.index("client.known")


def generated() -> list[Event]:
    """Events of any kind, whose reversals come before the next question about their client's spendings."""
    clean = stream(8, 900, 28, clients=30, reversals=False).clean
    return [event for event in clean if isinstance(event, BankEvent)]


async def test_online_equals_offline_on_generated_events() -> None:
    comparison = await compare(generated(), TOKENS, MemoryDocuments())
    assert (comparison.rows > 600, comparison.differing) == (True, [])


async def test_online_equals_offline_on_a_slice_of_a_month() -> None:
    """All of it: `python -m jobs features 2018-04.csv.gz --check`."""
    if not DATA.exists():
        pytest.skip(f"needs the Handbook's transactions ({DATA.name}); SLACKER_DATA names the folder above data/fraud")
    comparison = await compare(islice(events_of(DATA), 3000), TOKENS, MemoryDocuments())
    assert (comparison.rows, comparison.differing) == (3000, [])


def test_every_spending_has_a_row_and_nothing_else() -> None:
    events = generated()
    spent = [event for event in events if isinstance(event, Transaction) and event.kind in SPENDING]
    rows = list(Offline(TOKENS).rows(events))
    assert [row.event for row in rows] == [event for event in spent if event.direction == "debit"]


def test_a_row_sees_what_came_before_it_and_not_itself() -> None:
    events = [event for event in generated() if isinstance(event, Transaction)]
    seen: set[str] = set()
    for row in Offline(TOKENS).rows(events):
        assert row.values[KNOWN] == (row.event.client in seen)
        seen.add(row.event.client)


def test_a_vector_that_differs_is_found() -> None:
    """The comparison compares: one event that only one side knows shows in what follows."""
    events = generated()
    straight, short = Offline(TOKENS), Offline(TOKENS)
    whole = {row.event.event_id: row for row in straight.rows(events)}
    assert any(whole[row.event.event_id] != row for row in short.rows(events[1:]))


@pytest.mark.parametrize("processes", [1, 2])
def test_a_fraud_labelled_twice_and_an_event_reversed_twice_count_once(processes: int) -> None:
    """As they do online, where a merchant's state alone could not tell."""
    once = generated()
    for number, event in enumerate(once[::10]):
        if isinstance(event, Transaction) and event.kind in SPENDING:
            once.append(reversal(event, f"{event.event_id}-back", event.occurred_at + timedelta(hours=number)))
    twice = [
        replace(event, event_id=f"{event.event_id}-again")
        for event in once
        if isinstance(event, FraudLabel) or (isinstance(event, Transaction) and event.kind is Kind.REVERSAL)
    ]
    assert len(twice) > 50
    with (
        offline_rows(sorted(once, key=order), TOKENS, processes) as plain,
        offline_rows(sorted([*once, *twice], key=order), TOKENS, processes) as doubled,
    ):
        assert list(plain) == list(doubled)
