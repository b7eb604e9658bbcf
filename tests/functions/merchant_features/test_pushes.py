"""What `merchant_features` makes of pushes: counts and sums of merchants, each event once, however it comes."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.merchant_features.main import compose
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.events.events import FraudLabel, Kind, Transaction, reversal
from shared.money import Money
from shared.risk.features import deduplication, merchant
from shared.risk.features.fold import fold
from shared.risk.features.keys import MERCHANTS
from shared.storage.documents import Key
from tests.support.event_streams import TOKENS, dice, folded, stream
from tests.support.push_client import Function

NOW = datetime.now(UTC).replace(microsecond=0)
OWN = frozenset({MERCHANTS})
PURCHASE = Transaction(
    event_id="e1", client="C-1", kind=Kind.PURCHASE, occurred_at=NOW - timedelta(hours=1), amount=Money(100, "EUR"),
    device="D-1", merchant="M-1",
)  # fmt: skip


def function(state: Path, **options: Any) -> Function:
    made: dict[str, Any] = {"documents": MemoryDocuments(), "publisher": MemoryPublisher(), **options}
    return Function(compose, "merchant_features", state, **made)


async def test_a_purchase_counts_at_its_merchant_and_nowhere_else(tmp_path: Path) -> None:
    tested = function(tmp_path)
    assert await tested.send(PURCHASE) == 204
    assert tested.states() == fold({}, [PURCHASE], TOKENS, OWN).states


async def test_an_event_without_a_merchant_costs_no_document(tmp_path: Path) -> None:
    tested = function(tmp_path)
    assert await tested.send(replace(PURCHASE, merchant=None)) == 204
    assert isinstance(tested.documents, MemoryDocuments)
    assert tested.documents._documents == {}


async def test_what_comes_again_counts_once_whenever_it_comes(tmp_path: Path) -> None:
    """In the same group, later, and beside others of its minute; a reversal too, even one that is said twice."""
    tested = function(tmp_path)
    back, again = reversal(PURCHASE, "r1", NOW), reversal(PURCHASE, "r2", NOW)
    other = replace(PURCHASE, event_id="e2", amount=Money(7, "EUR"))
    for events in ([PURCHASE, PURCHASE], [PURCHASE, other], [other, back, back], [again, PURCHASE]):
        assert {*await asyncio.gather(*(tested.send(event) for event in events))} == {204}
    [state] = tested.states().values()
    assert merchant.CODEC.decode_state(state).spent.totals == (1, 1, 7)


async def test_a_reversal_that_does_not_say_when_its_event_happened_is_told(tmp_path: Path) -> None:
    """Buckets cannot be corrected without that."""
    tested = function(tmp_path)
    await tested.send(PURCHASE)
    assert await tested.send(replace(reversal(PURCHASE, "r1", NOW), reverses_at=None)) == 204
    assert [each["kind"] for each in tested.lines()] == ["reversal_not_counted"]


async def test_digests_of_events_expire_when_no_bucket_takes_their_event_any_more(tmp_path: Path) -> None:
    tested = function(tmp_path)
    await tested.send(PURCHASE)
    assert isinstance(tested.documents, MemoryDocuments)
    key = Key(deduplication.CODEC.collection.name, str(int(PURCHASE.occurred_at.timestamp()) // 60))
    expires_at = tested.documents._documents[key].expires_at
    assert expires_at is not None
    assert timedelta(days=44) < expires_at - datetime.now(UTC) <= timedelta(days=45)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), instances=st.sampled_from((1, 2)))
async def test_events_late_twice_and_at_once_lead_to_the_features_of_the_clean_history(
    tmp_path: Path, seed: int, instances: int
) -> None:
    """Two instances too: what both were sent, one of them counts."""
    arrived, rng, documents = stream(seed, 40, 25), dice(seed), MemoryDocuments()
    tested = [function(tmp_path, documents=documents) for _ in range(instances)]
    events = [event for event in arrived.arrivals if isinstance(event, Transaction | FraudLabel)]
    for first in range(0, len(events), 9):
        group = [event for event in events[first : first + 9] for _ in range(rng.choice((1, 2)))]
        sent = await asyncio.gather(*(rng.choice(tested).send(event) for event in group))
        assert set(sent) == {204}
    once = list(dict.fromkeys(events))
    assert tested[0].states() == folded(once, OWN)[0]
