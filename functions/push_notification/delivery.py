"""Sends to whom was decided, every device at once, and makes an outcome of whatever happens."""

import asyncio
from collections.abc import Sequence
from hashlib import sha256

from shared.deadline import Deadline
from shared.errors import Deferred, Misconfigured, SlackerError, Transient, Uncertain
from shared.notifications.delivery_result import DeliveryResult, ResultKind
from shared.notifications.devices import Device
from shared.notifications.planning import Plan
from shared.notifications.rendering import PreparedNotification, render
from shared.notifications.results import DeviceResult

from .sender import OutgoingPush, Sender


async def send(
    sender: Sender, prepared: PreparedNotification, planned: Plan, deadline: Deadline
) -> Sequence[DeviceResult]:
    """How it went with each device (or with the client, where `sender` needs none). Raises only what is our own fault,
    when all attempts have ended.
    """
    devices: Sequence[Device | None] = planned.devices or (None,)
    attempts = [attempt(sender, outgoing(prepared, planned, device), deadline) for device in devices]
    ended = await asyncio.gather(*attempts, return_exceptions=True)
    results = []
    for device, outcome in zip(devices, ended, strict=True):
        if isinstance(outcome, BaseException):
            raise outcome
        results.append(DeviceResult(device.digest if device is not None else "", outcome))
    return results


def outgoing(prepared: PreparedNotification, planned: Plan, device: Device | None) -> OutgoingPush:
    """What leaves for `device`, in the client's language."""
    notification, template = prepared.notification, prepared.template
    text = render(prepared, planned.language, planned.zone)
    id_ = sha256(notification.id.encode()).hexdigest()[:32]
    return OutgoingPush(
        id=id_,
        client=notification.client,
        device=device,
        channel=notification.channel,
        category=template.category,
        title=text.title,
        body=text.body,
        silent=template.silent,
        route=template.route,
        subject=notification.subject,
        collapse_key=template.collapse or id_,
        collapses_across=bool(template.collapse),
        not_after=notification.not_after,
        dry_run=notification.dry_run,
    )


async def attempt(sender: Sender, out: OutgoingPush, deadline: Deadline) -> DeliveryResult:
    """How one attempt ended, whichever error of our tree it ended in."""
    try:
        return await sender.send(out, deadline)
    except Deferred as error:
        return DeliveryResult(ResultKind.RETRY, "left_alone", after=error.after)
    except Uncertain:
        return DeliveryResult(ResultKind.AMBIGUOUS, "unknown_end")
    except Transient:
        return DeliveryResult(ResultKind.RETRY, "not_reached")
    except Misconfigured as error:
        return DeliveryResult(ResultKind.CONFIGURATION, "misconfigured", detail=str(error))
    except SlackerError as error:
        return DeliveryResult(ResultKind.PERMANENT, type(error).__name__.lower())
