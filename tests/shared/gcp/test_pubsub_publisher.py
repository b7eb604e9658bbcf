"""Pub/Sub's adapter when the server is away, hangs or refuses; all being well is conformance."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pool
from grpc import StatusCode, aio

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Invalid, NotFound, SlackerError, Unavailable
from shared.gcp.pubsub_messages import PublishRequest, PublishResponse
from shared.gcp.pubsub_publisher import PubsubPublisher
from shared.messaging.messages import Message
from tests.support.deadlines import plenty
from tests.support.emulators import free_port
from tests.support.giving_up import unhurried

MESSAGES = [Message(b"somebody's salary"), Message(b"2")]


class Scripted:
    """A server that ends every call with the next of `statuses`, and then confirms `confirmed` messages, or all."""

    def __init__(self, *statuses: StatusCode, confirmed: int | None = None) -> None:
        self.routing: list[str] = []
        self._statuses = list(statuses)
        self._confirmed = confirmed

    async def publish(self, request: Any, context: Any) -> Any:
        self.routing += [value for name, value in context.invocation_metadata() if name == "x-goog-request-params"]
        if self._statuses:
            await context.abort(self._statuses.pop(0), "quoting somebody")
        count = len(request.messages) if self._confirmed is None else self._confirmed
        return PublishResponse(message_ids=[str(n) for n in range(count)])


@asynccontextmanager
async def served(script: Scripted) -> AsyncIterator[PubsubPublisher]:
    """A publisher at a server that behaves so."""
    server = aio.server()
    method = grpc.unary_unary_rpc_method_handler(
        script.publish, PublishRequest.FromString, PublishResponse.SerializeToString
    )
    handler = grpc.method_handlers_generic_handler("google.pubsub.v1.Publisher", {"Publish": method})
    server.add_generic_rpc_handlers((handler,))
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    publisher = PubsubPublisher("bank", address)
    yield publisher
    await publisher.close()
    await server.stop(grace=None)


async def test_a_server_that_is_down_is_unavailable_well_within_the_deadline() -> None:
    publisher = PubsubPublisher("bank", f"127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable):
        await publisher.publish("events", MESSAGES, unhurried())
    await publisher.close()


async def test_a_server_that_never_answers_costs_the_deadline_and_no_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        publisher = PubsubPublisher("bank", f"127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(DeadlineExceeded):
            await publisher.publish("events", MESSAGES, Deadline.after(0.2))
        await publisher.close()


@pytest.mark.parametrize(
    "status",
    [StatusCode.UNAVAILABLE, StatusCode.ABORTED, StatusCode.INTERNAL, StatusCode.RESOURCE_EXHAUSTED],
)
async def test_a_passing_failure_is_tried_again(status: StatusCode) -> None:
    script = Scripted(status, status)
    async with served(script) as publisher:
        assert await publisher.publish("events", MESSAGES, plenty()) == ["0", "1"]
    assert script.routing == ["topic=projects%2Fbank%2Ftopics%2Fevents"] * 3


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (StatusCode.NOT_FOUND, NotFound),
        (StatusCode.INVALID_ARGUMENT, Invalid),
        (StatusCode.PERMISSION_DENIED, Unavailable),
        (StatusCode.UNAUTHENTICATED, Unavailable),
        (StatusCode.FAILED_PRECONDITION, Unavailable),
        (StatusCode.DEADLINE_EXCEEDED, DeadlineExceeded),
    ],
)
async def test_any_other_failure_is_told_at_once_and_quotes_nothing(
    status: StatusCode, error: type[SlackerError]
) -> None:
    script = Scripted(status)
    async with served(script) as publisher:
        with pytest.raises(error) as raised:
            await publisher.publish("events", MESSAGES, plenty())
    assert len(script.routing) == 1
    assert "somebody" not in str(raised.value)


@pytest.mark.parametrize("confirmed", [0, 1, 3])
async def test_a_confirmation_of_another_number_of_messages_is_none(confirmed: int) -> None:
    async with served(Scripted(confirmed=confirmed)) as publisher:
        with pytest.raises(Unavailable):
            await publisher.publish("events", MESSAGES, plenty())


def test_our_description_leaves_room_for_googles_own_classes_in_the_same_process() -> None:
    with pytest.raises(KeyError):
        descriptor_pool.Default().FindFileByName(PublishRequest.DESCRIPTOR.file.name)
