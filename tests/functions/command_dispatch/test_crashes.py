"""Whoever dies wherever, the command comes back: by its next delivery, or by scheduled work from the ledger alone."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from functions.command_dispatch.claims import LEASE
from shared.commands import ledger
from shared.commands.ledger import SWEEP_DELAY
from shared.commands.outcome import CommandOutcome
from shared.commands.status import CommandStatus
from shared.dead_letters.parsing import parse_letter
from shared.deadline import Deadline
from shared.embedded.memory_publisher import MemoryPublisher
from shared.errors import Deferred, Unavailable
from shared.messaging.messages import Delivery, Message
from tests.support.builders.command_dispatch import NOW, Dispatch, Scripted, command
from tests.support.deadlines import plenty
from tests.support.faulty_documents import Troubled
from tests.support.faulty_publisher import TroubledPublisher

SECOND = timedelta(seconds=1)


class Down(MemoryPublisher):
    """Publishes nothing while it is `down`."""

    down = True

    async def publish(self, topic: str, messages: Sequence[Message], deadline: Deadline) -> list[str]:
        if self.down:
            raise Unavailable("nobody confirms")
        return await super().publish(topic, messages, deadline)


async def died(dispatch: Dispatch) -> None:
    """Deliver a command to an instance that is killed while it does it."""
    begun = asyncio.Event()

    async def forever() -> None:
        begun.set()
        await asyncio.Event().wait()

    assert isinstance(dispatch.handler, Scripted)
    dispatch.handler.steps.append(forever)
    task = asyncio.create_task(dispatch.send(command()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_claim_of_the_dead_is_taken_over_when_it_has_lapsed_and_settled(tmp_path: Path) -> None:
    """The call may have been made until the very end of the lease: a search finds it two minutes after that."""
    dispatch = Dispatch(tmp_path)
    await died(dispatch)
    dispatch.now = NOW + LEASE - SECOND
    assert await dispatch.send(command()) == 503
    dispatch.now = NOW + LEASE
    assert await dispatch.send(command()) == 204
    assert (await dispatch.entry()).code == "settling"
    dispatch.now = NOW + LEASE + dispatch.handler.settling_time
    [message] = await dispatch.republished()
    assert await dispatch.deliver(message) == 204
    assert dispatch.handler.calls == [("c-1", False), ("c-1", True)]
    assert (await dispatch.entry()).status is CommandStatus.DONE


async def test_a_claim_of_the_dead_comes_back_without_its_message(tmp_path: Path) -> None:
    dispatch = Dispatch(tmp_path, Scripted(settling_time=timedelta()))
    await died(dispatch)
    dispatch.now = NOW + LEASE + SWEEP_DELAY - SECOND
    assert await dispatch.republished() == []
    dispatch.now += SECOND
    assert await dispatch.republished() == [command().encoded()]
    assert await dispatch.republished() == []  # claimed for a minute


@pytest.mark.parametrize(
    ("late", "expected"),
    [(CommandOutcome.done(), CommandStatus.DONE), (CommandOutcome.refused("no"), CommandStatus.CLAIMED)],
)
async def test_who_comes_back_late_may_say_that_it_is_done_and_nothing_else(
    tmp_path: Path, late: CommandOutcome, expected: CommandStatus
) -> None:
    """Frozen for longer than its lease, it answers while another attempt is on."""
    dispatch = Dispatch(tmp_path, Scripted(settling_time=timedelta()))
    frozen, thawed, again, may_end = (asyncio.Event() for _ in range(4))

    async def freeze() -> CommandOutcome:
        frozen.set()
        await thawed.wait()
        return late

    async def settle() -> None:
        again.set()
        await may_end.wait()

    dispatch.handler.steps += [freeze, settle]
    first = asyncio.create_task(dispatch.send(command()))
    await frozen.wait()
    dispatch.now = NOW + LEASE
    second = asyncio.create_task(dispatch.send(command()))
    await again.wait()
    thawed.set()
    assert await first == 204
    assert (await dispatch.entry()).status is expected
    may_end.set()
    assert await second == 204
    assert (await dispatch.entry()).status is CommandStatus.DONE


async def test_a_dead_letter_that_was_not_published_is_published_at_the_next_delivery(tmp_path: Path) -> None:
    publisher = Down()
    dispatch = Dispatch(tmp_path, publisher=publisher)
    dispatch.handler.steps.append(KeyError("secret"))
    assert await dispatch.send(command()) == 503
    entry = await dispatch.entry()
    assert (entry.status, entry.dead_letter_pending, entry.envelope) == (
        CommandStatus.DEAD_LETTERED,
        True,
        command().encoded(),
    )
    dispatch.now = NOW + SWEEP_DELAY
    [message] = await dispatch.republished()
    publisher.down = False
    assert await dispatch.deliver(message) == 204
    [letter] = dispatch.letters()
    assert (letter.attributes["slacker-code"], letter.attributes["slacker-reason"]) == (
        "our_fault", "our own fault: KeyError",
    )  # fmt: skip
    assert len(dispatch.handler.calls) == 1
    document = await dispatch.document("c-1")
    assert document is not None
    assert document.due_at is None


async def test_a_dead_letter_that_was_published_twice_is_one_letter(tmp_path: Path) -> None:
    """Once unconfirmed, once when its message comes again, which may be another message by then."""
    publisher = TroubledPublisher("lost")
    dispatch = Dispatch(tmp_path, publisher=publisher)
    dispatch.handler.steps.append(KeyError("secret"))
    assert await dispatch.send(command(), published_at=NOW, attributes={"sent-by": "a test"}) == 503
    dispatch.now = NOW + SWEEP_DELAY
    [message] = await dispatch.republished()
    publisher.how = "work"
    assert await dispatch.deliver(message, published_at=NOW + SWEEP_DELAY) == 204
    delivered = [Delivery(each, "m", "commands-dead-letter.dead_letters", None, NOW) for each in dispatch.letters()]
    assert (len(delivered), len({parse_letter(each, NOW).id for each in delivered})) == (2, 1)


async def test_a_conflict_whose_dead_letter_was_not_published_comes_again(tmp_path: Path) -> None:
    publisher = Down()
    dispatch = Dispatch(tmp_path, publisher=publisher)
    other = command(payload={"kind": "fraud", "summary": "Look at that"})
    assert (await dispatch.send(command()), await dispatch.send(other)) == (204, 503)
    publisher.down = False
    assert await dispatch.send(other, attempt=2) == 204
    assert len(dispatch.letters()) == 1


@pytest.mark.parametrize("trouble", ["fail", "lost"])
async def test_without_the_store_nothing_is_begun_and_nothing_acknowledged(tmp_path: Path, trouble: str) -> None:
    """A claim that was written and not confirmed holds like any other."""
    documents = Troubled(commits=trouble)
    dispatch = Dispatch(tmp_path, documents=documents)
    assert await dispatch.send(command()) == 503
    documents.commits = "work"
    assert dispatch.handler.calls == []
    dispatch.now = NOW + LEASE + dispatch.handler.settling_time
    assert await dispatch.send(command()) == 204
    assert dispatch.handler.calls == [("c-1", trouble == "lost")]


@pytest.mark.parametrize("trouble", ["fail", "lost"])
async def test_what_was_done_and_not_booked_is_settled_later(tmp_path: Path, trouble: str) -> None:
    documents = Troubled()
    dispatch = Dispatch(tmp_path, documents=documents)

    async def breaks() -> None:
        documents.commits = trouble

    dispatch.handler.steps.append(breaks)
    assert await dispatch.send(command()) == 503
    documents.commits = "work"
    dispatch.now = NOW + LEASE + dispatch.handler.settling_time
    assert await dispatch.send(command()) == 204
    assert dispatch.handler.calls[1:] == ([("c-1", True)] if trouble == "fail" else [])
    assert (await dispatch.entry()).status is CommandStatus.DONE


async def test_a_damaged_entry_spoils_nobody_else_s_commit_and_ends_as_a_dead_letter(tmp_path: Path) -> None:
    dispatch = Dispatch(tmp_path)
    await dispatch.send(command("broken"))
    document = await dispatch.document("broken")
    assert document is not None
    dispatch.documents._documents[document.key] = type(document)(document.key, b"\xff", document.version)  # type: ignore[attr-defined]
    sent = await asyncio.gather(dispatch.send(command("broken")), *(dispatch.send(command(f"c-{n}")) for n in range(5)))
    assert sent == [500, 204, 204, 204, 204, 204]
    assert await dispatch.send(command("broken"), attempt=5) == 204
    assert [letter.attributes["slacker-code"] for letter in dispatch.letters()] == ["damaged"]


async def test_a_command_begun_in_time_is_settled_after_it_and_given_up_a_day_later(tmp_path: Path) -> None:
    dispatch = Dispatch(tmp_path)
    dispatch.handler.steps += [TimeoutError(), *[Deferred("not yet", 3600.0)] * 50]
    await dispatch.send(command())
    while (await dispatch.entry()).status is CommandStatus.PARKED:
        dispatch.now += timedelta(hours=1)
        await dispatch.send(command())
    entry = await dispatch.entry()
    assert (entry.status, entry.code) == (CommandStatus.AMBIGUOUS, "not_settled")
    assert timedelta(hours=25) < dispatch.now - NOW <= timedelta(hours=26)
    assert len(dispatch.handler.calls) == 26


async def test_a_dead_letter_that_may_have_been_done_is_settled_before_it_is_tried_again(tmp_path: Path) -> None:
    """Pub/Sub gave its message up after somebody had died of it, and an operator sent it back at once."""
    dispatch = Dispatch(tmp_path)
    await died(dispatch)
    dispatch.now = NOW + LEASE
    for change in (ledger.dead_lettered, ledger.reopened):
        write = change(await dispatch.document("c-1"), command(), dispatch.now)
        assert write is not None
        await dispatch.documents.commit([write], plenty())
    assert await dispatch.send(command()) == 204
    assert (await dispatch.entry()).code == "settling"
    dispatch.now += dispatch.handler.settling_time
    assert await dispatch.send(command()) == 204
    assert dispatch.handler.calls == [("c-1", False), ("c-1", True)]
