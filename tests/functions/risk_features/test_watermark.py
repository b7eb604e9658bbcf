"""The watermark is the time of the newest transaction, from which decisions tell how old the features are."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from shared.events.events import Kind, Transaction
from shared.money import Money
from shared.risk.features import watermark
from shared.risk.features.keys import WATERMARK
from shared.storage.documents import Document
from tests.functions.risk_features.test_pushes import CLIENT, NOW, PURCHASE, function
from tests.support.deadlines import plenty
from tests.support.push_client import Function


async def stored_watermark(tested: Function) -> Document | None:
    [document] = await tested.documents.read([WATERMARK], plenty())
    return document


async def test_the_watermark_is_the_newest_transactions_and_never_goes_back(tmp_path: Path) -> None:
    """Nor ahead of the clock, where the bank's clock is."""
    tested = function(tmp_path, replay=False)
    ahead = replace(PURCHASE, occurred_at=datetime.now(UTC) + timedelta(minutes=5))
    await tested.send(ahead)
    document = await stored_watermark(tested)
    assert document is not None
    assert NOW <= watermark.CODEC.decode(document) <= datetime.now(UTC)
    again = function(tmp_path, documents=tested.documents)
    await again.send(replace(PURCHASE, event_id="e0"))
    assert await stored_watermark(again) == document


async def test_a_heartbeat_in_a_quiet_hour_moves_the_watermark_and_touches_no_client(tmp_path: Path) -> None:
    """As the guide to events has it: a fee of nothing, of a client that is the bank itself."""
    tested = function(tmp_path, replay=False)
    await tested.send(PURCHASE)
    before = tested.states()[CLIENT]
    beat = Transaction(
        event_id="heartbeat-1", client="heartbeat", kind=Kind.FEE, occurred_at=NOW, amount=Money(0, "EUR")
    )
    later = function(tmp_path, replay=False, documents=tested.documents)
    assert await later.send(beat) == 204
    document = await stored_watermark(later)
    assert document is not None
    assert watermark.CODEC.decode(document) == NOW
    assert later.states()[CLIENT] == before
