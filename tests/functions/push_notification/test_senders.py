"""Whoever takes notifications: one suite for all three adapters, against servers that fail, hang and talk nonsense."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from functions.push_notification.bank_sender import BankSender
from functions.push_notification.contacts import Contacts
from functions.push_notification.delivery import attempt
from functions.push_notification.fcm import Fcm
from functions.push_notification.sender import OutgoingPush, Sender
from functions.push_notification.sms import Sms
from local.stand_ins import bank_notifications, contacts, fcm, sms
from local.stand_ins.faults import Fault, switches
from local.stand_ins.json_store import JsonStore
from local.stand_ins.server import StandIn
from local.stand_ins.service import Service
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.http.service_client import ServiceClient
from shared.notifications.delivery_result import DeliveryResult, ResultKind
from shared.notifications.notification import Category, Channel
from shared.notifications.template import Route
from tests.support.builders.push_notification import NOON, device
from tests.support.giving_up import given_up, unhurried

OUT = OutgoingPush(
    id="0" * 32, client="C-1", device=device(), channel=Channel.PUSH, category=Category.SECURITY,
    title="Payment declined", body="We declined a payment.", silent=False, route=Route.PAYMENT, subject="op-1",
    collapse_key="payment_declined", collapses_across=True, not_after=NOON + timedelta(hours=1), dry_run=False,
)  # fmt: skip
GOOD = "Bearer good"

Serve = Callable[[Service], Awaitable[StandIn]]


@dataclass
class Served:
    """A sender, who it calls, what that holds, and somebody it cannot deliver to."""

    sender: Sender
    stand_in: StandIn
    taken: Callable[[], int]
    nobody: Mapping[str, Any]

    async def send(self, deadline: Deadline | None = None, **changes: Any) -> DeliveryResult:
        """How it ended."""
        return await attempt(self.sender, replace(OUT, **changes), deadline or unhurried())


async def good(_: Deadline) -> Mapping[str, str]:
    return {"authorization": GOOD}


@pytest.fixture(params=["bank", "fcm", "sms"])
async def served(request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    async with AsyncExitStack() as stack:

        async def serve(service: Service) -> StandIn:
            return await stack.enter_async_context(StandIn(service, {GOOD}))

        made = await {"bank": _bank, "fcm": _fcm, "sms": _sms}[request.param](serve)
        yield made
        await made.sender.close()


async def _bank(serve: Serve) -> Served:
    service = bank_notifications.BankNotifications(JsonStore())
    stand_in = await serve(service)
    sender = BankSender(ServiceClient("the bank", stand_in.url, good))
    return Served(sender, stand_in, lambda: len(service.sent()), {"client": "nobody-1"})


async def _fcm(serve: Serve) -> Served:
    service = fcm.Fcm(JsonStore())
    stand_in = await serve(service)
    sender = Fcm(ServiceClient("FCM", stand_in.url, good), "bank-apps", ManualClock(NOON))
    return Served(sender, stand_in, lambda: len(service.sent()), {"device": device("old", "gone-1")})


async def _sms(serve: Serve) -> Served:
    service = sms.Sms(JsonStore())
    stand_in, numbers = await serve(service), await serve(contacts.Contacts(JsonStore()))
    sender = Sms(
        ServiceClient("SMS", stand_in.url, good),
        Contacts(ServiceClient("contacts", numbers.url, good)),
        ManualClock(NOON),
    )
    return Served(sender, stand_in, lambda: len(service.sent()), {"client": "nobody-1"})


async def test_what_is_taken_is_accepted_with_a_reference(served: Served) -> None:
    outcome = await served.send()
    assert (outcome.kind, bool(outcome.code), served.taken()) == (ResultKind.ACCEPTED, True, 1)


async def test_a_dry_run_delivers_nothing(served: Served) -> None:
    assert ((await served.send(dry_run=True)).kind, served.taken()) == (ResultKind.ACCEPTED, 0)


async def test_who_cannot_be_reached_is_permanent(served: Served) -> None:
    outcome = await served.send(**served.nobody)
    assert (outcome.kind, served.taken()) == (ResultKind.PERMANENT, 0)
    assert outcome.gone == ("device" in served.nobody)


@pytest.mark.parametrize("status", [429, 503])
async def test_who_says_when_to_come_back_is_left_alone_until_then(served: Served, status: int) -> None:
    served.stand_in.switches = switches(Fault("status", status, retry_after=40))
    outcome = await served.send()
    assert (outcome.kind, outcome.code, served.taken()) == (ResultKind.RETRY, "left_alone", 0)
    assert outcome.after == pytest.approx(40, abs=1)
    calls = served.stand_in.calls
    assert ((await served.send()).kind, served.stand_in.calls) == (ResultKind.RETRY, calls)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", 500), Fault("status", 500, after_commit=True), Fault("status", 503, after_commit=True),
        Fault("disconnect", after_commit=True), Fault("garbage", after_commit=True), Fault("garbage"),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}-{fault.after_commit}",
)  # fmt: skip
async def test_an_end_that_nobody_heard_is_ambiguous_and_not_tried_again(served: Served, fault: Fault) -> None:
    served.stand_in.switches = switches(fault)
    outcome = await served.send()
    assert (outcome.kind, outcome.code, served.stand_in.calls) == (ResultKind.AMBIGUOUS, "unknown_end", 1)
    assert served.taken() == int(fault.after_commit)


async def test_who_never_answers_is_given_up_in_time_and_ambiguous(served: Served) -> None:
    served.stand_in.switches = switches(Fault("hang", after_commit=True))
    outcome = await given_up(served.send, lambda: served.stand_in.calls)
    assert outcome.kind is ResultKind.AMBIGUOUS


async def test_who_is_not_there_is_tried_again_later(served: Served) -> None:
    await served.stand_in.__aexit__()
    assert (await served.send()).kind is ResultKind.RETRY


@pytest.mark.parametrize("status", [401, 403, 404, 405])
async def test_what_only_a_person_can_mend_is_configuration(served: Served, status: int) -> None:
    served.stand_in.switches = switches(Fault("status", status))
    expected = (
        ResultKind.PERMANENT if status == 404 and isinstance(served.sender, BankSender) else ResultKind.CONFIGURATION
    )
    assert (await served.send()).kind is expected


async def test_what_it_will_never_take_is_permanent(served: Served) -> None:
    served.stand_in.switches = switches(Fault("status", 400))
    assert (await served.send()).kind is ResultKind.PERMANENT


async def test_no_address_and_no_text_is_in_an_outcome(served: Served) -> None:
    outcomes = [await served.send()]
    for fault in (Fault("status", 400), Fault("status", 403), Fault("garbage")):
        served.stand_in.switches = switches(fault)
        outcomes.append(await served.send())
    texts = repr(outcomes)
    assert not any(secret in texts for secret in ("+4477", device().address, OUT.body))
