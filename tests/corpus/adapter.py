"""What of the code the corpus enters by: each function's `main.build`, the command line, and the stores they share.

The only module of the corpus that imports the code: what is renamed there is renamed here, and nowhere else in it.
"""

import asyncio
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from datetime import datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import msgspec
from click.testing import CliRunner
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

import cli.session
from cli.main import slacker
from cli.session import Session
from local.stack import tokens
from local.stack.state_directory import StateDirectory
from shared.clock import SYSTEM, Timer
from shared.commands.command import parse
from shared.composition.ports import open_ports
from shared.data_model.registry import COLLECTIONS
from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.embedded.sqlite_documents import SqliteDocuments
from shared.ids import OperationRef
from shared.messaging.messages import Message
from shared.privacy import Pseudonymiser
from shared.risk import answers
from shared.risk.reviews import stored_review
from shared.runtime.id_cipher import TokenKeyCipher
from shared.storage.documents import Create, Delete, Document, Documents, Increment, Key, Write
from tests.support.builders.signatures import signed_throughout
from tests.support.deadlines import plenty

NAMES = tuple(sorted(collection.name for collection in COLLECTIONS))
"""Every collection."""

TOKEN_KEY = b"k" * 32
TOKENS = Pseudonymiser(TOKEN_KEY, 1)
"""As the secret is."""

_PAGE = 500
_TRACE_BYTES = 24  # what a request takes for its trace, and nobody else


class Clock:
    """Implements the clock port: the time is what the corpus says, and what waits waits for real."""

    def __init__(self) -> None:
        self.at = datetime.fromisoformat("2026-11-22T09:30:00+00:00")
        self._began, self._real = self.at, SYSTEM.monotonic()

    def now(self) -> datetime:
        """See the port."""
        return self.at

    def monotonic(self) -> float:
        """See the port."""
        return self._real + (self.at - self._began).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """See the port."""
        await asyncio.sleep(0)

    def block(self, seconds: float) -> None:
        """See the port."""

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """See the port."""
        return SYSTEM.timeout(seconds)

    def call_later(self, seconds: float, callback: Any) -> Timer:
        """See the port."""
        return SYSTEM.call_later(seconds, callback)


class Function:
    """One function over `documents` and `publisher`, on `clock`; `printed` is its log."""

    def __init__(
        self, name: str, environ: Mapping[str, str], documents: Documents, publisher: Any, clock: Clock
    ) -> None:
        self.printed = BytesIO()
        main = import_module(f"functions.{name}.main")

        def ours(environ: Mapping[str, str]) -> Any:
            return replace(open_ports(environ, clock), documents=documents, _publisher=publisher)

        with ExitStack() as patched:
            patched.enter_context(patch.object(main, "open_ports", ours))
            patched.enter_context(patch("sys.stdout", SimpleNamespace(buffer=self.printed)))
            service = main.build(environ)
        self._entry = type(main._entry)(name, lambda _: service, clock)

    async def answer(self, request: Request) -> Response:
        """The response to a request."""
        response: Response = await self._entry(request)
        return response


@contextmanager
def no_chance() -> Iterator[None]:
    """Trace ids are the same each time, and jitter is its middle."""

    real = os.urandom

    def urandom(count: int) -> bytes:
        return b"\x17" * count if count == _TRACE_BYTES else real(count)

    with patch("os.urandom", urandom), patch.object(random, "uniform", lambda low, high: (low + high) / 2):
        yield


