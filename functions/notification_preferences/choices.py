"""A client's choices over HTTP: which notifications, by which channel, in which language and when."""

from collections.abc import Mapping
from typing import Any

import msgspec

from shared.errors import Invalid, Problem
from shared.http.api import ApiResponse, Handler
from shared.notifications.notification import Category, Channel
from shared.notifications.preferences import NEVER_QUIET, Preferences, QuietHours
from shared.runtime.log import Log
from shared.time_zones import zone

from .client_identity import ClientRequest
from .store import Store

_CHOICES = (Category.SERVICE, Category.REWARDS)


class ChoiceHandlers(msgspec.Struct, frozen=True):
    """The handlers over one store."""

    store: Store
    log: Log

    def handlers(self) -> dict[str, Handler[str]]:
        """By operation id."""
        return {"preferences.read": self.read, "preferences.choose": self.choose}

    async def read(self, request: ClientRequest) -> ApiResponse:
        """What the client chose."""
        client = request.tokens.client(request.caller)
        return ApiResponse(_content(await self.store.preferences(client, request.deadline)))

    async def choose(self, request: ClientRequest) -> ApiResponse:
        """Put the choices of the body in the place of whatever there is."""
        client = request.tokens.client(request.caller)
        preferences = _preferences(request.body)
        await self.store.choose(client, preferences, request.deadline)
        self.log.write("preferences_changed", "INFO", request.trace, client=request.caller)
        return ApiResponse(_content(preferences))


def _preferences(content: Mapping[str, Any]) -> Preferences:
    """What a body says; raises `Invalid` for a time zone that there is not."""
    time_zone, quiet = content["time_zone"], content["quiet_hours"]
    if time_zone is not None and zone(time_zone) is None:
        raise Invalid(Problem("/time_zone", "the IANA name of a time zone expected, as Europe/Brussels"))
    return Preferences(
        choices={channel: {choice: content[channel][choice] for choice in _CHOICES} for channel in Channel},
        quiet=NEVER_QUIET if quiet is None else QuietHours(quiet["start"], quiet["end"]),
        language=content["language"],
        time_zone=time_zone,
    )


def _content(preferences: Preferences) -> Mapping[str, Any]:
    quiet = preferences.quiet
    return {
        **{channel: {choice: preferences.allows(channel, choice) for choice in _CHOICES} for channel in Channel},
        "quiet_hours": None if quiet.start == quiet.end else {"start": quiet.start, "end": quiet.end},
        "language": preferences.language,
        "time_zone": preferences.time_zone,
    }
