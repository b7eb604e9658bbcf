"""Scheduled work as the scheduler sees it: each kind is done whatever becomes of the others, bounded, and counted."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from functions.scheduled_work import service
from functions.scheduled_work.task import TaskRun
from shared.errors import NotFound, SlackerError, Unavailable
from shared.storage.due import BatchResult
from tests.support.builders.scheduled_work import NOW, Function


@dataclass
class Scripted:
    """Does what it is told, share by share; then there is nothing left."""

    name: str
    script: list[BatchResult | SlackerError]
    turns: list[TaskRun] = field(default_factory=list)

    async def run(self, turn: TaskRun) -> BatchResult:
        self.turns.append(turn)
        result = self.script.pop(0) if self.script else BatchResult(0, 0)
        if isinstance(result, SlackerError):
            raise result
        return result


async def test_each_kind_is_counted(tmp_path: Path) -> None:
    works = [Scripted("one", [BatchResult(3, 3)]), Scripted("other", [])]
    assert await Function(tmp_path, works=works).call() == (
        200,
        {"one": {"found": 3, "done": 3, "failed": 0}, "other": {"found": 0, "done": 0, "failed": 0}},
    )


async def test_one_that_fails_is_told_and_stops_no_other(tmp_path: Path) -> None:
    works = [Scripted("broken", [Unavailable("the store is down")]), Scripted("other", [BatchResult(1, 1)])]
    function = Function(tmp_path, works=works)
    status, counts = await function.call()
    assert (status, counts["broken"]["failed"], counts["other"]["done"]) == (503, 1, 1)
    [line] = function.lines("work_failed")
    assert (line["work"], line["reason"], line["severity"]) == ("broken", "the store is down", "ERROR")


async def test_what_failed_among_others_is_told_and_counted(tmp_path: Path) -> None:
    function = Function(tmp_path, works=[Scripted("one", [BatchResult(3, 2, [Unavailable("down")])])])
    assert await function.call() == (503, {"one": {"found": 3, "done": 2, "failed": 1}})
    assert [line["reason"] for line in function.lines("work_failed")] == ["down"]


async def test_what_fails_in_the_same_way_is_told_once(tmp_path: Path) -> None:
    failures = [Unavailable("down"), NotFound("gone"), Unavailable("down"), Unavailable("down")]
    function = Function(tmp_path, works=[Scripted("one", [BatchResult(4, 0, failures)])])
    assert (await function.call())[1]["one"]["failed"] == 4
    lines = [(line["reason"], line["counts"]) for line in function.lines("work_failed")]
    assert lines == [("down", {"failed": 3}), ("gone", {"failed": 1})]


async def test_full_shares_are_followed_by_more(tmp_path: Path) -> None:
    full = BatchResult(service.BATCH, service.BATCH)
    work = Scripted("one", [full, full, BatchResult(5, 5), BatchResult(1, 1)])
    _, counts = await Function(tmp_path, works=[work]).call()
    assert (len(work.turns), counts["one"]["done"]) == (3, 205)
    assert {(turn.now, turn.limit) for turn in work.turns} == {(NOW, service.BATCH)}


async def test_a_share_of_which_nothing_could_be_done_keeps_no_other_from_being_looked_at(tmp_path: Path) -> None:
    stuck = BatchResult(service.BATCH, 0, [Unavailable("down")])
    work = Scripted("one", [stuck, BatchResult(3, 3)])
    _, counts = await Function(tmp_path, works=[work]).call()
    assert (len(work.turns), counts["one"]) == (2, {"found": 103, "done": 3, "failed": 1})


async def test_no_share_is_begun_when_time_runs_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SECONDS", service._TO_FINISH)
    work = Scripted("one", [])
    assert (await Function(tmp_path, works=[work]).call())[0] == 200
    assert work.turns == []


@pytest.mark.parametrize(
    ("method", "path", "caller", "status"),
    [
        ("GET", "/", "scheduler@slacker.local", 405),
        ("POST", "/else", "scheduler@slacker.local", 404),
        ("POST", "/", "payments@slacker.local", 403),
    ],
)
async def test_nobody_but_the_scheduler_has_work_done(
    tmp_path: Path, method: str, path: str, caller: str, status: int
) -> None:
    work = Scripted("one", [BatchResult(1, 1)])
    assert (await Function(tmp_path, works=[work]).call(method, path, caller))[0] == status
    assert work.turns == []


async def test_nothing_is_said_of_work_that_there_is_none_of(tmp_path: Path) -> None:
    function = Function(tmp_path)
    status, counts = await function.call()
    assert (status, {count["found"] for count in counts.values()}) == (200, {0})
    works = {"unsent_answers", "due_commands", "due_reviews", "due_dead_letters", "due_notifications", "late_reversals"}
    works |= {"audit_head", "audit_check"}
    assert set(counts) == works
    assert function.lines("work_done") == []
