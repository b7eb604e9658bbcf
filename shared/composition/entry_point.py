"""The entry point of every function: it builds its service on the first request and answers every exception.

Nothing is built at import: the server forks after it, and a socket or a loop would not survive that.
"""

import gc
import os
from collections.abc import Callable, Mapping
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from shared.clock import SYSTEM, Clock
from shared.errors import Invalid, Permanent, Transient
from shared.http.request import HttpRequest, from_starlette
from shared.http.responses import problem
from shared.privacy import Pseudonymiser
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache
from shared.trace import Trace

_YOUNG = 10_000  # objects that are made, and not freed, before the collector looks at them


class Service(Protocol):
    """Answers the requests of one instance."""

    @property
    def log(self) -> Log:
        """The log of this instance."""
        ...

    @property
    def token_key(self) -> TokenKeyCache:
        """The token key, which `Entry` has read for the log."""
        ...

    async def handle(self, request: HttpRequest) -> Response:
        """The response; raises of the tree in `shared.errors`."""
        ...


class EntryPoint:
    """The way into one function. `build` composes its service from the environment."""

    def __init__(self, name: str, build: Callable[[Mapping[str, str]], Service], clock: Clock = SYSTEM) -> None:
        self._name = name
        self._build = build
        self._clock = clock
        self._service: Service | None = None

    async def __call__(self, request: Request) -> Response:
        """The response to any request: problem JSON for what went wrong, the cause in the log alone."""
        call = from_starlette(request, self._clock)
        service = self._service
        try:
            if service is None:
                service = self._service = self._build(os.environ)
                _freeze_heap()
            if service.log.tokens is None:
                service.log.tokens = await self._tokens(service, call)
            return await service.handle(call)
        except Exception as error:  # noqa: BLE001 - nothing above answers
            response = problem(error)
            _log_failure(
                service.log if service is not None else Log(self._name), call.trace, error, response.status_code
            )
            return response

    async def _tokens(self, service: Service, call: HttpRequest) -> Pseudonymiser | None:
        """The maker of tokens; without it requests are answered too, and log lines have no tokens."""
        try:
            return await service.token_key.tokens()
        except (Transient, Permanent) as error:
            service.log.write_exception("token_key_not_read", call.trace, error)
            return None


def _freeze_heap() -> None:
    """Exempt what imports and the service have made from garbage collection, once per process.

    A full collection went through all of it: 35 ms every 1,500 events under load, and 28 of their 210 µs of CPU; the
    young generations, at Python's own thresholds, cost 12 more.
    """
    if not gc.get_freeze_count():
        gc.freeze()
        gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])


def _log_failure(log: Log, trace: Trace, error: Exception, status: int) -> None:
    """Log a request that ended in an error: one of the caller's with its fields, ours with where it was raised."""
    if status < 500:
        fields = [wrong.field for wrong in error.problems] if isinstance(error, Invalid) else []
        log.write("refused", "INFO", trace, status=status, error=type(error).__name__, problems=fields)
    else:
        log.write_exception("request_failed", trace, error, status=status)
