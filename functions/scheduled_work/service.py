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

SHARE = 100
"""Documents of one kind that are taken on at once."""

SECONDS = 25.0
"""For one call; less than until the next."""

_TO_FINISH = 10.0  # seconds of them in which no further share is begun

_MOST_BODY = 64 * 1024


class Service(msgspec.Struct, frozen=True):
    """Answers the scheduler, one of `allowed`."""

    callers: Callers
    allowed: frozenset[str]
    works: Sequence[Task]
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
        await request.body(_MOST_BODY)
        counts = await asyncio.gather(*(self._done(work, request) for work in self.works))
        content = {work.name: count for work, count in zip(self.works, counts, strict=True)}
        failed = any(count["failed"] for count in counts)
        return Response(msgspec.json.encode(content), 503 if failed else 200, media_type="application/json")

    async def _done(self, work: Task, request: HttpRequest) -> dict[str, int]:
        """Share after share of one kind, whatever becomes of the others."""
        count = {"found": 0, "done": 0, "failed": 0}
        deadline = request.deadline(SECONDS)
        begin_by = deadline.less(_TO_FINISH)
        while not begin_by.passed():
            try:
                turn = TaskRun(self.clock.now(), SHARE, self.log.tokens, request.trace, deadline)
                done = await work.run(turn)
            except SlackerError as error:
                count["failed"] += 1
                self.log.write_exception("work_failed", request.trace, error, work=work.name)
                break
            self._tell(work, done.failed, request.trace)
            _add(count, found=done.taken, done=done.done, failed=len(done.failed))
            if done.taken < SHARE:
                break
        if count["found"]:
            self.log.write("work_done", "INFO", request.trace, work=work.name, counts=count)
        return count

    def _tell(self, work: Task, failures: Sequence[SlackerError], trace: Trace) -> None:
        """What went wrong, each thing once and how often: a publisher that is down fails everything in the same way."""
        alike: dict[tuple[type, str], list[SlackerError]] = {}
        for failure in failures:
            alike.setdefault((type(failure), str(failure)), []).append(failure)
        for each in alike.values():
            self.log.write_exception("work_failed", trace, each[0], work=work.name, counts={"failed": len(each)})


def _add(count: dict[str, int], **more: int) -> None:
    for name, number in more.items():
        count[name] += number
