"""The publisher port on Pub/Sub: one Publish per batch on one channel, confirmed when Pub/Sub has stored it.

A publish is repeated where Pub/Sub says that it was away or is overloaded: publishing twice is allowed.
"""

from collections.abc import Sequence
from urllib.parse import quote

from grpc import StatusCode

from shared.deadline import Deadline
from shared.errors import Invalid, NotFound, Problem, Unavailable
from shared.gcp import pubsub_messages
from shared.gcp.grpc_channel import Channel, Method
from shared.messaging.messages import Message
from shared.messaging.publisher import batches, validate

HOST = "pubsub.googleapis.com"

_PUBLISH = Method(
    "/google.pubsub.v1.Publisher/Publish",
    pubsub_messages.PublishResponse,
    # Those that Google's own client repeats a publish after.
    again=frozenset(
        {
            *(StatusCode.ABORTED, StatusCode.CANCELLED, StatusCode.INTERNAL, StatusCode.RESOURCE_EXHAUSTED),
            *(StatusCode.UNAVAILABLE, StatusCode.UNKNOWN),
        }
    ),
    errors={
        StatusCode.NOT_FOUND: NotFound,
        StatusCode.INVALID_ARGUMENT: lambda text: Invalid(Problem("/messages", text)),
    },
)


class PubsubPublisher:
    """Implements `shared.messaging.publisher.Publisher` with the topics of `project`; `emulator` is its host and
    port.
    """

    def __init__(self, project: str, emulator: str = "") -> None:
        self._topics = f"projects/{project}/topics/"
        self._channel = Channel(HOST, emulator=emulator)

    async def publish(self, topic: str, messages: Sequence[Message], deadline: Deadline) -> list[str]:
        """See the port."""
        validate(messages)
        name = self._topics + topic
        ids: list[str] = []
        for batch in batches(messages):
            request = pubsub_messages.publish(name, batch)
            response = await self._channel.unary(_PUBLISH, request, deadline, f"topic={quote(name, safe='')}")
            if len(response.message_ids) != len(batch):
                raise Unavailable(f"Pub/Sub confirmed {len(response.message_ids)} of {len(batch)} messages")
            ids += response.message_ids
        return ids

    async def close(self) -> None:
        """See the port."""
        await self._channel.close()
