"""What every event function does with a push, whatever it makes of the event."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from functions.merchant_features.main import compose as merchant_features
from functions.risk_features.main import compose as risk_features
from shared.composition.ports import Ports
from shared.embedded.manual_clock import START, ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.events.avro.events import encode
from shared.events.avro.framing import registry_framed
from shared.events.events import Kind, Transaction
from shared.messaging.subscriber import PushSubscriber
from shared.money import Money
from shared.risk.features.keys import CLIENTS, DEVICES, MERCHANTS
from shared.storage.batch_fold import BatchFold, FoldResult
from shared.storage.documents import Document, Key, Update
from tests.support import counting_function
from tests.support.deadlines import plenty
from tests.support.faulty_documents import Troubled
from tests.support.push_client import Function, envelope

PURCHASE = Transaction(
    event_id="e1", client="C-1", kind=Kind.PURCHASE, occurred_at=START - timedelta(hours=1), amount=Money(100, "EUR"),
    device="D-1", merchant="M-1",
)  # fmt: skip
OTHER = replace(PURCHASE, event_id="e2", client="C-2", device="D-2", merchant="M-2")
FUTURE = replace(PURCHASE, occurred_at=START + timedelta(minutes=11))
BODY = encode(PURCHASE)
FUNCTIONS: dict[str, tuple[Callable[[Ports], PushSubscriber[Any]], tuple[str, ...]]] = {
    "risk_features": (risk_features, (CLIENTS, DEVICES)),
    "merchant_features": (merchant_features, (MERCHANTS,)),
    "counting": (counting_function.compose, (counting_function.COUNTED,)),
}


class Maker:
    """Makes the function under test."""

    def __init__(self, name: str, state: Path) -> None:
        self.name, self._state = name, state

    def __call__(self, **options: Any) -> Function:
        compose, collections = FUNCTIONS[self.name]
        made: dict[str, Any] = {
            "documents": MemoryDocuments(),
            "publisher": MemoryPublisher(),
            "collections": collections,
            "clock": ManualClock(skip_sleeps=True),
            "replay": False,
            **options,
        }
        return Function(compose, self.name, self._state, **made)

    def body(self, data: bytes, **options: Any) -> bytes:
        """A push of `data` as a transaction."""
        return envelope(data, f"transactions.{self.name}", **{"published_at": START, **options})


@pytest.fixture(params=FUNCTIONS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Maker:
    return Maker(request.param, tmp_path)


async def test_an_event_is_kept_and_acknowledged(make: Maker) -> None:
    function = make()
    assert await function.send(PURCHASE) == 204
    assert {key.collection for key in function.states()} == set(function.collections)
    assert (function.letters(), function.lines()) == ([], [])


async def test_an_event_that_comes_again_changes_nothing(make: Maker) -> None:
    function = make()
    await function.send(PURCHASE)
    before = function.states()
    assert [await function.send(PURCHASE), await function.send(PURCHASE, attempt=5)] == [204, 204]
    assert (function.states(), function.letters()) == (before, [])


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        (b"", "", "tombstone"),
        (b"\x02", "", ""),
        (BODY + b"\x00", "", "end of the record"),
        (BODY[:-3], "", ""),
        (encode(FUTURE), "occurred_at", "ahead of our clock"),
        (b"x" * 300_000, "", "larger than 256000 bytes"),
    ],
    ids=["tombstone", "framing", "longer", "cut", "future", "large"],
)
async def test_what_can_never_work_is_a_dead_letter_at_once(make: Maker, data: bytes, field: str, reason: str) -> None:
    function = make()
    assert await function.push(make.body(data)) == 204
    [letter] = function.letters()
    assert (letter.data, letter.attributes["slacker-function"]) == (data, make.name)
    assert field in letter.attributes["slacker-field"]
    assert reason in letter.attributes["slacker-reason"]
    assert [line["kind"] for line in function.lines()] == ["dead_lettered"]
    assert function.states() == {}


async def test_history_that_is_replayed_is_never_from_the_future(make: Maker) -> None:
    function = make(replay=True)
    assert await function.send(FUTURE) == 204
    assert function.letters() == []
    assert function.states()


@pytest.mark.parametrize(("attempt", "status"), [(1, 503), (4, 503), (5, 204)])
async def test_an_unknown_schema_is_waited_for_and_then_a_dead_letter(make: Maker, attempt: int, status: int) -> None:
    function = make()
    assert await function.push(make.body(registry_framed(7, BODY), attempt=attempt)) == status
    reasons = [letter.attributes["slacker-reason"] for letter in function.letters()]
    assert ["schema 7" in reason for reason in reasons] == [True] * (status == 204)


async def test_a_state_that_is_damaged_stops_nobody_else(make: Maker) -> None:
    """Its events are refused, then dead letters; another of the same batch is committed."""
    function = make()
    await function.send(PURCHASE)
    documents = await function.documents.read([*function.states()], plenty())
    damage = [Update(document.key, document.version, b"\x9c\x07") for document in documents if document is not None]
    await function.documents.commit(damage, plenty())
    later = replace(PURCHASE, event_id="e3")
    assert [*await asyncio.gather(function.send(later), function.send(OTHER))] == [500, 204]
    assert await function.send(later, attempt=5) == 204
    assert ["damaged" in letter.attributes["slacker-reason"] for letter in function.letters()] == [True]


@pytest.mark.parametrize("trouble", [{"reads": "fail"}, {"commits": "fail"}])
async def test_while_the_store_is_down_messages_are_refused_and_none_is_lost(
    make: Maker, trouble: dict[str, str]
) -> None:
    """Not even as a dead letter, however often they come."""
    documents, working = Troubled(**trouble), make()
    function = make(documents=documents)
    assert [await function.send(PURCHASE, attempt=attempt) for attempt in (1, 5, 50)] == [503] * 3
    documents.reads = documents.commits = "work"
    assert [await function.send(PURCHASE), await working.send(PURCHASE)] == [204, 204]
    assert (function.states(), function.letters()) == (working.states(), [])


class Failing:
    """Another fold, which fails at whatever is about the second client's event."""

    def __init__(self, fold: BatchFold[Any, Any]) -> None:
        self._fold = fold

    def keys(self, items: Sequence[Any]) -> Sequence[Key]:
        return self._fold.keys(items)

    def fold(self, documents: Mapping[Key, Document | None], items: Sequence[Any]) -> FoldResult[Any]:
        if any(OTHER.event_id in repr(item) for item in items):
            raise ZeroDivisionError
        return self._fold.fold(documents, items)


async def test_an_item_at_which_the_fold_fails_fails_alone(make: Maker) -> None:
    function = make(fold=Failing)
    later = replace(PURCHASE, event_id="e3")
    sent = [function.send(PURCHASE), function.send(OTHER), function.send(later)]
    assert [*await asyncio.gather(*sent)] == [204, 500, 204]
    assert await function.send(OTHER, attempt=5) == 204
    assert len(function.letters()) == 1


async def test_without_the_token_key_events_are_refused_and_kept_by_nobody(make: Maker) -> None:
    function = make(tokens=None)
    assert [await function.send(PURCHASE, attempt=attempt) for attempt in (1, 50)] == [503, 503]
    assert (function.states(), function.letters()) == ({}, [])
