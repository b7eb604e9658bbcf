"""Schemas by Confluent's HTTP API, which Apicurio and Redpanda answer too: `GET {url}/schemas/ids/{number}`.

Source: https://docs.confluent.io/platform/current/schema-registry/develop/api.html#schemas
"""

from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

from shared.backoff import backoff
from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Invalid, Problem, Unavailable, UnknownSchema
from shared.events.avro.registry import Authorization
from shared.http.session import new_session, read_limited
from shared.json_value import NO_JSON

_TRIES = 3
_PAUSE = 0.025  # seconds, doubled with each failure
_TRY_TIMEOUT = 0.8  # seconds for one try, so that a second one fits into a caller's deadline
_KEEP_ALIVE = 1.5
_MAX_BYTES = 1_000_000
_ACCEPT = "application/vnd.schemaregistry.v1+json, application/json"


class ConfluentRegistry:
    """The registry at `url`. `authorization` gives the value of the header of that name: it is called with the first
    request, and its value is kept.

    Belongs to the running loop; build it on the first request.
    """

    def __init__(self, url: str, authorization: Authorization | None = None) -> None:
        self._url = url.rstrip("/")
        self._session = new_session(keep_alive=_KEEP_ALIVE, headers={"accept": _ACCEPT})
        self._authorization = authorization
        self._authorization_header: dict[str, str] | None = None

    async def schema(self, number: int, deadline: Deadline) -> Any:
        """The schema's JSON, parsed; raises as the port says. A transient failure is tried three times in all."""
        headers = await self._headers(deadline)
        tried = 0
        waits = backoff(2 * _PAUSE, growth=2)
        while True:
            tried += 1
            try:
                async with deadline.within(_TRY_TIMEOUT).timeout():
                    return await self._once(number, headers)
            except (TimeoutError, aiohttp.ClientError, Unavailable) as error:
                pause = next(waits)
                if deadline.remaining() <= pause:
                    raise DeadlineExceeded(f"the schema registry did not tell schema {number} in time") from error
                if tried == _TRIES:
                    reason = str(error) if isinstance(error, Unavailable) else type(error).__name__
                    raise Unavailable(f"the schema registry did not tell schema {number}: {reason}") from error
            await deadline.sleep(pause)

    async def _headers(self, deadline: Deadline) -> Mapping[str, str]:
        if self._authorization_header is None:
            value = await self._authorization(deadline) if self._authorization is not None else ""
            self._authorization_header = {"authorization": value} if value else {}
        return self._authorization_header

    async def _once(self, number: int, headers: Mapping[str, str]) -> Any:
        url = f"{self._url}/schemas/ids/{number}"
        async with self._session.get(url, headers=headers, allow_redirects=False) as response:
            body = await read_limited(response.content, _MAX_BYTES)
            if len(body) > _MAX_BYTES:
                raise Unavailable("an answer of too many bytes")
            if response.status == 404:
                raise UnknownSchema(f"the schema registry has no schema {number}")
            if response.status != 200:
                raise Unavailable(f"status {response.status}")
        return _schema(number, body)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


class _Answer(msgspec.Struct):
    schema: str
    schemaType: str = "AVRO"  # noqa: N815 - the API's name
    references: list[Any] = []


def _schema(number: int, body: bytes) -> Any:
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except NO_JSON as error:
        raise Unavailable("no answer of a schema registry") from error
    if answer.schemaType != "AVRO":
        raise Invalid(Problem("", f"schema {number} is not an Avro schema"))
    if answer.references:
        raise Invalid(Problem("", f"schema {number} refers to others: one that is whole in itself expected"))
    try:
        return msgspec.json.decode(answer.schema)
    except NO_JSON as error:
        raise Invalid(Problem("", f"schema {number} is not JSON")) from error
