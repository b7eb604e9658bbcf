"""An HTTP server on loopback that answers by a script, badly where the script says so."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: `hang` sends nothing, `cut` closes in the middle, `drip` never ends."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    behaviour: str = "answer"


@dataclass(slots=True)
class Scripted:
    """The server while it runs. The last reply of the script is given again and again."""

    url: str
    replies: Sequence[Reply]
    requests: list[dict[str, Any]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def reply(self) -> Reply:
        return self.replies[min(len(self.requests), len(self.replies)) - 1]


def json_reply(value: Any) -> Reply:
    return Reply(json.dumps(value).encode())


@contextmanager
def scripted(*replies: Reply) -> Iterator[Scripted]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = False
    server.script = Scripted(f"http://127.0.0.1:{server.server_port}", replies)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.script  # type: ignore[attr-defined]
    finally:
        server.script.over.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._serve(None)

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("content-length", "0"))))

    def _serve(self, body: bytes | None) -> None:
        script: Scripted = self.server.script  # type: ignore[attr-defined]
        parsed: Any = body
        if body and self.headers.get("content-type", "").startswith("application/json"):
            parsed = json.loads(body)
        script.requests.append({"path": self.path, "authorization": self.headers.get("authorization"), "body": parsed})
        reply = script.reply()
        if reply.behaviour == "hang":
            script.over.wait(60)
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.behaviour == "chunked":
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for byte in reply.body:
                self.wfile.write(b"1\r\n%c\r\n" % byte)
            self.wfile.write(b"0\r\n\r\n")
            return
        self.send_header("content-length", str(len(reply.body) + (1000 if reply.behaviour != "answer" else 0)))
        self.end_headers()
        self.wfile.write(reply.body)
        while reply.behaviour == "drip" and not script.over.wait(0.01):
            try:
                self.wfile.write(b" ")
            except OSError:
                return

    def log_message(self, *_: object) -> None:
        """Say nothing."""
