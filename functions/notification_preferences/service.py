"""A client's own choices over HTTP: see `schemas/openapi/notification_preferences.v1.json`."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from shared.clock import Clock
from shared.deadline import Deadline
from shared.errors import Invalid, NotFound, Problem, Unavailable
from shared.features.zones import zone
from shared.http.json_body import json_object
from shared.http.request import HttpRequest
from shared.http.responses import method_not_allowed
from shared.logs import Log
from shared.notifications.devices import Device
from shared.notifications.notification import Category, Channel
from shared.notifications.preferences import NEVER_QUIET, Preferences, QuietHours
from shared.token_key import TokenKey

from .client_identity import GatewayClients
from .contract import body, description, parameter
from .store import Store

MAX_BODY = 16 * 1024
"""Bytes of a body: a registration token has four thousand."""

WITHIN = 5.0
"""Seconds for one call: somebody looks at a screen."""

_CHOICES = (Category.SERVICE, Category.REWARDS)


class Service(msgspec.Struct, frozen=True):
    """Answers the requests of one instance."""

    clients: GatewayClients
    store: Store
    log: Log
    token_key: TokenKey
    clock: Clock

    async def handle(self, call: HttpRequest) -> Response:
        """The response to any call; see `shared.http.entry`."""
        match call.path.strip("/").split("/"):
            case ["v1", "preferences"]:
                return await self._preferences(call)
            case ["v1", "devices"]:
                return await self._devices(call) if call.method == "GET" else method_not_allowed("GET")
            case ["v1", "devices", device]:
                return await self._device(call, device)
            case ["v1", "openapi.json"]:
                self.clients.admit(call.headers)
                return _json(description()) if call.method == "GET" else method_not_allowed("GET")
            case _:
                raise NotFound("the paths of this service are in /v1/openapi.json")

    async def _preferences(self, call: HttpRequest) -> Response:
        if call.method not in {"GET", "PUT"}:
            return method_not_allowed("GET", "PUT")
        client, token, deadline = self._client(call)
        if call.method == "GET":
            return _json(_shown(await self.store.preferences(token, deadline)))
        content = json_object(await call.body(MAX_BODY))
        body("Preferences").check(content)
        chosen = _chosen(content)
        await self.store.choose(token, chosen, deadline)
        self.log.write("preferences_changed", "INFO", call.trace, client=client)
        return _json(_shown(chosen))

    async def _devices(self, call: HttpRequest) -> Response:
        _, token, deadline = self._client(call)
        known = (await self.store.devices(token, deadline)).known
        return _json({"devices": [_device(each) for each in known]})

    async def _device(self, call: HttpRequest, device_id: str) -> Response:
        if call.method not in {"PUT", "DELETE"}:
            return method_not_allowed("PUT", "DELETE")
        client, token, deadline = self._client(call)
        parameter("Device", device_id)
        if call.method == "DELETE":
            await self.store.remove(token, device_id, deadline)
            self.log.write("device_removed", "INFO", call.trace, client=client)
            return Response(status_code=204)
        content = json_object(await call.body(MAX_BODY))
        body("Registration").check(content)
        device = self._registered(device_id, content)
        await self.store.register(token, device, deadline)
        self.log.write("device_registered", "INFO", call.trace, client=client)
        return _json(_device(device))

    def _client(self, call: HttpRequest) -> tuple[str, str, Deadline]:
        """The client, the client's token, and until when there is an answer."""
        client = self.clients.identify(call.headers)
        return client, self._token("client", client), call.deadline(WITHIN)

    def _token(self, kind: str, value: str) -> str:
        if self.log.tokens is None:
            raise Unavailable("without the token key no document can be named")
        return self.log.tokens.token(kind, value)

    def _registered(self, device_id: str, content: Mapping[str, Any]) -> Device:
        kind = "fid" if "fid" in content else "token"
        address = content[kind]
        digest = self._token("device_address", address)
        now = self.clock.now()
        return Device(device_id, "fid" if kind == "fid" else "token", address, digest, content["platform"], now)


def _chosen(content: Mapping[str, Any]) -> Preferences:
    """What a body says; raises `Invalid` for a time zone that there is not."""
    time_zone, quiet = content["time_zone"], content["quiet_hours"]
    if time_zone is not None and zone(time_zone) is None:
        raise Invalid(Problem("/time_zone", "the IANA name of a time zone expected, as Europe/Brussels"))
    return Preferences(
        choices={channel: {each: content[channel][each] for each in _CHOICES} for channel in Channel},
        quiet=NEVER_QUIET if quiet is None else QuietHours(quiet["start"], quiet["end"]),
        language=content["language"],
        time_zone=time_zone,
    )


def _shown(chosen: Preferences) -> Mapping[str, Any]:
    quiet = chosen.quiet
    return {
        **{channel: {each: chosen.allows(channel, each) for each in _CHOICES} for channel in Channel},
        "quiet_hours": None if quiet.start == quiet.end else {"start": quiet.start, "end": quiet.end},
        "language": chosen.language,
        "time_zone": chosen.time_zone,
    }


def _device(device: Device) -> Mapping[str, Any]:
    return {"id": device.id, "platform": device.platform, "seen_at": device.seen_at}


def _json(content: Any) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json", headers={"cache-control": "no-store"})
