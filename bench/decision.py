"""Where the time of one decision goes, part by part, in this process and over documents in memory.

CPU of each part over the same questions, one part after the other: a little less than it takes in its turn, when what
it needs has left the processor's cache. The whole is measured as served, without the server.
"""

import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

import uvloop
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from bench import targets
from bench.bank import QUESTIONS
from bench.composed.main import build
from bench.counting import handed_over
from bench.measurement import Measurement, informs
from functions.risk_decision.feature_reader import read_features
from functions.risk_decision.response import encode, log_line
from functions.risk_decision.service import MAX_BODY, Service
from shared.composition.entry_point import EntryPoint
from shared.deadline import Deadline
from shared.http.json_body import json_object
from shared.http.request import HttpRequest, from_starlette
from shared.risk.features.extract import States, decoded, extract_live
from shared.risk.features.inputs import of_question
from shared.runtime.log import Log

Item = TypeVar("Item")
Made = TypeVar("Made")

_ROUNDS = 9
_WITHIN = 3600.0  # seconds: no part is hurried


def measure(_: float) -> list[Measurement]:
    """Microseconds of each part, and of the whole."""
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("wb") as nowhere:
        uvloop.run(targets.prepare(Path(folder)))
        subject = targets.risk_decision(Path(folder), "memory")
        service = build(subject.environment)
        service = replace(service, log=Log("risk_decision", stream=nowhere))
        return uvloop.run(_parts(service, list(islice(subject.requests, QUESTIONS))))


async def _parts(service: Service, requests: Sequence[bytes]) -> list[Measurement]:
    timings = _Timings()
    entry = EntryPoint("risk_decision", lambda _: service)
    await timings.measure("whole", requests, lambda request: entry(_starlette_request(request)))
    calls = await timings.measure("received", requests, _received)
    await timings.measure("identified", calls, _ready(lambda call: service.callers.identify(call[0].headers)))
    parsed = await timings.measure("parsed", calls, _ready(lambda call: service.requests.parse(json_object(call[1]))))
    tokens, documents = service.log.tokens, service.decider.documents
    if tokens is None:
        raise RuntimeError("the first decisions have read the token key")
    arrived = service.decider.clock.monotonic()
    rules = await service.rule_sets.current("transaction", documents, Deadline.after(_WITHIN), arrived)
    inputs = await timings.measure("facts", parsed, _ready(lambda request: of_question(request.question, tokens)))
    both = list(zip(parsed, inputs, strict=True))
    now, deadline = datetime.now(UTC), Deadline.after(_WITHIN)
    active = rules.active.value
    reads = await timings.measure(
        "read", both, lambda pair: read_features(documents, pair[1], pair[0].at, now, deadline)
    )
    states = await timings.measure("states", reads, _ready(lambda result: decoded(result.states or States())))
    rows = list(zip(parsed, inputs, reads, states, strict=True))
    features = await timings.measure(
        "features", rows, _ready(lambda row: extract_live(row[1], row[0].at, row[3], row[2].attempts, row[2].watermark))
    )
    questions = await timings.measure(
        "question", parsed, _ready(lambda request: active.read_question(request.question))
    )
    vectors = [
        (feature[0] + question[0], feature[1] | question[1] << active.question_from)
        for feature, question in zip(features, questions, strict=True)
    ]
    newest = now.timestamp()
    await timings.measure("rules", vectors, _ready(lambda vector: active.rules.decide(*vector, newest, newest)))
    decided = [await service.decider.decide(request, rules, tokens, deadline, 0.0) for request in parsed]
    ends = list(zip(parsed, decided, calls, strict=True))
    await timings.measure(
        "logged", ends, _ready(lambda end: log_line(service.log, end[2][0].trace, end[0], end[1], 0.001))
    )
    await timings.measure("answered", ends, _ready(lambda end: Response(encode(end[0], end[1]))))
    return timings.measurements


class _Timings:
    """What was measured so far."""

    def __init__(self) -> None:
        self.measurements: list[Measurement] = []

    async def measure(self, name: str, items: Iterable[Item], part: Callable[[Item], Awaitable[Made]]) -> list[Made]:
        """The results of `part` for each of `items`; measures the least CPU of a round over all, per item in µs."""
        inputs, least = list(items), float("inf")
        made: list[Made] = []
        for _ in range(_ROUNDS):
            started = time.process_time()
            made = [await part(item) for item in inputs]
            least = min(least, time.process_time() - started)
        cost = least / len(inputs) * 1e6
        self.measurements.append(informs(f"decision_{name}", cost, "us CPU"))
        return made


def _ready(part: Callable[[Item], Made]) -> Callable[[Item], Awaitable[Made]]:
    async def made(item: Item) -> Made:
        return part(item)

    return made


def _starlette_request(request: bytes) -> Request:
    head, _, body = request.partition(b"\r\n\r\n")
    lines = [line.split(b": ", 1) for line in head.split(b"\r\n")[1:]]
    return handed_over([(name.lower(), value) for name, value in lines], body)


async def _received(request: bytes) -> tuple[HttpRequest, bytes]:
    call = from_starlette(_starlette_request(request))
    return call, await call.body(MAX_BODY)