async def load(documents: Documents, kept: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """Put documents, as `Stage.documents` shows them with states as bytes, into an empty store."""
    states: list[Write] = []
    counts: list[Write] = []
    for name, by_id in kept.items():
        for id_, each in by_id.items():
            key, expires_at = Key(name, id_), _time(each["expires_at"])
            if each["state"] or not each["count"]:
                states.append(Create(key, each["state"], _time(each["due_at"]), expires_at))
            if each["count"]:
                counts.append(Increment(key, each["count"], expires_at))
    await _commit(documents, states)
    await _commit(documents, counts)


async def replace_all(documents: Documents, name: str, kept: Mapping[str, Mapping[str, Any]]) -> None:
    """Have `kept`, documents by id, in a collection and nothing else."""
    await _commit(documents, [Delete(Key(name, id_)) for id_ in (await dump(documents)).get(name, {})])
    await load(documents, {name: kept})


async def dump(documents: Documents) -> dict[str, dict[str, dict[str, Any]]]:
    """Every document by collection and id."""
    collections: dict[str, dict[str, dict[str, Any]]] = {}
    for name in NAMES:
        after = ""
        while page := await documents.scan(name, _soon(), after=after, limit=_PAGE):
            collections.setdefault(name, {}).update({each.key.id: _as_json(each) for each in page})
            after = page[-1].key.id
    return collections


async def signed(name: str, state: bytes, directory: Path) -> bytes:
    """A document's state with the signatures of keys in `directory`, or seals: those that were recorded have none."""
    if name == answers.ANSWERS.name:
        answer = answers.CODEC.parse(state)
        seals = [answers.seal(parse(command), TOKENS) for command in answer.pending]
        return answers.CODEC.encode(replace(answer, seals=seals))
    if name != stored_review.CODEC.collection.name:
        return state
    record = stored_review.CODEC.parse(state)
    return stored_review.CODEC.encode(replace(record, review=await signed_throughout(record.review, directory)))


async def without_signatures(name: str, state: bytes) -> bytes:
    """A document's state without signatures, which chance makes, and without seals; its client by id."""
    if name not in {stored_review.CODEC.collection.name, answers.ANSWERS.name}:
        return state
    content: Any = msgspec.msgpack.decode(state)
    if name == answers.ANSWERS.name:
        return msgspec.msgpack.encode(content[:-1])
    review = content[1]
    for field in ("opening", "statements"):
        review.pop(field)
    if encrypted := review.pop("encrypted_client_id"):
        about = OperationRef(**review["operation"]).key
        review["client_id"] = await TokenKeyCipher(_token_key, 1).decrypt(encrypted, about, _soon())
    return msgspec.msgpack.encode(content)


def memory() -> tuple[MemoryDocuments, MemoryPublisher]:
    """An empty store and a publisher of this process."""
    return MemoryDocuments(), MemoryPublisher()


def on_disk(state: Path, clock: Clock) -> Documents:
    """The store that the command line opens."""
    return SqliteDocuments(state / "documents.sqlite", clock)


def published(publisher: MemoryPublisher) -> Mapping[str, list[Message]]:
    """Everything that was published, by topic."""
    return publisher.published


def command_line(arguments: list[str], environ: Mapping[str, str], clock: Clock, user: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    session = Session(environ, lambda: clock.at)
    with patch.object(cli.session, "open_ports", lambda environ_given: open_ports(environ_given, clock)):
        result = CliRunner().invoke(slacker, arguments, obj=session, env={"SLACKER_USER": user, "COLUMNS": "100"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        return result.exit_code, f"{result.output}{type(result.exception).__name__}: {result.exception}"
    return result.exit_code, result.output


def signs(state: Path) -> None:
    """Let the command line sign tokens there."""
    tokens.load_or_create(StateDirectory(state).key)


async def _token_key(version: int, deadline: Deadline) -> bytes:
    return TOKEN_KEY


async def _commit(documents: Documents, writes: Sequence[Write]) -> None:
    for start in range(0, len(writes), _PAGE):
        await documents.commit(writes[start : start + _PAGE], _soon())


def _as_json(document: Document) -> dict[str, Any]:
    times = {"due_at": document.due_at, "expires_at": document.expires_at}
    return {"state": document.state, "count": document.count} | {k: v and v.isoformat() for k, v in times.items()}


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _soon() -> Deadline:
    return plenty()
