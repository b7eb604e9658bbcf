"""An HTTP API as its OpenAPI document describes it: requests are routed, authorised, checked, handled and answered.

A handler is a coroutine bound to an `operationId`: it gets a checked request, and its response becomes JSON.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from starlette.responses import Response

from shared.deadline import Deadline
from shared.errors import Misconfigured, NotFound, PreconditionFailed, Unavailable
from shared.http import preconditions
from shared.http.openapi import Operation, operations
from shared.http.request import HttpRequest
from shared.http.responses import method_not_allowed
from shared.http.routes import Route, Routes
from shared.privacy import Pseudonymiser
from shared.trace import Trace

DESCRIBE = "describe"
"""The operation that serves the description; every document has it, at `/v1/openapi.json`."""

Caller = TypeVar("Caller")
Caller_co = TypeVar("Caller_co", covariant=True)


class ApiRequest(msgspec.Struct, Generic[Caller], frozen=True):
    """A request that may be answered: `path`, `query`, `headers` and `body` keep the document's schemas.

    `headers` are those the document declares, by name in lower case. `body` is empty where none is taken.
    `token_maker` is `None` while the token key cannot be read. `now` is aware UTC.
    """

    operation: Operation
    caller: Caller
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    headers: Mapping[str, Any]
    body: Mapping[str, Any]
    token_maker: Pseudonymiser | None
    trace: Trace
    deadline: Deadline
    now: datetime

    @property
    def tokens(self) -> Pseudonymiser:
        """Makes the tokens of clients; raises `Unavailable` where the token key could not be read."""
        if self.token_maker is None:
            raise Unavailable("clients cannot be named by their tokens: the token key could not be read")
        return self.token_maker

    def check_preconditions(self, tag: str | None) -> None:
        """Return if the declared `If-Match` and `If-None-Match` allow a change of what has the entity tag `tag` now,
        `None` where there is nothing; raises `PreconditionFailed`.
        """
        required, excluded = self.headers.get("if-match"), self.headers.get("if-none-match")
        if required is not None and not preconditions.names(required, tag, weak=False):
            raise PreconditionFailed("it has changed since: If-Match names another entity tag")
        if excluded is not None and preconditions.names(excluded, tag, weak=True):
            raise PreconditionFailed("it is there already: If-None-Match names its entity tag")


class ApiResponse(msgspec.Struct, frozen=True):
    """What is answered: `content` becomes JSON; a 204 has none. `etag` is sent where the document declares it.

    `targets` are the ids of what is shown and `subjects` the tokens of the clients it is about, for the record.
    """

    content: Any = None
    targets: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    status: int = 200
    etag: str = ""


Handler = Callable[[ApiRequest[Caller]], Awaitable[ApiResponse]]
Recorder = Callable[[ApiRequest[Caller], ApiResponse], Awaitable[None]]


class Access(Protocol[Caller_co]):
    """Decides who may call an operation."""

    async def authorise(self, request: HttpRequest, route: Route) -> Caller_co:
        """Who calls; raises `Unauthenticated`, `Forbidden`, and `Invalid` where the document has callers named."""
        ...


class Api(Generic[Caller]):
    """Answers the requests of one instance; `handlers` are groups by operation id: one handler for each operation of
    the document but `DESCRIBE`, else it raises `Misconfigured`.

    A body has `max_body` bytes at most, and an answer is given within so many seconds. `recorder` is called before an
    answer is given, and what it raises is answered instead.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        handlers: Sequence[Mapping[str, Handler[Caller]]],
        access: Access[Caller],
        *,
        max_body: int,
        within: float,
        recorder: Recorder[Caller] | None = None,
    ) -> None:
        described = operations(document)
        ids = Counter(operation.id for operation in described)
        bound = Counter([DESCRIBE, *chain.from_iterable(handlers)])
        if ids != bound:
            names = ", ".join(sorted((ids - bound) | (bound - ids)))
            raise Misconfigured(f"each operation has one handler, and each handler an operation, but not {names}")
        self._document = document
        self._routes = Routes(described)
        self._handlers = {name: handler for group in handlers for name, handler in group.items()}
        self._access = access
        self._max_body = max_body
        self._within = within
        self._recorder = recorder

    async def handle(self, request: HttpRequest, tokens: Pseudonymiser | None) -> Response:
        """The response to any request; raises of the tree in `shared.errors`."""
        routes = self._routes.at(request.path)
        if not routes:
            raise NotFound("the paths of this service are in /v1/openapi.json")
        if request.method not in routes:
            return method_not_allowed(*routes)
        route = routes[request.method]
        caller = await self._access.authorise(request, route)
        if route.operation.id == DESCRIBE:
            return _response(route.operation, {}, ApiResponse(self._document))
        checked = await self._checked(request, route, caller, tokens)
        response = await self._handlers[route.operation.id](checked)
        if self._recorder is not None:
            await self._recorder(checked, response)
        return _response(route.operation, checked.headers, response)

    async def _checked(
        self, request: HttpRequest, route: Route, caller: Caller, tokens: Pseudonymiser | None
    ) -> ApiRequest[Caller]:
        """What reaches the handler; raises `Invalid` and the like for what the document does not allow."""
        operation = route.operation
        return ApiRequest(
            operation=operation,
            caller=caller,
            path=operation.values("path", route.path),
            query=operation.query(request.query()),
            headers=operation.values("header", request.headers),
            body=await operation.body.read(request, self._max_body) if operation.body is not None else {},
            token_maker=tokens,
            trace=request.trace,
            deadline=request.deadline(self._within),
            now=request.clock.now(),
        )


def _response(operation: Operation, headers: Mapping[str, Any], answer: ApiResponse) -> Response:
    if answer.status == 204:
        return Response(status_code=204)
    sent = {"cache-control": "no-store"}
    if operation.has_etag and answer.etag:
        sent = {"cache-control": "private, no-cache", "etag": preconditions.etag(answer.etag)}
        if_none_match = headers.get("if-none-match")
        if (
            operation.method == "GET"
            and if_none_match is not None
            and preconditions.names(if_none_match, answer.etag, weak=True)
        ):
            return Response(status_code=304, headers=sent)
    return Response(msgspec.json.encode(answer.content), answer.status, sent, "application/json")
