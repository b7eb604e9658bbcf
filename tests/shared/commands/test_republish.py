"""What is due is published again, and one type that cannot be holds up no other."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from shared.commands import ledger
from shared.commands.republish import republish_due
from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.errors import Damaged, NotFound, Unavailable
from shared.messaging.messages import Message
from shared.storage.documents import Create, Key
from shared.storage.due import LEASE
from tests.shared.commands.test_command import COMMAND
from tests.support.deadlines import plenty

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TYPES = ("create_ticket", "notify_client", "open_review", "resolve_transaction")


async def parked(documents: MemoryDocuments) -> None:
    """A command of each type, due."""
    for kind in TYPES:
        command = replace(COMMAND, id=kind, type=kind)
        entry = ledger.accepted(command, command.digest(), NOW)
        await documents.commit([ledger.write(ledger.key(kind), None, entry)], plenty())


class Without(MemoryPublisher):
    """There is no such topic, or it cannot be published to just now."""

    async def publish(self, topic: str, messages: Sequence[Message], deadline: Deadline) -> list[str]:
        if topic == "commands-create-ticket":
            raise NotFound("there is no topic commands-create-ticket")
        if topic == "commands-open-review":
            raise Unavailable("the publisher is down")
        return await super().publish(topic, messages, deadline)


async def test_a_topic_that_cannot_be_published_to_holds_up_no_other() -> None:
    documents, publisher = MemoryDocuments(), Without()
    await parked(documents)
    done = await republish_due(documents, publisher, now=NOW, limit=100, deadline=plenty())
    assert (done.taken, done.done, {type(error) for error in done.failed}) == (4, 2, {NotFound, Unavailable})
    assert sorted(publisher.published) == ["commands-notify-client", "commands-resolve-transaction"]
    again = await republish_due(documents, MemoryPublisher(), now=NOW + LEASE, limit=100, deadline=plenty())
    assert again == (4, 4, [])


@pytest.mark.parametrize("limit", [1, 5])
async def test_a_damaged_entry_is_told_and_takes_no_place_for_good(limit: int) -> None:
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    await documents.commit([Create(Key(ledger.COLLECTION, "broken"), b"?", NOW.replace(year=2020))], plenty())
    await parked(documents)
    looks = [await republish_due(documents, publisher, now=NOW, limit=limit, deadline=plenty()) for _ in range(5)]
    assert [type(error) for done in looks for error in done.failed] == [Damaged]
    assert sum(done.done for done in looks) == 4
