"""A stand-in of Google's metadata server: it gives the function that it serves its identity and tokens in that name.

One port per function, so that each has a service account of its own, as in the cloud; `GCE_METADATA_HOST` points there.
"""

import time

from aiohttp import web

from local.stack.http_listener import listen
from local.stack.tokens import Tokens

_ACCOUNT = "/computeMetadata/v1/instance/service-accounts/default/"
ACCESS_TOKEN = "an-access-token-of-this-machine-only"  # noqa: S105 - nothing but a stand-in takes it
"""Stands in for an access token to Google's APIs."""

_FLAVOR = {"Metadata-Flavor": "Google"}


class MetadataServer:
    """The metadata server of one function; `host` is what goes into `GCE_METADATA_HOST` once it has started."""

    def __init__(self, tokens: Tokens, email: str, project: str) -> None:
        self._tokens = tokens
        self._email = email
        self._project = project
        self._runner: web.ServerRunner | None = None
        self.host = ""

    async def start(self) -> None:
        """Listen on a free port."""
        self._runner, port = await listen(self._handle, 0, "the metadata server")
        self.host = f"127.0.0.1:{port}"

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path != "/" and request.headers.get("metadata-flavor") != "Google":
            return web.Response(status=403, text="the header Metadata-Flavor: Google is required", headers=_FLAVOR)
        if request.path == _ACCOUNT + "identity":
            return self._identity(request)
        if request.path == _ACCOUNT + "token":
            token = {"access_token": ACCESS_TOKEN, "expires_in": 3600, "token_type": "Bearer"}
            return web.json_response(token, headers=_FLAVOR)
        texts = {
            "/": "computeMetadata/",
            "/computeMetadata/v1/project/project-id": self._project,
            _ACCOUNT + "email": self._email,
        }
        text = texts.get(request.path)
        if text is None:
            return web.Response(status=404, text="not found", headers=_FLAVOR)
        return web.Response(text=text, headers=_FLAVOR)

    def _identity(self, request: web.BaseRequest) -> web.Response:
        audience = request.query.get("audience")
        if not audience:
            return web.Response(status=400, text="non-empty audience parameter required", headers=_FLAVOR)
        token = self._tokens.sign(self._email, audience, time.time())
        return web.Response(text=token, headers=_FLAVOR)
