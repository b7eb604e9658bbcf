"""Firestore's adapter when the server is away, hangs or refuses; what it does when all is well is conformance."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc
import pytest
from grpc import StatusCode, aio

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Invalid, SlackerError, Unavailable, WriteConflict
from shared.gcp import firestore_messages as messages
from shared.gcp.firestore_documents import FirestoreDocuments
from shared.storage.documents import Create, Delete, Increment, Key, Update, Write
from tests.support.deadlines import plenty
from tests.support.emulators import free_port
from tests.support.giving_up import unhurried

KEY = Key("things", "a-client's-id")


@asynccontextmanager
async def store_on(address: str) -> AsyncIterator[FirestoreDocuments]:
    documents = FirestoreDocuments("bank", address)
    yield documents
    await documents.close()


class Refusing:
    """A server that ends every call with the next of `statuses`, or, without any left, an empty answer."""

    def __init__(self, *statuses: StatusCode) -> None:
        self.calls = 0
        self._statuses = list(statuses)

    async def answer(self, context: Any) -> None:
        self.calls += 1
        if self._statuses:
            await context.abort(self._statuses.pop(0), f"quoting {KEY.id}")

    async def commit(self, request: Any, context: Any) -> Any:
        await self.answer(context)
        response = messages.CommitResponse()
        for _ in request.writes:
            response.write_results.add().transform_results.add().integer_value = 1
        return response

    async def batch_get(self, request: Any, context: Any) -> AsyncIterator[Any]:
        await self.answer(context)
        yield messages.BatchGetResponse(missing=request.documents[0])


@asynccontextmanager
async def served(behaviour: Refusing, port: int = 0) -> AsyncIterator[str]:
    """The address of a server that behaves so."""
    server = aio.server()
    commit = grpc.unary_unary_rpc_method_handler(
        behaviour.commit, messages.CommitRequest.FromString, messages.CommitResponse.SerializeToString
    )
    batch_get = grpc.unary_stream_rpc_method_handler(
        behaviour.batch_get, messages.BatchGetRequest.FromString, messages.BatchGetResponse.SerializeToString
    )
    methods = {"Commit": commit, "BatchGetDocuments": batch_get}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("google.firestore.v1.Firestore", methods),))
    address = f"127.0.0.1:{server.add_insecure_port(f'127.0.0.1:{port}')}"
    await server.start()
    yield address
    await server.stop(grace=None)


async def test_a_store_that_is_down_is_unavailable_well_within_the_deadline() -> None:
    async with store_on(f"127.0.0.1:{free_port()}") as documents:
        for call in (
            documents.read([KEY], unhurried()),
            documents.commit([Create(KEY, b"")], unhurried()),
            documents.scan("things", unhurried()),
        ):
            with pytest.raises(Unavailable):
                await call


async def test_a_store_that_takes_connections_and_never_answers_costs_the_deadline_and_no_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with store_on(f"127.0.0.1:{listener.getsockname()[1]}") as documents:
            with pytest.raises(DeadlineExceeded):
                await documents.read([KEY], Deadline.after(0.2))
            with pytest.raises(DeadlineExceeded):
                await documents.commit([Create(KEY, b"")], Deadline.after(0.2))


async def test_a_store_that_comes_up_later_is_used_again() -> None:
    behaviour, port, until = Refusing(), free_port(), plenty()
    async with store_on(f"127.0.0.1:{port}") as documents:
        with pytest.raises(Unavailable):
            await documents.commit([Increment(KEY)], until)
        async with served(behaviour, port):
            while not behaviour.calls:
                with suppress(Unavailable):
                    await documents.commit([Increment(KEY)], until)
                await asyncio.sleep(0.02)  # the channel decides when it connects again


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (StatusCode.ALREADY_EXISTS, WriteConflict),
        (StatusCode.FAILED_PRECONDITION, WriteConflict),
        (StatusCode.NOT_FOUND, WriteConflict),
        (StatusCode.INVALID_ARGUMENT, Invalid),
        (StatusCode.DEADLINE_EXCEEDED, DeadlineExceeded),
        (StatusCode.UNAVAILABLE, Unavailable),
        (StatusCode.INTERNAL, Unavailable),
        (StatusCode.PERMISSION_DENIED, Unavailable),
        (StatusCode.RESOURCE_EXHAUSTED, Unavailable),
    ],
)
async def test_a_commit_that_failed_is_not_repeated_and_its_error_quotes_no_id(
    status: StatusCode, error: type[SlackerError]
) -> None:
    behaviour = Refusing(status)
    async with served(behaviour) as address, store_on(address) as documents:
        with pytest.raises(error) as raised:
            await documents.commit([Increment(KEY)], plenty())
    assert behaviour.calls == 1
    assert KEY.id not in str(raised.value)


async def test_a_commit_aborted_for_contention_is_repeated_and_then_conflicts() -> None:
    behaviour = Refusing(StatusCode.ABORTED, StatusCode.ABORTED)
    async with served(behaviour) as address, store_on(address) as documents:
        (written,) = await documents.commit([Increment(KEY)], plenty())
    assert (behaviour.calls, written.count) == (3, 1)
    behaviour = Refusing(*[StatusCode.ABORTED] * 3)
    async with served(behaviour) as address, store_on(address) as documents:
        with pytest.raises(WriteConflict):
            await documents.commit([Increment(KEY)], plenty())


async def test_a_read_is_repeated_after_the_server_was_away() -> None:
    behaviour = Refusing(StatusCode.UNAVAILABLE, StatusCode.INTERNAL)
    async with served(behaviour) as address, store_on(address) as documents:
        assert await documents.read([KEY], plenty()) == [None]
    assert behaviour.calls == 3


async def test_a_version_of_another_store_is_refused() -> None:
    writes: list[Write] = [Update(KEY, "0b9f", b""), Delete(KEY, "1.x")]
    async with store_on("127.0.0.1:1") as documents:
        for write in writes:
            with pytest.raises(Invalid):
                await documents.commit([write], plenty())
