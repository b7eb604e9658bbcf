"""What a registry says is kept, what it does not say is asked again a moment later, and nobody waits in vain."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.errors import DeadlineExceeded, Invalid, Problem, SlackerError, Unavailable, UnknownSchema
from shared.events.avro.file_registry import FileRegistry
from shared.events.avro.registry import CachedRegistry, NoRegistry
from tests.support.deadlines import plenty


class Scripted:
    """Answers what it is told to, counts, and hangs while `hanging` is set."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requested: list[int] = []
        self.hanging: asyncio.Event | None = None
        self.closed = False

    async def schema(self, number: int, deadline: Deadline) -> Any:
        self.requested.append(number)
        if self.hanging is not None:
            async with deadline.timeout():
                await self.hanging.wait()
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def close(self) -> None:
        self.closed = True


async def ask(registry: CachedRegistry, number: int = 1) -> Any:
    return await registry.schema(number, plenty())


async def test_a_schema_that_was_found_is_never_asked_for_again() -> None:
    scripted = Scripted("one", "two")
    registry = CachedRegistry(scripted)
    assert [await ask(registry, 1), await ask(registry, 1), await ask(registry, 2)] == ["one", "one", "two"]
    assert scripted.requested == [1, 2]


async def test_many_who_ask_at_once_are_one_question() -> None:
    scripted = Scripted("one")
    scripted.hanging = asyncio.Event()
    registry = CachedRegistry(scripted)
    asking = [asyncio.create_task(ask(registry)) for _ in range(20)]
    await asyncio.sleep(0)
    scripted.hanging.set()
    assert await asyncio.gather(*asking) == ["one"] * 20
    assert scripted.requested == [1]


FAILURES = [UnknownSchema("none"), Unavailable("down"), DeadlineExceeded("slow"), Invalid(Problem("", "not Avro"))]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
async def test_a_failure_is_remembered_for_a_moment_and_then_asked_about_again(failure: SlackerError) -> None:
    scripted, clock = Scripted(failure, "one"), ManualClock()
    registry = CachedRegistry(scripted, moment=1.0, clock=clock)
    for passed in (0.0, 0.0, 0.75):
        await clock.advance(passed)
        with pytest.raises(type(failure)):
            await ask(registry)
    assert scripted.requested == [1]
    await clock.advance(0.25)
    assert await ask(registry) == "one"


async def test_who_waits_for_a_registry_that_hangs_waits_no_longer_than_his_own_deadline() -> None:
    scripted = Scripted()
    scripted.hanging = asyncio.Event()
    registry = CachedRegistry(scripted, longest=60.0)
    clock = ManualClock()
    waits = [asyncio.create_task(registry.schema(1, Deadline.after(seconds, clock))) for seconds in (1, 2, 2, 3)]
    over = []
    for _ in range(3):
        await clock.advance(1)
        over.append(sum(wait.done() for wait in waits))
    outcomes = await asyncio.gather(*waits, return_exceptions=True)
    assert (over, {type(outcome) for outcome in outcomes}) == ([1, 3, 4], {DeadlineExceeded})


async def test_numbers_that_nobody_registered_fill_no_memory() -> None:
    failures = [UnknownSchema("none") for _ in range(1_500)]
    registry = CachedRegistry(Scripted(*failures), moment=60.0)
    for number in range(1_500):
        with pytest.raises(UnknownSchema):
            await ask(registry, number)
    assert len(registry._failed) == 1_000
    assert registry._asking == {}


async def test_closing_lets_go_of_what_is_behind() -> None:
    scripted = Scripted()
    await CachedRegistry(scripted).close()
    assert scripted.closed


async def test_files_of_a_folder_are_a_registry(tmp_path: Path) -> None:
    (tmp_path / "7.avsc").write_text('"string"')
    (tmp_path / "8.avsc").write_text("{")
    registry = FileRegistry(tmp_path)
    assert await registry.schema(7, plenty()) == "string"
    with pytest.raises(Unavailable):
        await registry.schema(8, plenty())
    with pytest.raises(UnknownSchema):
        await registry.schema(9, plenty())
    await registry.close()


async def test_without_a_registry_no_number_is_known() -> None:
    with pytest.raises(UnknownSchema):
        await NoRegistry().schema(1, plenty())
    await NoRegistry().close()
