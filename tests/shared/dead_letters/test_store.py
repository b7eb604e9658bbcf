"""Letters in a real store: looked through within bounds, and finished once whoever does it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from shared.dead_letters import letter as letters
from shared.dead_letters.letter import CHUNK_BYTES, RETENTION, Status
from shared.dead_letters.parsing import parse_letter
from shared.dead_letters.resend import resend_due
from shared.dead_letters.search import Filter
from shared.dead_letters.store import MAX_SCANNED, LetterStore, StoredLetter
from shared.embedded.memory_publisher import MemoryPublisher
from shared.embedded.sqlite_documents import SqliteDocuments
from shared.errors import NotFound
from shared.messaging.messages import Delivery, Message
from shared.storage.documents import Create, Update
from tests.support.deadlines import plenty

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
async def documents(tmp_path: Path) -> AsyncIterator[SqliteDocuments]:
    opened = SqliteDocuments(tmp_path / "documents.sqlite")
    yield opened
    await opened.close()


def of(number: int, body: bytes = b"x") -> Delivery:
    """A letter of an event, as it is delivered; each a second after the one before."""
    attributes = {"slacker-reason": "no", "slacker-source": "transactions.risk_features", "offset": str(number)}
    return Delivery(Message(body, attributes), "m", "x.dead_letters", None, NOW + timedelta(seconds=number))


async def kept(documents: SqliteDocuments, number: int, body: bytes = b"x") -> str:
    new = parse_letter(of(number, body), NOW)
    assert await LetterStore(documents).keep(new, body, None, NOW, plenty())
    return new.id


async def settled(documents: SqliteDocuments, id_: str) -> StoredLetter:
    """The letter, redriven by somebody."""
    store, soon = LetterStore(documents), plenty()
    [stored] = await store.find([id_], soon)
    letter = msgspec.structs.replace(stored.letter, status=Status.REDRIVEN, settled_at=NOW, settled_by="ana")
    await documents.commit(
        [Update(stored.document.key, stored.document.version, letters.CODEC.encode(letter), NOW)], soon
    )
    return stored


async def test_a_look_goes_through_so_many_letters_and_says_where_to_look_on(documents: SqliteDocuments) -> None:
    made = [parse_letter(of(number), NOW) for number in range(MAX_SCANNED + 300)]
    writes = [Create(letters.key(new.id), letters.CODEC.encode(new.letter)) for new in made]
    for start in range(0, len(writes), 500):
        await documents.commit(writes[start : start + 500], plenty())
    store, criteria = LetterStore(documents), Filter(type="something else")
    first = await store.search(criteria, "", 50, plenty())
    assert (first.letters, first.scanned, first.after) == ([], MAX_SCANNED, made[MAX_SCANNED - 1].id)
    rest = await store.search(criteria, first.after, 50, plenty())
    assert (rest.letters, rest.scanned, rest.after) == ([], 300, "")


async def test_a_redriven_event_is_sent_once_by_however_many_finish_at_once(documents: SqliteDocuments) -> None:
    publisher = MemoryPublisher()
    for number in range(20):
        await settled(documents, await kept(documents, number))
    both = [resend_due(documents, publisher, now=NOW, limit=100, deadline=plenty()) for _ in range(2)]
    results = await asyncio.gather(*both)
    assert (sum(result.done for result in results), len(publisher.published["transactions"])) == (20, 20)


async def test_a_large_body_goes_back_to_the_byte_and_expires_in_all_its_parts(documents: SqliteDocuments) -> None:
    publisher, body, soon = MemoryPublisher(), bytes(range(250)) * (2 * CHUNK_BYTES // 250 + 1), plenty()
    await settled(documents, await kept(documents, 1, body))
    assert (await resend_due(documents, publisher, now=NOW, limit=9, deadline=soon))[:2] == (1, 1)
    [message] = publisher.published["transactions"]
    assert message.data == body
    parts = await documents.scan(letters.BODIES.name, soon)
    assert [part.expires_at for part in parts] == [NOW + RETENTION] * 3
    assert b"".join(part.state for part in parts) == body


async def test_what_was_not_confirmed_is_due_again_a_minute_later(documents: SqliteDocuments) -> None:
    soon, nowhere, publisher = plenty(), MemoryPublisher(topics=()), MemoryPublisher()
    await settled(documents, await kept(documents, 1))
    done = await resend_due(documents, nowhere, now=NOW, limit=9, deadline=soon)
    assert (done.taken, done.done, [type(error) for error in done.failed]) == (1, 0, [NotFound])
    assert (await resend_due(documents, publisher, now=NOW, limit=9, deadline=soon))[:2] == (0, 0)
    assert (await resend_due(documents, publisher, now=NOW + timedelta(minutes=1), limit=9, deadline=soon))[:2] == (
        1,
        1,
    )


async def test_ids_sort_by_time_and_differ_in_what_came_and_by_which_subscription() -> None:
    ids = [
        letters.letter_id(NOW + timedelta(seconds=n), subscription, body, attributes)
        for n, subscription, body, attributes in (
            (0, "a", b"x", {}), (0, "b", b"x", {}), (0, "a", b"y", {}), (0, "a", b"x", {"k": "v"}),
            (0, "a", b"x", {"kv": ""}), (1, "a", b"x", {}),
        )
    ]  # fmt: skip
    assert (len({*ids}), max(ids)) == (6, ids[5])
