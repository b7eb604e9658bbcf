"""The operators' API over HTTP: see `schemas/openapi/operator.v1.json`."""

import msgspec
from starlette.responses import Response

from shared.http.api import Api
from shared.http.request import HttpRequest
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache

from .access import OperatorAccess

DOCUMENT = "openapi/operator.v1.json"

MAX_BODY = 256 * 1024
"""Bytes of a body: an edited command with everything has a quarter."""


class Service(msgspec.Struct, frozen=True):
    """Answers the requests of one instance."""

    api: Api[str]
    access: OperatorAccess
    log: Log
    token_key: TokenKeyCache

    async def handle(self, request: HttpRequest) -> Response:
        """The response to any request; see `shared.composition.entry_point`. Who is no operator learns of no path."""
        self.access.operator(request)
        return await self.api.handle(request, self.log.tokens)
