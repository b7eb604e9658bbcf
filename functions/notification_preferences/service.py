"""A client's own choices over HTTP: see `schemas/openapi/notification_preferences.v1.json`."""

import msgspec
from msgspec.structs import replace
from starlette.responses import Response

from shared.http.api import Api
from shared.http.request import HttpRequest
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache

DOCUMENT = "openapi/notification_preferences.v1.json"

MAX_BODY = 16 * 1024
"""Bytes of a body: a registration token has four thousand."""

WITHIN = 5.0
"""Seconds for one call: somebody looks at a screen."""


class Service(msgspec.Struct, frozen=True):
    """Answers the requests of one instance."""

    api: Api[str]
    log: Log
    token_key: TokenKeyCache

    async def handle(self, request: HttpRequest) -> Response:
        """The response to any request; see `shared.composition.entry_point`. Slashes at a path's ends never counted
        here.
        """
        return await self.api.handle(replace(request, path=f"/{request.path.strip('/')}"), self.log.tokens)
