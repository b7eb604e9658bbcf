"""A client's devices over HTTP: what pushes reach, without what they are reached by."""

from collections.abc import Mapping
from typing import Any

import msgspec

from shared.http.api import ApiResponse, Handler
from shared.notifications.devices import Device
from shared.runtime.log import Log

from .client_identity import ClientRequest
from .store import Store


class DeviceHandlers(msgspec.Struct, frozen=True):
    """The handlers over one store."""

    store: Store
    log: Log

    def handlers(self) -> dict[str, Handler[str]]:
        """By operation id."""
        return {"devices.list": self.list, "devices.register": self.register, "devices.remove": self.remove}

    async def list(self, request: ClientRequest) -> ApiResponse:
        """The client's devices."""
        client = request.tokens.client(request.caller)
        devices = (await self.store.devices(client, request.deadline)).devices
        return ApiResponse({"devices": [_content(device) for device in devices]})

    async def register(self, request: ClientRequest) -> ApiResponse:
        """Have a device among the client's, and its address nowhere else."""
        client = request.tokens.client(request.caller)
        device = _device(request)
        await self.store.register(client, device, request.deadline)
        self.log.write("device_registered", "INFO", request.trace, client=request.caller)
        return ApiResponse(_content(device))

    async def remove(self, request: ClientRequest) -> ApiResponse:
        """Forget a device, if it is there."""
        client = request.tokens.client(request.caller)
        await self.store.remove(client, request.path["device"], request.deadline)
        self.log.write("device_removed", "INFO", request.trace, client=request.caller)
        return ApiResponse(status=204)


def _device(request: ClientRequest) -> Device:
    """The device that a request registers."""
    kind = "fid" if "fid" in request.body else "token"
    address = request.body[kind]
    digest = request.tokens.token("device_address", address)
    platform = request.body["platform"]
    return Device(request.path["device"], "fid" if kind == "fid" else "token", address, digest, platform, request.now)


def _content(device: Device) -> Mapping[str, Any]:
    return {"id": device.id, "platform": device.platform, "seen_at": device.seen_at}
