"""The HTTP client's session as every adapter has it, and reading a body that somebody else sends, under a limit."""

from collections.abc import Mapping, Sequence

import aiohttp


def new_session(
    *,
    keep_alive: float,
    max_connections: int = 100,
    connect_timeout: float | None = None,
    headers: Mapping[str, str] | None = None,
    trace_configs: Sequence[aiohttp.TraceConfig] = (),
) -> aiohttp.ClientSession:
    """A session of the running loop. Its calls have deadlines, so that it has no timeout of its own but to connect.

    It keeps no cookies, asks for no compression and undoes none, and closes a connection that was idle for
    `keep_alive` seconds. `headers` go with every request. Who makes it closes it.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=max_connections, keepalive_timeout=keep_alive),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("accept-encoding",),
        headers=headers,
        trace_configs=list(trace_configs),
    )


async def read(content: aiohttp.StreamReader, most: int) -> bytes:
    """The whole body, or its first `most` + 1 bytes: who gets more than `most` knows that it was too long."""
    body = await content.read(most + 1)
    while not content.at_eof() and len(body) <= most:
        body += await content.read(most + 1 - len(body))
    return body
