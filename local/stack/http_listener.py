"""HTTP listeners of the stack: on loopback only; a port in use is an error that names it."""

import errno
import random
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import web

from shared.errors import Misconfigured

HOST = "127.0.0.1"

_PORTS = range(10_000, 32_768)

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


async def listen(handler: Handler, port: int, who: str) -> tuple[web.ServerRunner, int]:
    """Serve `handler` on `port` (0: a free one); returns the runner and the port. A caller that hangs up cancels its
    handler. Raises `Misconfigured` for a port in use; `who` is the listener's name in that error.
    """
    bound = bind(port, who)
    runner = web.ServerRunner(web.Server(handler, access_log=None, handler_cancellation=True), shutdown_timeout=1.0)
    await runner.setup()
    await web.SockSite(runner, bound, backlog=1024).start()
    return runner, bound.getsockname()[1]


def bind(port: int, who: str) -> socket.socket:
    """A socket bound to `port`; raises `Misconfigured` naming the port when another program has it."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
    except OSError as error:
        bound.close()
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            taken = "is in use" if error.errno == errno.EADDRINUSE else "is not ours to use"
            raise Misconfigured(
                f"port {port} {taken}: {who} cannot listen; choose another, or 0 for a free one"
            ) from error
        raise
    return bound


def free_ports(count: int) -> list[int]:
    """`count` different ports that are free at this moment.

    They are below the ephemeral ports (from 32768 on Linux, 49152 elsewhere), which an outgoing connection could take
    before the server listens.
    """
    sockets: dict[int, socket.socket] = {}
    try:
        for port in random.sample(_PORTS, len(_PORTS)):
            if len(sockets) == count:
                break
            with suppress(Misconfigured):
                sockets[port] = bind(port, "a function")
    finally:
        for bound in sockets.values():
            bound.close()
    return list(sockets)
