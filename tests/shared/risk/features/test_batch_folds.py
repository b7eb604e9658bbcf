"""The work of the event functions: what a group reads and writes beside the features."""

from datetime import timedelta

from msgspec.structs import replace

from shared.embedded.manual_clock import ManualClock
from shared.events.events import FraudLabel
from shared.risk.features import deduplication, merchant, watermark
from shared.risk.features.batch_folds import ClientDeviceFold, MerchantFold
from shared.risk.features.fold import prepare
from shared.risk.features.keys import CLIENTS, DEVICES, MERCHANTS, WATERMARK
from shared.storage.documents import Create, Document, Key, Update
from tests.shared.risk.features.test_fold import PURCHASE
from tests.support.event_streams import BEGIN, TOKENS, dice

OWN = frozenset({CLIENTS, DEVICES})
NOW = BEGIN + timedelta(days=1)


def clients(clock: ManualClock | None = None) -> ClientDeviceFold:
    return ClientDeviceFold(clock or ManualClock(NOW), replay=False)


async def test_the_watermark_is_looked_at_once_a_second() -> None:
    """Also by a group that is folded again after a conflict, perhaps of the watermark itself."""
    clock, item = ManualClock(NOW), prepare(PURCHASE, TOKENS, OWN)
    work = clients(clock)
    looked = []
    for passed in (0, 0, 0.75, 0.25, 0.5):
        await clock.advance(passed)
        looked.append(WATERMARK in work.keys([item]))
    assert looked == [True, False, False, True, False]


def test_the_watermark_is_written_only_where_it_advances() -> None:
    """By transactions, and never past the clock."""
    work, later = clients(), replace(PURCHASE, event_id="e2", occurred_at=NOW + timedelta(minutes=9))
    documents: dict[Key, Document | None] = dict.fromkeys(work.keys([prepare(PURCHASE, TOKENS, OWN)]))
    for event, before, expected in (
        (PURCHASE, None, PURCHASE.occurred_at),
        (PURCHASE, PURCHASE.occurred_at, None),
        (later, PURCHASE.occurred_at, NOW),
        (later, NOW + timedelta(days=1), None),
    ):
        documents[WATERMARK] = Document(WATERMARK, watermark.CODEC.encode(before), "1") if before else None
        writes = work.fold(documents, [prepare(event, TOKENS, OWN)]).writes
        written = [write for write in writes if write.key == WATERMARK]
        assert [
            watermark.CODEC.decode_state(write.state) for write in written if isinstance(write, Create | Update)
        ] == ([expected] if expected else [])


def test_a_watermark_that_cannot_be_read_is_written_anew() -> None:
    work = clients()
    documents: dict[Key, Document | None] = dict.fromkeys(work.keys([prepare(PURCHASE, TOKENS, OWN)]))
    documents[WATERMARK] = Document(WATERMARK, b"?", "1")
    assert (
        Update(WATERMARK, "1", watermark.CODEC.encode(BEGIN))
        in work.fold(documents, [prepare(PURCHASE, TOKENS, OWN)]).writes
    )


def test_a_hot_merchant_costs_two_documents_a_group_however_many_events_it_has() -> None:
    """Its own, and that of the minute."""
    work = MerchantFold(ManualClock(NOW))
    items = [prepare(replace(PURCHASE, event_id=f"e{n}"), TOKENS, frozenset({MERCHANTS})) for n in range(50)]
    assert [key.collection for key in work.keys(items)] == [MERCHANTS, deduplication.CODEC.collection.name]
    folded = work.fold(dict.fromkeys(work.keys(items)), items)
    assert [write.key.collection for write in folded.writes] == [MERCHANTS, deduplication.CODEC.collection.name]
    assert folded.results == [()] * 50


def test_a_hot_merchant_counts_every_fraud_once_however_many_come_late() -> None:
    """Each is labelled twice, and some are hundreds of others late."""
    labels = [
        FraudLabel(
            event_id=f"l{number}-{again}", client="c", labels=f"e{number}", occurred_at=BEGIN + timedelta(hours=number),
            transaction_at=BEGIN, device=None, merchant="m",
        )
        for again in range(2)
        for number in range(300)
    ]  # fmt: skip
    dice(3).shuffle(labels)
    work, documents = MerchantFold(ManualClock(NOW)), dict[Key, Document | None]()
    for start in range(0, len(labels), 40):
        items = [prepare(label, TOKENS, frozenset({MERCHANTS})) for label in labels[start : start + 40]]
        documents = {key: documents.get(key) for key in work.keys(items)}
        for write in work.fold(documents, items).writes:
            assert isinstance(write, Create | Update)
            documents[write.key] = Document(write.key, write.state, "1")
    [state] = [document.state for key, document in documents.items() if key.collection == MERCHANTS and document]
    assert merchant.CODEC.decode_state(state).frauds.totals[0] == 300
