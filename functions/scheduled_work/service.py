"""Scheduled work over HTTP: every kind side by side, share by share, while there is time and anything left to do."""

import asyncio
from collections.abc import Sequence

import msgspec
from starlette.responses import Response

from shared.clock import Clock
from shared.errors import SlackerError
from shared.http.callers import Callers
from shared.http.guard import guard
from shared.http.request import HttpRequest
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache
from shared.trace import Trace

from .task import Task, TaskRun

BATCH = 100
"""Documents of one kind that are taken on at once."""

SECONDS = 25.0
"""For one call; less than until the next."""

_TO_FINISH = 10.0  # seconds of them in which no further share is begun

_MAX_BODY = 64 * 1024


class Service(msgspec.Struct, frozen=True):
    """Answers the scheduler, one of `allowed`."""

    callers: Callers
    allowed: frozenset[str]
    tasks: Sequence[Task]
    log: Log
    token_key: TokenKeyCache
    clock: Clock

    async def handle(self, request: HttpRequest) -> Response:
        """200 with counts for each kind of work, 503 with the same where anything failed; see
        `shared.composition.entry_point`.
        """
        refused = guard(request, self.callers, self.allowed, function="scheduled work", verb="call")
        if refused is not None:
            return refused
        await request.body(_MAX_BODY)
        counts = await asyncio.gather(*(self._run(work, request) for work in self.tasks))
        content = {work.name: count for work, count in zip(self.tasks, counts, strict=True)}
        failed = any(count["failed"] for count in counts)
        return Response(msgspec.json.encode(content), 503 if failed else 200, media_type="application/json")

    async def _run(self, task: Task, request: HttpRequest) -> dict[str, int]:
        """Share after share of one kind, whatever becomes of the others."""
        count = {"found": 0, "done": 0, "failed": 0}
        deadline = request.deadline(SECONDS)
        begin_by = deadline.less(_TO_FINISH)
        while not begin_by.passed():
            try:
                run = TaskRun(self.clock.now(), BATCH, self.log.tokens, request.trace, deadline)
                result = await task.run(run)
            except SlackerError as error:
                count["failed"] += 1
                self.log.write_exception("work_failed", request.trace, error, work=task.name)
                break
            self._log_failures(task, result.failed, request.trace)
            _add(count, found=result.taken, done=result.done, failed=len(result.failed))
            if result.taken < BATCH:
                break
        if count["found"]:
            self.log.write("work_done", "INFO", request.trace, work=task.name, counts=count)
        return count

    def _log_failures(self, task: Task, failures: Sequence[SlackerError], trace: Trace) -> None:
        """What went wrong, each thing once and how often: a publisher that is down fails everything in the same way."""
        alike: dict[tuple[type, str], list[SlackerError]] = {}
        for failure in failures:
            alike.setdefault((type(failure), str(failure)), []).append(failure)
        for group in alike.values():
            self.log.write_exception("work_failed", trace, group[0], work=task.name, counts={"failed": len(group)})


def _add(count: dict[str, int], **more: int) -> None:
    for name, number in more.items():
        count[name] += number
