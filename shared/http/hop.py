"""One function calls another: a kept-alive connection, a token, a deadline, and one more try if the connection broke.

The framework closes idle connections after 2 s, so ours are dropped after 1.5 s; where that crosses a request on its
way, trying once more is what the caller wants. It cannot be told from a service that died over the request, so what is
called this way must be safe to call twice.
"""

import aiohttp

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Invalid, Misconfigured, Problem, SlackerError, Unavailable
from shared.http import bounded
from shared.identity import Identity

_KEEP_ALIVE = 1.5
_MAX_BYTES = 256 * 1024  # of an answer, which may be put on record, its numbers up to 2.25 times as long
_MAX_CONNECTIONS = 256


class Hop:
    """Posts JSON to services under their tokens. Belongs to the running loop; build it on the first request."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._session = bounded.new_session(keep_alive=_KEEP_ALIVE, max_connections=_MAX_CONNECTIONS)

    async def post(self, url: str, body: bytes, headers: dict[str, str], deadline: Deadline) -> bytes:
        """The body of a 200 answer.

        Raises `DeadlineExceeded`; `Unavailable` for no answer, a 5xx or a 429; `Misconfigured` for one that says that
        we may not ask, or not there; `Invalid` for any other.

        `url` is the service's own, and so the audience of the token it is shown.
        """
        try:
            async with deadline.timeout():
                token = await self._identity.token(url, deadline)
                sent = {**headers, "authorization": f"Bearer {token}", "content-type": "application/json"}
                try:
                    return await self._once(url, body, sent)
                except (aiohttp.ServerDisconnectedError, ConnectionResetError, BrokenPipeError):
                    return await self._once(url, body, sent)
        except TimeoutError as error:
            raise DeadlineExceeded("no answer within the deadline") from error
        except aiohttp.ClientError as error:
            raise Unavailable(f"no answer: {type(error).__name__}") from error

    async def _once(self, url: str, body: bytes, headers: dict[str, str]) -> bytes:
        async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            if response.status != 200:
                raise _error(response.status)
            content = await bounded.read(response.content, _MAX_BYTES)
            if len(content) > _MAX_BYTES:
                raise Unavailable(f"answered with more than {_MAX_BYTES} bytes")
            return content

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


def _error(status: int) -> SlackerError:
    told = f"answered with status {status}"
    if status >= 500 or status == 429:
        return Unavailable(told)
    if status in {401, 403, 404}:
        return Misconfigured(f"{told}: see its address, and who may call it")
    return Invalid(Problem("", told))
