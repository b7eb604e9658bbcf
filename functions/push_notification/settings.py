"""The environment variables that only `push_notification` has, checked once."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from shared.errors import Misconfigured
from shared.notifications.content_filter import digits
from shared.notifications.formatting import FALLBACK
from shared.notifications.notification import Channel
from shared.notifications.planning import Defaults
from shared.runtime.settings import version
from shared.time_zones import zone


class Way(StrEnum):
    """Which service sends the notifications of a channel."""

    BANK = "bank"
    FCM = "fcm"
    SMS = "sms"
    NONE = "none"
    """None: the bank does not use that channel."""


_WAYS = {
    Channel.PUSH: ("SLACKER_PUSH_BY", (Way.FCM, Way.BANK, Way.NONE)),
    Channel.TEXT: ("SLACKER_TEXT_BY", (Way.SMS, Way.BANK, Way.NONE)),
}
_FCM = "https://fcm.googleapis.com"


class Configuration(msgspec.Struct, frozen=True):
    """The variables: see `docs/notifications.md`. Addresses are empty where none is set; `listed` holds the digits of
    telephone numbers that may be told.
    """

    ways: Mapping[Channel, Way]
    bank: str
    bank_version: int
    fcm: str
    fcm_project: str
    sms: str
    sms_version: int
    contacts: str
    contacts_version: int
    defaults: Defaults
    listed: frozenset[str]
    dry_run: bool


def configuration(environ: Mapping[str, str]) -> Configuration:
    """What `environ` says; raises `Misconfigured`, saying what to set."""
    where = zone(environ.get("SLACKER_TIME_ZONE") or "UTC")
    if where is None:
        raise Misconfigured("set SLACKER_TIME_ZONE to an IANA name, as Europe/Brussels")
    dry_run = environ.get("SLACKER_DRY_RUN") or "off"
    if dry_run not in {"on", "off"}:
        raise Misconfigured("set SLACKER_DRY_RUN to on or off")
    numbers = filter(None, map(str.strip, environ.get("SLACKER_PHONE_NUMBERS", "").split(",")))
    return Configuration(
        ways={channel: _way(environ, *variable) for channel, variable in _WAYS.items()},
        bank=environ.get("SLACKER_BANK_NOTIFICATIONS", ""),
        bank_version=version(environ, "SLACKER_BANK_NOTIFICATIONS_TOKEN_VERSION"),
        fcm=environ.get("SLACKER_FCM") or _FCM,
        fcm_project=environ.get("SLACKER_FCM_PROJECT") or environ.get("GOOGLE_CLOUD_PROJECT", ""),
        sms=environ.get("SLACKER_SMS", ""),
        sms_version=version(environ, "SLACKER_SMS_CREDENTIAL_VERSION"),
        contacts=environ.get("SLACKER_CONTACTS", ""),
        contacts_version=version(environ, "SLACKER_CONTACTS_TOKEN_VERSION"),
        defaults=Defaults(environ.get("SLACKER_LANGUAGE") or FALLBACK, where),
        listed=frozenset(map(digits, numbers)),
        dry_run=dry_run == "on",
    )


def needed(value: str, name: str, what: str) -> str:
    """`value`, which `name` was to be set to; raises `Misconfigured` where it is not."""
    if not value:
        raise Misconfigured(f"set {name} to {what}")
    return value


def _way(environ: Mapping[str, str], name: str, ways: tuple[Way, ...]) -> Way:
    text = environ.get(name) or ways[0]
    if text not in ways:
        raise Misconfigured(f"set {name} to one of {', '.join(ways)}")
    return Way(text)
