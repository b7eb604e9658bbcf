"""What an attempt to send leaves behind: the entry's next status, from how it went with each device."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from shared.notifications.delivery_result import Kind, Outcome
from shared.notifications.history import Entry, Status
from shared.notifications.notification import Channel, Notification
from shared.notifications.planning import changed
from shared.pauses import apart

AGAIN = timedelta(seconds=30)
"""After how long a push of unknown end is sent again: the first time, and twice as long each time after it."""

MOST_AGAIN = 5
"""How often it is: within a quarter of an hour."""

REPAIRED = timedelta(minutes=5)
"""After how long is tried again what cannot be sent as this deployment is set up."""

_WORST = (Kind.CONFIGURATION, Kind.AMBIGUOUS, Kind.RETRY)


class Tried(msgspec.Struct, frozen=True):
    """How it went with one device, by the digest of its address; of a channel without devices it is empty."""

    digest: str
    outcome: Outcome


class Ended(msgspec.Struct, frozen=True):
    """The entry as it is now, the addresses to forget, and whether the message is to come again at once."""

    entry: Entry
    gone: tuple[str, ...] = ()
    again: bool = False


def end(entry: Entry, asked: Notification, tried: Sequence[Tried], now: datetime) -> Ended:
    """What follows from `tried`, at least one attempt.

    Something is open while one of them may still work: then the others are not repeated. A text message of unknown end
    is never sent again, a push `MOST_AGAIN` times.
    """
    taken = [each for each in tried if each.outcome.kind is Kind.ACCEPTED]
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
    entry: Entry, asked: Notification, kind: Kind, failed: Sequence[Outcome], gone: tuple[str, ...], now: datetime
) -> Ended:
    """The entry where some attempt may be repeated, `failed` being those of one `kind`."""
    code = failed[0].code
    again = AGAIN * 2**entry.doubts
    if kind is Kind.AMBIGUOUS:
        if asked.channel is Channel.TEXT or entry.doubts >= MOST_AGAIN:
            return Ended(changed(entry, Status.AMBIGUOUS, now, code), gone)
        entry = msgspec.structs.replace(entry, doubts=entry.doubts + 1)
    said = [each.after for each in failed if each.after is not None]
    if kind is Kind.RETRY and not said:
        return Ended(changed(entry, Status.WAITING, now, code), gone, again=True)
    pause = {Kind.CONFIGURATION: REPAIRED, Kind.AMBIGUOUS: again}.get(kind) or timedelta(seconds=max(said))
    until = now + pause
    if until >= asked.not_after:
        return Ended(changed(entry, Status.EXPIRED, now, code), gone)
    if kind is Kind.RETRY:
        until = apart(entry.digest, entry.at, until, asked.not_after)
    return Ended(changed(entry, Status.WAITING, now, code, until, asked.encoded), gone)
