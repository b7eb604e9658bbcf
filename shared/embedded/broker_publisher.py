"""The publisher port on the local broker, over HTTP in the shape of Pub/Sub's REST: confirmed once it is in its file.

A request that was lost, refused for now or answered with nonsense is repeated while there is time, after a pause with
jitter: publishing twice is allowed.
"""

from collections.abc import Sequence
from io import BytesIO

import aiohttp
import msgspec

from shared.backoff import backoff
from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Invalid, Misconfigured, NotFound, Problem, SlackerError, Unavailable
from shared.http.session import new_session, read_limited
from shared.messaging.messages import Message
from shared.messaging.publisher import batches, validate

_ATTEMPTS = 5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.020, 0.5  # seconds at most
_KEEP_ALIVE = 15.0  # well below the broker's own 75 s
_LONG = 1_000_000
_MAX_BYTES = 1_000_000


class _Sent(msgspec.Struct, rename="camel", omit_defaults=True):
    data: bytes = b""
    attributes: dict[str, str] = {}
    ordering_key: str = ""


class _Request(msgspec.Struct):
    messages: list[_Sent]


class _Response(msgspec.Struct, rename="camel"):
    message_ids: list[str]


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Response).decode


class BrokerPublisher:
    """Implements `shared.messaging.publisher.Publisher` with the broker at `url`, for the event loop of the first
    call.
    """

    def __init__(self, url: str, project: str) -> None:
        self._topics = f"{url.rstrip('/')}/v1/projects/{project}/topics/"
        self._configured = bool(url and project)
        self._session: aiohttp.ClientSession | None = None

    async def publish(self, topic: str, messages: Sequence[Message], deadline: Deadline) -> list[str]:
        """See the port."""
        if not self._configured:
            raise Misconfigured("set SLACKER_BROKER to the local broker's URL, and GOOGLE_CLOUD_PROJECT")
        validate(messages)
        ids: list[str] = []
        for batch in batches(messages):
            sent = [_Sent(message.data, dict(message.attributes), message.ordering_key) for message in batch]
            ids += await self._repeated(topic, _encode(_Request(sent)), len(batch), deadline)
        return ids

    async def close(self) -> None:
        """See the port."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _repeated(self, topic: str, body: bytes, count: int, deadline: Deadline) -> list[str]:
        waits = backoff(_FIRST_PAUSE, growth=4, longest=_LONGEST_PAUSE)
        for left in reversed(range(_ATTEMPTS)):
            try:
                async with deadline.timeout():
                    return await self._once(topic, body, count)
            except TimeoutError as error:
                raise DeadlineExceeded("the broker did not confirm in time") from error
            except Unavailable:
                if not left:
                    raise
            await deadline.sleep(next(waits))
        raise AssertionError("the last attempt returns or raises")

    async def _once(self, topic: str, body: bytes, count: int) -> list[str]:
        url = f"{self._topics}{topic}:publish"
        headers = {"content-type": "application/json"}
        # aiohttp wants long bodies as files, which it sends piece by piece.
        data = body if len(body) < _LONG else BytesIO(body)
        try:
            async with self._opened().post(url, data=data, headers=headers, allow_redirects=False) as response:
                if response.status != 200:
                    raise _refusal(response.status, topic)
                content = await read_limited(response.content, _MAX_BYTES)
        except aiohttp.ClientError as error:
            raise Unavailable(f"the broker is away: {type(error).__name__}") from error
        try:
            ids = _decode(content).message_ids
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unavailable("the broker's answer cannot be read") from error
        if len(ids) != count:
            raise Unavailable(f"the broker confirmed {len(ids)} of {count} messages")
        return ids

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = new_session(keep_alive=_KEEP_ALIVE)
        return self._session


def _refusal(status: int, topic: str) -> SlackerError:
    if status == 404:
        return NotFound(f"the broker has no topic {topic}, or serves another project")
    if status in {400, 413}:
        return Invalid(Problem("/messages", f"the broker refused them with status {status}"))
    return Unavailable(f"the broker answered with status {status}")
