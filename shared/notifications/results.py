"""What an attempt to send leaves behind: the entry's next status, from how it went with each device."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from shared.notifications.delivery_result import DeliveryResult, ResultKind
from shared.notifications.history import HistoryEntry, Status
from shared.notifications.notification import Channel, Notification
from shared.notifications.planning import changed
from shared.pauses import apart

RESEND_AFTER = timedelta(seconds=30)
"""After how long a push of unknown end is sent again: the first time, and twice as long each time after it."""

MAX_RESENDS = 5
"""How often it is: within a quarter of an hour."""

REPAIRED = timedelta(minutes=5)
"""After how long is tried again what cannot be sent as this deployment is set up."""

_WORST = (ResultKind.CONFIGURATION, ResultKind.AMBIGUOUS, ResultKind.RETRY)


class DeviceResult(msgspec.Struct, frozen=True):
    """How it went with one device, by the digest of its address; of a channel without devices it is empty."""

    digest: str
    outcome: DeliveryResult


class Ended(msgspec.Struct, frozen=True):
    """The entry as it is now, the addresses to forget, and whether the message is to come again at once."""

    entry: HistoryEntry
    gone: tuple[str, ...] = ()
    again: bool = False


def end(entry: HistoryEntry, asked: Notification, tried: Sequence[DeviceResult], now: datetime) -> Ended:
    """What follows from `tried`, at least one attempt.

    Something is open while one of them may still work: then the others are not repeated. A text message of unknown end
    is never sent again, a push `MAX_RESENDS` times.
    """
    taken = [each for each in tried if each.outcome.kind is ResultKind.ACCEPTED]
    entry = msgspec.structs.replace(
        entry,
        done=(*entry.done, *(each.digest for each in taken if each.digest)),
        references=(*entry.references, *(each.outcome.code for each in taken if each.outcome.code)),
    )
    gone = tuple(each.digest for each in tried if each.outcome.gone)
    for kind in _WORST:
        failed = [each.outcome for each in tried if each.outcome.kind is kind]
        if failed:
            return _open(entry, asked, kind, failed, gone, now)
    if taken or entry.references or entry.done:
        status = Status.DRY_RUN if asked.dry_run else Status.SENT
        return Ended(changed(entry, status, now), gone)
    codes = sorted({each.outcome.code for each in tried})
    return Ended(changed(entry, Status.UNDELIVERABLE, now, ",".join(codes)), gone)


def _open(
    entry: HistoryEntry,
    asked: Notification,
    kind: ResultKind,
    failed: Sequence[DeliveryResult],
    gone: tuple[str, ...],
    now: datetime,
) -> Ended:
    """The entry where some attempt may be repeated, `failed` being those of one `kind`."""
    code = failed[0].code
    again = RESEND_AFTER * 2**entry.doubts
    if kind is ResultKind.AMBIGUOUS:
        if asked.channel is Channel.TEXT or entry.doubts >= MAX_RESENDS:
            return Ended(changed(entry, Status.AMBIGUOUS, now, code), gone)
        entry = msgspec.structs.replace(entry, doubts=entry.doubts + 1)
    said = [each.after for each in failed if each.after is not None]
    if kind is ResultKind.RETRY and not said:
        return Ended(changed(entry, Status.WAITING, now, code), gone, again=True)
    pause = {ResultKind.CONFIGURATION: REPAIRED, ResultKind.AMBIGUOUS: again}.get(kind) or timedelta(seconds=max(said))
    until = now + pause
    if until >= asked.not_after:
        return Ended(changed(entry, Status.EXPIRED, now, code), gone)
    if kind is ResultKind.RETRY:
        until = apart(entry.digest, entry.at, until, asked.not_after)
    return Ended(changed(entry, Status.WAITING, now, code, until, asked.encoded), gone)
