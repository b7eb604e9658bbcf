"""What an attempt to send leaves behind: the entry's next status, from how it went with each device."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from shared.attempts import completion
from shared.attempts.attempt import State
from shared.attempts.completion import Outcome
from shared.notifications.delivery_result import DeliveryResult, ResultKind
from shared.notifications.history import HistoryEntry, Status
from shared.notifications.notification import Channel, Notification
from shared.notifications.planning import policy

RESEND_AFTER = timedelta(seconds=30)
"""After how long a push of unknown outcome is sent again: the first time, and twice as long each time after it."""

MAX_RESENDS = 5
"""How often it is: within a quarter of an hour."""

REPAIRED = timedelta(minutes=5)
"""After how long is tried again what cannot be sent as this deployment is set up."""

_WORST = (ResultKind.CONFIGURATION, ResultKind.AMBIGUOUS, ResultKind.RETRY)


class DeviceResult(msgspec.Struct, frozen=True):
    """How it went with one device, by the digest of its address; of a channel without devices it is empty."""

    digest: str
    result: DeliveryResult


def complete(
    entry: HistoryEntry, lease: datetime, notification: Notification, results: Sequence[DeviceResult], now: datetime
) -> HistoryEntry | None:
    """What follows from the `results` of the attempt whose lease ends at `lease`, at least one; `None` where the entry
    is final or somebody else's by now.

    Something is open while one of them may still work: then the others are not repeated. A text message of unknown
    outcome is never sent again, a push `MAX_RESENDS` times.
    """
    accepted = [device_result for device_result in results if device_result.result.kind is ResultKind.ACCEPTED]
    after = replace(
        entry,
        done=(*entry.done, *(device_result.digest for device_result in accepted if device_result.digest)),
        references=(
            *entry.references,
            *(device_result.result.code for device_result in accepted if device_result.result.code),
        ),
    )
    outcome = _outcome(after, notification, results)
    attempt = completion.complete(entry.attempt(notification.not_after), lease, outcome, now, policy(notification))
    if attempt is None:
        return None
    after = replace(after, doubts=after.doubts + (outcome.unknown and outcome.state is State.PARKED))
    after = after.with_attempt(attempt, now, notification.encoded)
    return replace(after, status=Status.DRY_RUN) if attempt.state is State.DONE and notification.dry_run else after


def gone(results: Sequence[DeviceResult]) -> tuple[str, ...]:
    """The addresses to forget."""
    return tuple(device_result.digest for device_result in results if device_result.result.gone)


def _outcome(entry: HistoryEntry, notification: Notification, results: Sequence[DeviceResult]) -> Outcome:
    """The outcome of the whole attempt, which is that of the worst that may still work."""
    for kind in _WORST:
        failed = [device_result.result for device_result in results if device_result.result.kind is kind]
        if failed:
            return _open(entry, notification, kind, failed)
    if (
        entry.references
        or entry.done
        or any(device_result.result.kind is ResultKind.ACCEPTED for device_result in results)
    ):
        return Outcome(State.DONE)
    return Outcome(State.REFUSED, ",".join(sorted({device_result.result.code for device_result in results})))


def _open(
    entry: HistoryEntry, notification: Notification, kind: ResultKind, failed: Sequence[DeliveryResult]
) -> Outcome:
    """The outcome where some device may be tried again, `failed` being the results of one `kind`."""
    code = failed[0].code
    if kind is ResultKind.CONFIGURATION:
        return Outcome(State.PARKED, code, REPAIRED)
    if kind is ResultKind.AMBIGUOUS:
        if notification.channel is Channel.TEXT or entry.doubts >= MAX_RESENDS:
            return Outcome(State.UNKNOWN, code, unknown=True)
        return Outcome(State.PARKED, code, RESEND_AFTER * 2**entry.doubts, unknown=True)
    pauses = [result.after for result in failed if result.after is not None]
    pause = timedelta(seconds=max(pauses)) if pauses else None
    return Outcome(State.PARKED, code, pause, spread=True)
