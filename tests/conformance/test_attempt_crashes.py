"""Two deliveries at once, and an instance that dies at any point: commands and notifications, over a store."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest

from functions.command_dispatch.claims import LEASE as COMMAND_LEASE
from shared.commands.status import CommandStatus
from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from shared.notifications import devices
from shared.notifications.planning import LEASE as NOTIFICATION_LEASE
from shared.storage.documents import Document, Key, Write, Written
from tests.support.builders import command_dispatch as commands
from tests.support.builders import push_notification as notifications
from tests.support.deadlines import plenty


class StoppingDocuments(MemoryDocuments):
    """A store that an instance dies in: the commit of number `stop_at`, `applied` or not, never returns.

    With a `meeting`, reads wait for each other.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stop_at, self.applied = 0, False
        self.stopped = asyncio.Event()
        self.meeting: asyncio.Barrier | None = None

    async def read(self, keys: Sequence[Key], deadline: Deadline) -> list[Document | None]:
        documents = await super().read(keys, deadline)
        if self.meeting is not None:
            meeting = self.meeting
            await meeting.wait()
            self.meeting = None
        return documents

    async def commit(self, writes: Sequence[Write], deadline: Deadline) -> list[Written]:
        self.stop_at -= 1
        if self.stop_at != 0:
            return await super().commit(writes, deadline)
        if self.applied:
            await super().commit(writes, deadline)
        self.stopped.set()
        await asyncio.Event().wait()
        raise AssertionError


class Item(Protocol):
    """One item, delivered to instances over one store."""

    documents: StoppingDocuments
    wait: timedelta
    """How long after an instance died the item is attempted again, or given up."""

    async def instance(self, path: Path) -> Callable[[timedelta], Awaitable[int]]:
        """A new instance, which takes a delivery at a time after noon and gives its status."""
        ...

    async def ended(self) -> str:
        """Its final status."""
        ...

    def attempts(self) -> int:
        """How often it was really attempted."""
        ...


class CommandItem:
    """A ticket."""

    wait = COMMAND_LEASE + timedelta(minutes=2)

    def __init__(self) -> None:
        self.documents = StoppingDocuments()
        self.handler = commands.Scripted()

    async def instance(self, path: Path) -> Callable[[timedelta], Awaitable[int]]:
        self.dispatch = dispatch = commands.Dispatch(path, self.handler, self.documents)

        async def deliver(after: timedelta) -> int:
            if after:
                dispatch.now = commands.NOW + COMMAND_LEASE
                await dispatch.send(commands.command())  # parks it until its outcome has settled, if that is unknown
                dispatch.now = commands.NOW + after
            return await dispatch.send(commands.command())

        return deliver

    async def ended(self) -> str:
        return (await self.dispatch.entry()).status

    def attempts(self) -> int:
        return len(self.handler.calls)


class NotificationItem:
    """A notification by one channel."""

    wait = NOTIFICATION_LEASE

    def __init__(self, channel: str) -> None:
        self.documents = StoppingDocuments()
        self.channel = channel
        self.sender = notifications.Scripted(needs_device=channel == "push")

    async def instance(self, path: Path) -> Callable[[timedelta], Awaitable[int]]:
        registered = await self.documents.read([devices.key(notifications.CLIENT)], plenty())
        self.function = function = notifications.Function(path, self.sender, self.sender, self.documents)
        if registered == [None]:
            await function.knows(notifications.device())

        async def deliver(after: timedelta) -> int:
            function.now = notifications.NOON + after
            return await function.send(notifications.command(channel=self.channel))

        return deliver

    async def ended(self) -> str:
        [entry] = await self.function.entries()
        return entry.status

    def attempts(self) -> int:
        return len(self.sender.out)


ITEMS: dict[str, Callable[[], Item]] = {
    "command": CommandItem,
    "push": lambda: NotificationItem("push"),
    "text": lambda: NotificationItem("text"),
}
SENT = {"command": CommandStatus.DONE, "push": "sent", "text": "sent"}
items = pytest.mark.parametrize("kind", ITEMS)


@items
async def test_of_two_deliveries_that_read_the_same_documents_one_attempts(kind: str, tmp_path: Path) -> None:
    item = ITEMS[kind]()
    first, second = await item.instance(tmp_path), await item.instance(tmp_path)
    item.documents.meeting = asyncio.Barrier(2)
    statuses = await asyncio.gather(first(timedelta()), second(timedelta()))
    assert (min(statuses), item.attempts(), await item.ended()) == (204, 1, SENT[kind])


CRASHES = [
    # the commit it dies in, whether that was applied, then by kind: the attempts made in all, and the final status
    (1, False, {"command": (1, "done"), "push": (1, "sent"), "text": (1, "sent")}),
    (1, True, {"command": (1, "done"), "push": (1, "sent"), "text": (0, "ambiguous")}),
    (2, False, {"command": (2, "done"), "push": (2, "sent"), "text": (1, "ambiguous")}),
    (2, True, {"command": (1, "done"), "push": (1, "sent"), "text": (1, "sent")}),
]


@items
@pytest.mark.parametrize(("commit", "applied", "expected"), CRASHES)
async def test_wherever_an_instance_dies_the_next_one_brings_the_item_to_its_end(
    commit: int, applied: bool, expected: dict[str, tuple[int, str]], kind: str, tmp_path: Path
) -> None:
    """In the claim's commit, or in that of the attempt's end; a text is not sent twice, whatever that costs."""
    item = ITEMS[kind]()
    dying = await item.instance(tmp_path)
    item.documents.stop_at, item.documents.applied = commit, applied
    delivery = asyncio.ensure_future(dying(timedelta()))
    await item.documents.stopped.wait()
    delivery.cancel()
    with pytest.raises(asyncio.CancelledError):
        await delivery
    survivor = await item.instance(tmp_path)
    assert await survivor(item.wait) == 204
    assert (item.attempts(), await item.ended()) == expected[kind]
