"""What the environment says of senders: whoever is missing is told by the variable to set."""

from typing import Any

import pytest

from functions.push_notification.bank_sender import BankSender
from functions.push_notification.delivery import attempt
from functions.push_notification.fcm import Fcm
from functions.push_notification.senders import BANK_TOKEN, senders
from functions.push_notification.settings import configuration
from functions.push_notification.sms import Sms
from local.stand_ins.bank_notifications import BankNotifications
from local.stand_ins.json_store import JsonStore
from local.stand_ins.server import StandIn
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.errors import Misconfigured, NotFound
from shared.notifications.delivery_result import ResultKind, permanent
from shared.notifications.notification import Channel
from tests.functions.push_notification.test_senders import OUT
from tests.support.builders.push_notification import NOON
from tests.support.deadlines import plenty

SET = {
    "SLACKER_FCM_PROJECT": "bank-apps", "SLACKER_SMS": "https://sms.example",
    "SLACKER_CONTACTS": "https://contacts.example", "SLACKER_BANK_NOTIFICATIONS": "https://bank.example",
}  # fmt: skip


class Secrets:
    """Versions of secrets; `asked` is what was read."""

    def __init__(self, **versions: bytes) -> None:
        self.versions = versions
        self.accessed: list[tuple[str, int]] = []

    async def access(self, name: str, version: int, deadline: Deadline) -> bytes:
        self.accessed.append((name, version))
        value = self.versions.get(f"v{version}")
        if value is None:
            raise NotFound("no such version")
        return value

    async def close(self) -> None:
        """Nothing is open."""


def made(**environ: str) -> dict[Channel, type]:
    settings = configuration({**SET, **environ})
    return {
        channel: type(sender)
        for channel, sender in senders(settings, Secrets(), None, ManualClock(NOON)).items()  # type: ignore[arg-type]
    }


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, (Fcm, Sms)),
        ({"SLACKER_PUSH_BY": "bank"}, (BankSender, Sms)),
        ({"SLACKER_PUSH_BY": "bank", "SLACKER_TEXT_BY": "bank"}, (BankSender, BankSender)),
    ],
)
def test_each_channel_goes_by_whom_it_is_told(environ: dict[str, str], expected: tuple[type, type]) -> None:
    by_channel = made(**environ)
    assert (by_channel[Channel.PUSH], by_channel[Channel.TEXT]) == expected


async def test_a_channel_that_the_bank_does_not_use_needs_no_address_and_reaches_nobody() -> None:
    settings = configuration({"SLACKER_TEXT_BY": "none", "SLACKER_PUSH_BY": "none"})
    sender = senders(settings, Secrets(), None, ManualClock(NOON))[Channel.TEXT]  # type: ignore[arg-type]
    assert await sender.send(OUT, plenty()) == permanent("channel_not_used")
    await sender.close()


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({"SLACKER_PUSH_BY": "pigeon"}, "SLACKER_PUSH_BY"),
        ({"SLACKER_TEXT_BY": "fcm"}, "SLACKER_TEXT_BY"),
        ({"SLACKER_SMS": ""}, "SLACKER_SMS"),
        ({"SLACKER_CONTACTS": ""}, "SLACKER_CONTACTS"),
        ({"SLACKER_FCM_PROJECT": ""}, "SLACKER_FCM_PROJECT"),
        ({"SLACKER_PUSH_BY": "bank", "SLACKER_BANK_NOTIFICATIONS": ""}, "SLACKER_BANK_NOTIFICATIONS"),
        ({"SLACKER_TIME_ZONE": "Mars/Olympus"}, "SLACKER_TIME_ZONE"),
        ({"SLACKER_DRY_RUN": "maybe"}, "SLACKER_DRY_RUN"),
        ({"SLACKER_SMS_CREDENTIAL_VERSION": "latest"}, "SLACKER_SMS_CREDENTIAL_VERSION"),
        ({"SLACKER_SMS": "http://sms.example"}, "https://"),
    ],
)
def test_what_is_missing_or_wrong_is_told_by_what_to_set(environ: dict[str, str], variable: str) -> None:
    with pytest.raises(Misconfigured, match=variable):
        made(**environ)


def test_listed_numbers_are_the_same_however_they_are_written() -> None:
    settings = configuration({"SLACKER_PHONE_NUMBERS": "+44 20 7946 0000, 0044 (20) 7946-0001"})
    assert settings.listed == {"442079460000", "442079460001"}


async def test_a_rotated_credential_is_another_version_in_the_settings() -> None:
    """The old one is refused as configuration, which waits for a person; the new one works."""
    secrets = Secrets(v1=b"old", v2=b"new")
    async with StandIn(BankNotifications(JsonStore()), {"Bearer new"}) as stand_in:
        kinds = []
        for version in ("1", "2", "3"):
            environ: dict[str, Any] = {
                **SET, "SLACKER_PUSH_BY": "bank", "SLACKER_BANK_NOTIFICATIONS": stand_in.url,
                "SLACKER_BANK_NOTIFICATIONS_TOKEN_VERSION": version,
            }  # fmt: skip
            sender = senders(configuration(environ), secrets, None, ManualClock(NOON))[Channel.PUSH]  # type: ignore[arg-type]
            kinds.append(await kind(sender))
            await sender.close()
    assert kinds == [ResultKind.CONFIGURATION, ResultKind.ACCEPTED, ResultKind.CONFIGURATION]
    assert secrets.accessed == [(BANK_TOKEN, 1), (BANK_TOKEN, 2), (BANK_TOKEN, 3)]


async def kind(sender: Any) -> ResultKind:
    return (await attempt(sender, OUT, plenty())).kind
