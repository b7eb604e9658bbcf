"""The client by which one function calls another: kept-alive connections, an ID token, a deadline, one retry.

The framework closes idle connections after 2 s, so ours are dropped after 1.5 s. A request that meets a connection just
being closed is sent once more. That cannot be told from a service that died while it worked on the request, so only
what may happen twice is called this way.
"""

import aiohttp

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Invalid, Misconfigured, Problem, SlackerError, Unavailable
from shared.http.callers import ServiceIdentity
from shared.http.session import new_session, read_limited

_KEEP_ALIVE = 1.5
_MAX_BYTES = 256 * 1024  # of an answer, which may be put on record, its numbers up to 2.25 times as long
_MAX_CONNECTIONS = 256


class FunctionClient:
    """Posts JSON to services, each with an ID token. Belongs to the running loop; build it on the first request."""

    def __init__(self, identity: ServiceIdentity) -> None:
        self._identity = identity
        self._session = new_session(keep_alive=_KEEP_ALIVE, max_connections=_MAX_CONNECTIONS)

    async def post(self, url: str, body: bytes, headers: dict[str, str], deadline: Deadline) -> bytes:
        """The body of a 200 answer.

        Raises `DeadlineExceeded`; `Unavailable` for no answer, a 5xx or a 429; `Misconfigured` for 401, 403 and 404;
        `Invalid` for any other status.

        `url` is the service's own address, and therefore the audience of the token.
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
            content = await read_limited(response.content, _MAX_BYTES)
            if len(content) > _MAX_BYTES:
                raise Unavailable(f"answered with more than {_MAX_BYTES} bytes")
            return content

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


def _error(status: int) -> SlackerError:
    message = f"answered with status {status}"
    if status >= 500 or status == 429:
        return Unavailable(message)
    if status in {401, 403, 404}:
        return Misconfigured(f"{message}: see its address, and who may call it")
    return Invalid(Problem("", message))
