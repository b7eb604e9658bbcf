"""What the accounting of commands needs of a store, on every one: claims that hold, and what is due published once."""

import asyncio
from datetime import timedelta
from pathlib import Path

from functions.command_dispatch.claims import LEASE
from shared.commands.republish import republish_due
from shared.commands.status import CommandStatus
from shared.embedded.memory_publisher import MemoryPublisher
from shared.errors import Deferred, Uncertain
from shared.storage.documents import Documents
from shared.storage.due import LEASE as DUE_LEASE
from tests.support.builders.command_dispatch import NOW, Dispatch, command
from tests.support.deadlines import plenty

COMMANDS = 12


async def test_two_instances_that_get_the_same_commands_do_each_once(documents: Documents, tmp_path: Path) -> None:
    """Who loses a claim is refused; one whose end the store did not take in time is settled once its claim lapsed."""
    both = [Dispatch(tmp_path, documents=documents) for _ in range(2)]
    commands = [command(f"c-{n}") for n in range(COMMANDS)]
    for number in range(3):
        for instance in both:
            instance.now = NOW + number * (LEASE + instance.handler.settling_time)
        sent = await asyncio.gather(*(instance.send(sent_command) for sent_command in commands for instance in both))
        assert set(sent) <= {204, 503}
    calls = [call for instance in both for call in instance.handler.calls]
    certain = [id_ for id_, uncertain in calls if not uncertain]
    assert len(certain) == len(set(certain))
    assert {id_ for id_, _ in calls} == {sent_command.id for sent_command in commands}
    assert [entry.status for entry in await both[0].entries()] == [CommandStatus.DONE] * COMMANDS


async def test_what_is_due_is_published_once_by_two_that_look_at_once(documents: Documents, tmp_path: Path) -> None:
    dispatch = Dispatch(tmp_path, documents=documents)
    commands = [command(f"c-{n}") for n in range(COMMANDS)]
    dispatch.handler.steps = [Deferred("later", 60.0) if n % 2 else Uncertain("lost") for n in range(COMMANDS)]
    await asyncio.gather(*(dispatch.send(sent_command) for sent_command in commands))
    publisher, now = MemoryPublisher(), NOW + dispatch.handler.settling_time

    async def look() -> tuple[int, int]:
        done = await republish_due(documents, publisher, now=now, limit=100, deadline=plenty())
        return done.taken, done.done

    looks = await asyncio.gather(look(), look())
    messages = publisher.published["commands-create-ticket"]
    assert sum(published for _, published in looks) == len(messages) == COMMANDS
    assert sorted(message.data for message in messages) == sorted(sent_command.encoded() for sent_command in commands)
    assert await look() == (0, 0)
    now += DUE_LEASE  # those messages were lost
    assert await look() == (COMMANDS, COMMANDS)
    dispatch.now = now
    assert {await dispatch.send(sent_command) for sent_command in commands} == {204}
    now += timedelta(days=1)
    assert await look() == (0, 0)
    assert sorted(uncertain for _, uncertain in dispatch.handler.calls[COMMANDS:]) == [False] * 6 + [True] * 6


async def test_no_more_is_published_at_once_than_asked_for(documents: Documents, tmp_path: Path) -> None:
    dispatch = Dispatch(tmp_path, documents=documents)
    await dispatch.turn("create_ticket", on=False)
    for n in range(5):
        await dispatch.send(command(f"c-{n}"))
    publisher, now = MemoryPublisher(), NOW + timedelta(minutes=1)
    looks = [await republish_due(documents, publisher, now=now, limit=2, deadline=plenty()) for _ in range(4)]
    assert [result[:2] for result in looks] == [(2, 2), (2, 2), (1, 1), (0, 0)]
