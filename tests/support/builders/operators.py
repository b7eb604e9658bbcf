"""The operators' API in memory behind a port, as the command line reaches a local stack's."""

import asyncio
import json
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

import jwt
from click.testing import CliRunner, Result

from cli.main import slacker
from cli.session import Session
from local.stack import tokens
from local.stack.state_directory import StateDirectory
from shared.embedded import stack_file
from tests.support.builders.operator_api import Office
from tests.support.deadlines import PLENTY

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """An office, the loop it lives on, and the command line of whoever sits down."""

    office: Office
    state: Path
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What a coroutine gives, on the office's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PLENTY)

    def cli(self, *arguments: object, who: str | None = "ana") -> Result:
        """A command, typed by somebody."""
        (self.state / "logs" / "operator_api.jsonl").write_bytes(self.office.log.getvalue())  # as a stack's front does
        session = Session({"SLACKER_ENVIRONMENT": "local", "SLACKER_STATE": str(self.state)}, lambda: self.office.now)
        return CliRunner().invoke(
            slacker, [str(argument) for argument in arguments], obj=session, env={"SLACKER_USER": who}
        )


@contextmanager
def desk(path: Path) -> Iterator[Desk]:
    """An empty office that is open."""
    state, loop = StateDirectory(path), asyncio.new_event_loop()
    state.logs.mkdir(parents=True)
    signing = tokens.load_or_create(state.key)
    opened = Desk(Office(), path, loop)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    server.front = (opened, signing, url)  # type: ignore[attr-defined]
    stack_file.announce(path, {"functions": {"operator_api": url}})
    threads = [threading.Thread(target=server.serve_forever, args=(0.01,)), threading.Thread(target=loop.run_forever)]
    for thread in threads:
        thread.start()
    try:
        yield opened
    finally:
        server.shutdown()
        loop.call_soon_threadsafe(loop.stop)
        for thread in threads:
            thread.join()
        server.server_close()
        loop.close()


class _Handler(BaseHTTPRequestHandler):
    """The stack's front: it checks the token, and passes on who that is."""

    def _serve(self) -> None:
        opened, signing, url = self.server.front  # type: ignore[attr-defined]
        bearer = signing.stripped(self.headers["authorization"], url, time.time()).partition(" ")[2]
        email = jwt.decode(bearer, options={"verify_signature": False})["email"]
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        path, _, query = self.path.partition("?")
        answer = opened.run(opened.office.call(email.partition("@")[0], self.command, unquote(path), body, query))
        content = json.dumps(answer.json).encode()
        self.send_response(answer.status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
