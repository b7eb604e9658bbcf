"""A gRPC server on loopback that speaks Secret Manager's one method, right or wrong: Google has no emulator of it."""

import asyncio
from collections.abc import Mapping
from typing import Any, Self

import grpc
from google.cloud.secretmanager_v1 import types
from grpc import aio

from shared.gcp.crc32c import crc32c

_Request = types.AccessSecretVersionRequest.pb()
_Response = types.AccessSecretVersionResponse.pb()


class SecretManagerServer:
    """Serves `payloads` by name and version, after the statuses in `fail_with`, one a call; `hang` never answers."""

    def __init__(self, project: str, payloads: Mapping[tuple[str, int], bytes]) -> None:
        self.address = ""
        self.calls = 0
        self.fail_with: list[grpc.StatusCode] = []
        self.hang = False
        self.damage = False
        self._payloads = {
            f"projects/{project}/secrets/{name}/versions/{version}": data for (name, version), data in payloads.items()
        }

    async def __aenter__(self) -> Self:
        self._server = aio.server()
        handler = grpc.unary_unary_rpc_method_handler(self._access, _Request.FromString, _Response.SerializeToString)
        service = "google.cloud.secretmanager.v1.SecretManagerService"
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service, {"AccessSecretVersion": handler}),)
        )
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop(grace=None)

    async def _access(self, request: Any, context: Any) -> Any:
        self.calls += 1
        if self.hang:
            await asyncio.Event().wait()
        if self.fail_with:
            await context.abort(self.fail_with.pop(0), "the name of a secret")
        data = self._payloads.get(request.name)
        if data is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such version")
            raise AssertionError
        response = _Response(name=request.name)
        response.payload.data = data
        response.payload.data_crc32c = crc32c(data) ^ self.damage
        return response
