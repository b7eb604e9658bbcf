"""Slacker's synchronous API over HTTP: each request is parsed here, answered by the domain, and logged."""

import asyncio
from contextlib import suppress

import msgspec
from starlette.responses import Response

from shared.catalogue.active import Active, Refreshed
from shared.catalogue.active_versions import ActiveVersions
from shared.clock import Clock
from shared.deadline import Deadline
from shared.errors import Forbidden, Invalid, NotFound, Problem, Unavailable
from shared.http import deadline_header
from shared.http.callers import Callers
from shared.http.json_body import json_object
from shared.http.request import HttpRequest
from shared.http.responses import method_not_allowed
from shared.risk.answers import ATTEMPT_NUMBERS, load, record_key
from shared.risk.operation import Operation
from shared.risk.question import MAX_BYTES, Question, parse_question
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache
from shared.storage.documents import Documents
from shared.trace import Trace

from . import log_lines, openapi
from .advise import AdviceResult, Adviser, sandbox_advised
from .answer import FallbackReason
from .sandbox import ADVICE, Forced, forced

_ATTEMPTS = frozenset(map(str, ATTEMPT_NUMBERS))
_MARGIN = 0.010  # seconds of the deadline kept for encoding, the log line and the way back
_COLD_LOOK = 0.1  # seconds a cold instance waits for the store before it goes on with the bundled copy
_PATIENCE = 0.05  # seconds an answer waits for that look, once an interval: else a quick operation would never see one
_RECORD = 5.0  # seconds to read a record, or all operations: nobody waits at a till for it
_FORCED_SILENCE = 4  # how many deadlines sandbox.timeout stays silent


class Service(msgspec.Struct, frozen=True):
    """Answers the requests of one instance. `sandbox` and `replay` are off in production."""

    callers: Callers
    documents: Documents
    operations: ActiveVersions[Operation]
    adviser: Adviser
    log: Log
    token_key: TokenKeyCache
    clock: Clock
    sandbox: bool
    replay: bool

    async def handle(self, request: HttpRequest) -> Response:
        """The response to any call; see `shared.composition.entry_point`."""
        match request.path.strip("/").split("/"):
            case ["v1", "operations", name, "advice"]:
                return await self._advise(request, name) if request.method == "POST" else method_not_allowed("POST")
            case ["v1", "operations", name, "advice", operation_id]:
                return (
                    await self._record(request, name, operation_id)
                    if request.method == "GET"
                    else method_not_allowed("GET")
                )
            case ["v1", "openapi.json"]:
                return await self._described(request) if request.method == "GET" else method_not_allowed("GET")
            case _:
                raise NotFound("the paths of this service are in /v1/openapi.json")

    async def _described(self, request: HttpRequest) -> Response:
        self.callers.identify(request.headers)
        operations = await self.operations.everything(self.documents, request.deadline(_RECORD), request.arrived)
        return Response(openapi.document(operations), media_type="application/json")

    async def _advise(self, request: HttpRequest, name: str) -> Response:
        caller = self.callers.identify(request.headers)
        active, refreshing = await self._operation(name, request)
        operation, version = active.value, active.label  # together: while the body comes another may be put in force
        deadline = request.deadline(operation.deadline - _MARGIN)
        try:
            if caller.email not in operation.callers:
                raise Forbidden(f"{caller.email} may not ask about {name}: see callers in the operation")
            limit = deadline_header.parse(request.headers)
            if limit is not None and limit < operation.deadline:
                deadline = request.deadline(limit - _MARGIN)
            content = json_object(await request.body(MAX_BYTES))
            question = parse_question(operation, version, content, self.clock.now(), replay=self.replay)
            outcome = forced(question.operation_id, allowed=self.sandbox)
            advised = await self._answer(question, outcome, request.trace, deadline)
        finally:
            if refreshing is not None:
                self._refreshed(request.trace, await _ended(refreshing, deadline))
        took = request.elapsed()
        log_lines.answered(self.log, request.trace, question, advised, caller.email, took)
        return Response(advised.body, media_type="application/json")

    async def _answer(
        self, question: Question, outcome: Forced | None, trace: Trace, deadline: Deadline
    ) -> AdviceResult:
        if outcome is None:
            return await self.adviser.advise(question, trace, deadline)
        if outcome in ADVICE:
            return sandbox_advised(question, ADVICE[outcome], self.clock.now())
        if outcome is Forced.LATE:
            await deadline.sleep(deadline.remaining())
            return sandbox_advised(question, question.case.fallback, self.clock.now(), FallbackReason.LATE)
        if outcome is Forced.TIMEOUT:
            await self.clock.sleep(question.operation.deadline * _FORCED_SILENCE)
        raise Unavailable("forced by the sandbox operation id")

    async def _operation(
        self, name: str, request: HttpRequest
    ) -> tuple[Active[Operation], asyncio.Task[Refreshed] | None]:
        """The operation, and the look for a newer version if one is due: it runs beside the question, for the next
        one.
        """
        active, refreshed, due = await self.operations.current(
            name, self.documents, request.deadline(_COLD_LOOK), request.arrived
        )
        self._refreshed(None, refreshed)
        if not due:
            return active, None
        look = active.refresh(self.documents, request.deadline(active.value.deadline), request.arrived)
        return active, asyncio.ensure_future(look)

    def _refreshed(self, trace: Trace | None, refreshed: Refreshed) -> None:
        if refreshed.problem is not None:
            self.log.write("operation_not_refreshed", "ERROR", trace, reason=refreshed.problem)

    async def _record(self, request: HttpRequest, name: str, operation_id: str) -> Response:
        caller = self.callers.identify(request.headers)
        active, refreshing = await self._operation(name, request)
        if refreshing is not None:
            self._refreshed(request.trace, await refreshing)
        if caller.email not in active.value.readers:
            raise Forbidden(f"{caller.email} may not read answers of {name}: see readers in the operation")
        attempt = request.query().get("attempt", "1")
        if attempt not in _ATTEMPTS:
            raise Invalid(Problem("?attempt", f"a number from {ATTEMPT_NUMBERS[0]} to {ATTEMPT_NUMBERS[-1]} expected"))
        key = record_key(name, operation_id, int(attempt))
        [record] = await load(self.documents, [key], request.deadline(_RECORD))
        if record is None:
            raise NotFound(f"there is no answer on record for attempt {attempt} at this operation id")
        return Response(record.answer, media_type="application/json")


async def _ended(refreshing: "asyncio.Task[Refreshed]", deadline: Deadline) -> Refreshed:
    """What a look for a newer version found, given up soon after the answer is ready: nothing runs after an answer."""
    with suppress(TimeoutError):
        async with deadline.within(_PATIENCE).timeout():
            await asyncio.wait((refreshing,))
    refreshing.cancel()
    try:
        return await refreshing
    except asyncio.CancelledError:
        return Refreshed()
