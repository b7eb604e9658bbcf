"""The way into a function: built on the first request, and no exception leaves."""

import gc
import io
import json
from collections.abc import Awaitable, Callable, Mapping

import pytest
from starlette.requests import Request
from starlette.responses import Response

from shared.composition.entry_point import EntryPoint
from shared.deadline import Deadline
from shared.errors import Invalid, Misconfigured, Overloaded, Problem, Unavailable
from shared.http.request import HttpRequest
from shared.privacy import Pseudonymiser
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache

REQUEST = Request({"type": "http", "headers": [], "method": "GET", "path": "/"})


class Service:
    """Answers as told."""

    def __init__(self, answer: Response | Exception, read: Callable[[Deadline], Awaitable[Pseudonymiser]]) -> None:
        self.written = io.BytesIO()
        self.log = Log("toy", stream=self.written)
        self.token_key = TokenKeyCache(read)
        self.answer = answer

    async def handle(self, request: HttpRequest) -> Response:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def readable(deadline: Deadline) -> Pseudonymiser:
    return Pseudonymiser(b"k" * 32, 1)


async def unreadable(deadline: Deadline) -> Pseudonymiser:
    raise Unavailable("no secrets")


async def reply(service: Service) -> tuple[int, list[dict[str, object]]]:
    response = await EntryPoint("toy", lambda _: service)(REQUEST)
    return response.status_code, [json.loads(line) for line in service.written.getvalue().splitlines()]


async def test_an_answer_passes_through() -> None:
    assert await reply(Service(Response(b"ok"), readable)) == (200, [])


async def test_a_refusal_is_one_line_naming_fields() -> None:
    status, [line] = await reply(Service(Invalid(Problem("/a", "expected")), readable))
    assert (status, line["kind"], line["severity"], line["problems"]) == (422, "refused", "INFO", ["/a"])


async def test_a_fault_of_ours_is_a_500_whose_cause_is_in_the_log_alone() -> None:
    service = Service(ValueError("client C-1"), readable)
    response = await EntryPoint("toy", lambda _: service)(REQUEST)
    assert (response.status_code, b"C-1" in bytes(response.body)) == (500, False)
    assert json.loads(service.written.getvalue())["error"] == "ValueError"


async def test_without_a_token_key_requests_are_answered_all_the_same() -> None:
    status, lines = await reply(Service(Response(b"ok"), unreadable))
    assert (status, [line["kind"] for line in lines]) == (200, ["token_key_not_read"])


async def test_the_service_is_built_once() -> None:
    built = []

    def build(environ: Mapping[str, str]) -> Service:
        built.append(1)
        return Service(Response(b"ok"), readable)

    entry = EntryPoint("toy", build)
    for _ in range(3):
        await entry(REQUEST)
    assert built == [1]


async def test_a_deployment_that_is_set_up_wrongly_answers_500_and_tells_its_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr("sys.stdout", written)

    def build(environ: Mapping[str, str]) -> Service:
        raise Misconfigured("set SLACKER_X")

    assert (await EntryPoint("toy", build)(REQUEST)).status_code == 500
    line = json.loads(written.buffer.getvalue())
    assert (line["function"], line["reason"]) == ("toy", "set SLACKER_X")


async def test_too_much_at_once_is_one_line_and_says_when_to_come_again() -> None:
    service = Service(Overloaded("too much is waiting"), readable)
    response = await EntryPoint("toy", lambda _: service)(REQUEST)
    assert (response.status_code, response.headers["retry-after"]) == (429, "1")
    [line] = service.written.getvalue().splitlines()
    assert json.loads(line)["kind"] == "refused"


async def test_what_is_there_for_good_is_out_of_the_garbage_collectors_sight() -> None:
    """From the first request on."""
    await EntryPoint("toy", lambda _: Service(Response(), readable))(REQUEST)
    assert gc.get_freeze_count() > 1000
