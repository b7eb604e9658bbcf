"""Does the steps of a scenario and says what came of each: every function over one store, on a clock of the corpus.

A step is a JSON object; `do` says what it is: `http` (a request `to` a function `as` somebody), `push` (a message that
a subscription hands over), `deliver` (what was published on a topic and not yet delivered is pushed `to` a function),
`cli` (a command of `python -m cli`) or `run` (a module, in a process of its own). `at` sets the clock first.
Bytes are as `content.py` has them.
"""

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from aiohttp import web
from starlette.requests import Request

from tests.corpus import adapter
from tests.corpus.content import data, text
from tests.corpus.downstreams import Downstreams, token
from tests.corpus.loop import http_sessions, running_loop
from tests.corpus.settings import PUSHER, settings, write_secrets

T = TypeVar("T")
Json = dict[str, Any]

_WITHIN = 60.0
_TURNS = 20  # of the loop, in which a request on a connection that is open arrives


class Stage:
    """Everything that a scenario plays on. `environ` are settings besides those that all scenarios have."""

    def __init__(self, directory: Path, environ: Mapping[str, str], loop: asyncio.AbstractEventLoop) -> None:
        self.directory = directory
        self.clock = adapter.Clock()
        self._loop = loop
        self._base_environ = environ
        self._documents, self._publisher = adapter.memory()
        self._functions: dict[str, adapter.Function] = {}
        self._downstreams = Downstreams(self._through)
        self._delivered: dict[tuple[str, str], int] = {}
        self._messages = 0
        self._answering = 0
        self._idle = asyncio.Event()
        self._idle.set()
        write_secrets(directory)
        self.run(self._downstreams.start())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What a coroutine gives, on the stage's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_WITHIN)

    def close(self) -> None:
        """Give back what is held."""
        self.run(self._downstreams.close())

    def load(self, kept: Mapping[str, Mapping[str, Json]]) -> None:
        """Put the documents of a scenario's end into the store, which is empty; what is signed today is signed."""
        states = {
            name: {id_: {**each, "state": self._signed(name, data(each["state"]))} for id_, each in by_id.items()}
            for name, by_id in kept.items()
        }
        self.run(adapter.load(self._documents, states))

    def documents(self) -> dict[str, dict[str, Json]]:
        """Every document of the store, without signatures."""
        dumped = self.run(adapter.dump(self._documents))
        return {
            name: {
                id_: {**each, "state": text(self.run(adapter.without_signatures(name, each["state"])))}
                for id_, each in by_id.items()
            }
            for name, by_id in dumped.items()
        }

    def _signed(self, name: str, state: bytes) -> bytes:
        return self.run(adapter.signed(name, state, self.directory))

    def do(self, step: Json) -> list[Json]:
        """What came of a step; one answer of each request."""
        if "at" in step:
            self.clock.at = datetime.fromisoformat(step["at"])
        does: Mapping[str, Callable[[Json], Iterator[Json]]] = {
            "http": self._http, "push": self._push, "deliver": self._deliver, "cli": self._cli, "run": self._run,
        }  # fmt: skip
        return [self._without_chance(came) for came in does[step["do"]](step)]

    def _http(self, step: Json) -> Iterator[Json]:
        body = data(step.get("body", ""))
        headers = {"content-length": str(len(body)), **step.get("headers", {})}
        if "as" in step:
            headers["authorization"] = f"Bearer {token(step['as'])}"
        yield self._ask(step["to"], step.get("method", "POST"), step["path"], step.get("query", ""), headers, body)

    def _push(self, step: Json) -> Iterator[Json]:
        self._messages += 1
        message: Json = {"messageId": step.get("id", f"m-{self._messages}")}
        message["publishTime"] = step.get("published_at", self.clock.at.isoformat())
        message |= {"attributes": step["attributes"]} if "attributes" in step else {}
        message |= {"data": base64.b64encode(data(step["data"])).decode()} if "data" in step else {}
        pushed: Json = {"message": message, "subscription": f"projects/p/subscriptions/{step['topic']}.{step['to']}"}
        if step.get("attempt", 1):
            pushed["deliveryAttempt"] = step.get("attempt", 1)
        body = json.dumps(pushed).encode()
        headers = {"content-length": str(len(body)), "authorization": f"Bearer {token(PUSHER)}"}
        yield self._ask(step["to"], "POST", "/", "", headers, body)

    def _deliver(self, step: Json) -> Iterator[Json]:
        at = (step["topic"], step["to"])
        waiting = adapter.published(self._publisher).get(step["topic"], [])[self._delivered.get(at, 0) :]
        self._delivered[at] = self._delivered.get(at, 0) + len(waiting)
        for message in waiting:
            pushed = {"attributes": dict(message.attributes), "data": text(message.data), **step}
            yield from self._push(pushed)

    def _cli(self, step: Json) -> Iterator[Json]:
        for name, content in step.get("files", {}).items():
            (self.directory / name).write_text(content)
        arguments = [each.replace("DIRECTORY", str(self.directory)) for each in step["arguments"]]
        before = self.run(adapter.dump(self._documents))
        for left in self.directory.glob("documents.sqlite*"):
            left.unlink()
        disk = adapter.on_disk(self.directory, self.clock)
        self.run(adapter.load(disk, before))
        self.run(disk.close())
        adapter.signs(self.directory)
        self._function("operator_api")
        environ = self._environ() | {"SLACKER_BACKEND": "embedded"}
        environ["SLACKER_OPERATOR_API"] = f"http://127.0.0.1:{self._downstreams.port}/operator_api"
        at = self._marks()
        code, output = adapter.command_line(arguments, environ, self.clock, step.get("as", "ana"))
        if step.get("writes"):
            disk = adapter.on_disk(self.directory, self.clock)
            after = self.run(adapter.dump(disk))
            self.run(disk.close())
            for name in adapter.NAMES:
                if after.get(name) != before.get(name):
                    self.run(adapter.replace_all(self._documents, name, after.get(name, {})))
        yield {"code": code, "output": output, **self._since(at)}

    def _run(self, step: Json) -> Iterator[Json]:
        command = [sys.executable, "-m", *step["arguments"]]
        environ = {**os.environ, "COLUMNS": "100"}
        ended = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
        yield {"code": ended.returncode, "output": ended.stdout + ended.stderr}

    def _ask(self, name: str, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Json:
        at = self._marks()
        status, response_headers, content = self.run(self._answer(name, method, path, query, headers, body))
        return {"status": status, "headers": response_headers, "body": text(content), **self._since(at)}

    async def _answer(
        self, name: str, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Json, bytes]:
        scope: Json = {
            "type": "http", "method": method, "path": unquote(path), "raw_path": quote(path).encode(),
            "query_string": query.encode(),
            "headers": [(each.lower().encode(), value.encode()) for each, value in headers.items()],
        }  # fmt: skip

        async def receive() -> Json:
            return {"type": "http.request", "body": body, "more_body": False}

        response = await self._function(name).answer(Request(scope, receive))
        await self._rest(name)
        response_headers = {key: value for key, value in sorted(response.headers.items()) if key != "content-length"}
        return response.status_code, response_headers, bytes(response.body)

    async def _rest(self, name: str) -> None:
        """What `name` asked another of our functions, and did not wait for, is answered before the step is over."""
        if name == "advice":
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            await self._idle.wait()

    async def _through(self, name: str, request: web.BaseRequest, body: bytes) -> web.Response:
        path = "/" + request.path.strip("/").partition("/")[2]
        self._answering += 1
        self._idle.clear()
        try:
            status, response_headers, content = await self._answer(
                name, request.method, path, request.query_string, request.headers, body
            )
        finally:
            self._answering -= 1
            if not self._answering:
                self._idle.set()
        return web.Response(status=status, body=content, headers=response_headers)

    def _function(self, name: str) -> adapter.Function:
        if name not in self._functions:
            self._functions[name] = adapter.Function(
                name, self._environ(), self._documents, self._publisher, self.clock
            )
        return self._functions[name]

    def _environ(self) -> dict[str, str]:
        return {**settings(self.directory, self._downstreams.port), **self._base_environ}

    def _marks(self) -> tuple[dict[str, int], dict[str, int]]:
        self._downstreams.calls.clear()
        logs = {name: len(function.printed.getvalue()) for name, function in self._functions.items()}
        return {topic: len(sent) for topic, sent in adapter.published(self._publisher).items()}, logs

    def _since(self, at: tuple[dict[str, int], dict[str, int]]) -> Json:
        """What was published, logged and called since `at`; without what is empty."""
        sent, logs = at
        lines = [
            json.loads(line)
            for name, function in sorted(self._functions.items())
            for line in function.printed.getvalue()[logs.get(name, 0) :].splitlines()
        ]
        published = [
            {"topic": topic, "attributes": dict(each.attributes), "data": text(each.data), "key": each.ordering_key}
            for topic, messages in sorted(adapter.published(self._publisher).items())
            for each in messages[sent.get(topic, 0) :]
        ]
        happened = {"log": lines, "published": published, "calls": list(self._downstreams.calls)}
        return {name: each for name, each in happened.items() if each}

    def _without_chance(self, came: Json) -> Json:
        """`came` without what depends on the machine: the directory, the port, and the lines of code in a log line."""
        for line in came.get("log", ()):
            line.pop("where", None)
        text = json.dumps(came)
        text = text.replace(str(self.directory), "DIRECTORY").replace(f"127.0.0.1:{self._downstreams.port}", "HOST")
        result: Json = json.loads(text)
        return result


@contextmanager
def stage(directory: Path, environ: Mapping[str, str]) -> Iterator[Stage]:
    """A stage with a loop of its own, in a thread."""
    with running_loop() as loop, adapter.no_chance(), http_sessions() as opened:
        made = Stage(directory, environ, loop)
        try:
            yield made
        finally:
            for session in opened:
                made.run(session.close())
            made.close()
