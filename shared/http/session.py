"""Sessions of the HTTP client with common settings, and reading a response's or request's body up to a limit."""

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


async def read_limited(content: aiohttp.StreamReader, limit: int) -> bytes:
    """The whole body, or its first `limit` + 1 bytes where it is longer than `limit`."""
    body = await content.read(limit + 1)
    while not content.at_eof() and len(body) <= limit:
        body += await content.read(limit + 1 - len(body))
    return body
