"""Whether, when and in which language a notification is sent: everything that is decided before anybody is called.

Pure: it is handed what is stored of the client and the time, and gives an entry of the client's history.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from zoneinfo import ZoneInfo

import msgspec

from shared.attempts.claim import ClaimDecision, admit, start
from shared.attempts.policy import Policy
from shared.notifications.devices import Device, Devices
from shared.notifications.formatting import negotiate
from shared.notifications.history import MAX_WAITING, History, HistoryEntry, Status, changed
from shared.notifications.notification import Category, Channel, Notification
from shared.notifications.preferences import Preferences
from shared.notifications.quiet_hours import quiet_until
from shared.notifications.rendering import PreparedNotification
from shared.time_zones import zone

LEASE = timedelta(seconds=30)
"""How long a claim on a notification holds, and so how long one waits whose instance was killed."""

SAME_WITHIN = timedelta(minutes=10)
"""The same words by the same channel within so long are a duplicate, whatever commands they came by."""

MAX_REWARDS, REWARDS_WITHIN = 3, timedelta(days=7)
"""How many notifications of rewards a client gets in how long."""

_REASON = 200  # characters of why something was refused, in a history
_COUNT = frozenset((Status.SENDING, Status.WAITING, Status.SENT, Status.AMBIGUOUS))


_REPEATABLE = Policy(
    lease=LEASE,
    switched_off_code="kill_switch",
    min_time_left=timedelta.resolution,
    expires_early=True,
    clock_skew=timedelta(seconds=5),
)
_ONCE = msgspec.structs.replace(_REPEATABLE, repeatable=False)


class Defaults(msgspec.Struct, frozen=True):
    """The language and the time zone of clients for whom none is stored."""

    language: str
    zone: ZoneInfo


class ClientContext(msgspec.Struct, frozen=True):
    """What is stored of a client; `language` and `time_zone` (IANA) are those of the bank's newest snapshot."""

    preferences: Preferences
    devices: Devices
    language: str | None = None
    time_zone: str | None = None


class Plan(msgspec.Struct, frozen=True):
    """What the receiver does next, the entry as it is now (of a conflict, the one that is there), and to whom and how
    to send.
    """

    decision: ClaimDecision
    entry: HistoryEntry
    devices: tuple[Device, ...] = ()
    language: str = ""
    zone: tzinfo = UTC


def policy(notification: Notification) -> Policy:
    """How a notification is attempted: a push of unknown outcome may be repeated, since a device shows the second in
    the place of the first, and a text may not.
    """
    return _ONCE if notification.channel is Channel.TEXT and not notification.dry_run else _REPEATABLE


def plan(
    history: History,
    prepared: PreparedNotification,
    context: ClientContext,
    defaults: Defaults,
    now: datetime,
    *,
    needs_device: bool,
    switched_on: bool,
) -> tuple[History, Plan]:
    """The plan for `prepared` at `now`, and the history with it. `needs_device`: its channel reaches registered devices
    alone; `switched_on`: no kill switch stops it.
    """
    notification = prepared.notification
    language = negotiate(prepared.template.texts, context.preferences.language, context.language, defaults.language)
    before = history.find(notification.id)
    mended = before is not None and before.status is Status.REFUSED
    entry = _entry(prepared, language, now) if before is None or mended else before
    claim = admit(entry.attempt(notification.not_after), notification.digest, now, policy(notification))
    if claim.decision is ClaimDecision.REPORT:
        return _reported(history, entry.with_attempt(claim.attempt, now, notification.encoded))
    if claim.decision is not ClaimDecision.ATTEMPT:
        return history, Plan(claim.decision, entry)
    devices = (
        tuple(device for device in context.devices.devices if device.digest not in entry.done) if needs_device else ()
    )
    entry = msgspec.structs.replace(entry, language="" if prepared.template.silent else language)
    reason = _unwanted(history, prepared, entry, context, now)
    if reason is not None or (needs_device and not devices):
        return _reported(history, _unsent(entry, reason, now))
    where = _zone(context, defaults)
    quiet = _quiet(prepared, context, where, now)
    if quiet is not None:
        return _put_off(history, prepared, entry, quiet, now)
    claim = start(claim.attempt, now, policy(notification), switched_on=switched_on)
    entry = entry.with_attempt(claim.attempt, now, notification.encoded)
    if claim.decision is not ClaimDecision.ATTEMPT:
        return _reported(history, within_queue_limit(history, entry, now))
    return history.with_(entry), Plan(claim.decision, entry, devices, language, where)


def refused(history: History, entry: HistoryEntry, now: datetime, reason: str) -> History:
    """The history with an entry of what must not be sent. One that is there stays as it is, unless it is of the same
    and waits: what was refused does not come back by itself.
    """
    before = history.find(entry.id)
    if before is not None and (before.digest != entry.digest or before.status is not Status.WAITING):
        return history
    return history.with_(changed(before or entry, Status.REFUSED, now, reason[:_REASON]))


def within_queue_limit(history: History, entry: HistoryEntry, now: datetime) -> HistoryEntry:
    """`entry`; or, where it would wait with its command as one too many of its client's, that entry given up."""
    others = [other for other in history.waiting() if other.command and other.id != entry.id]
    too_many = bool(entry.command) and len(others) >= MAX_WAITING
    return changed(entry, Status.EXPIRED, now, "too_many_waiting") if too_many else entry


def new_entry(notification: Notification, now: datetime) -> HistoryEntry:
    """The entry of a notification of which nothing is known yet but what was asked for."""
    said = [
        notification.template,
        notification.version,
        notification.channel,
        notification.variables,
        notification.subject,
    ]
    return HistoryEntry(
        id=notification.id,
        digest=notification.digest,
        template=notification.template,
        category=notification.category,
        channel=notification.channel,
        status=Status.WAITING,
        at=now,
        changed_at=now,
        content=sha256(msgspec.json.encode(said, order="deterministic")).digest()[:16],
        subject=notification.subject,
    )


def _entry(prepared: PreparedNotification, language: str, now: datetime) -> HistoryEntry:
    template = prepared.template
    return msgspec.structs.replace(
        new_entry(prepared.notification, now),
        template=template.label,
        collapse=template.collapse,
        language="" if template.silent else language,
    )


def _unwanted(
    history: History, prepared: PreparedNotification, entry: HistoryEntry, context: ClientContext, now: datetime
) -> str | None:
    """Why the client does not want it, or not again."""
    category = prepared.template.category
    if not context.preferences.allows(prepared.notification.channel, category):
        return "not_opted_in" if category is Category.REWARDS else "switched_off"
    if prepared.template.silent:
        return None
    others = [other for other in history.entries if other.id != entry.id and other.status in _COUNT]
    if any(other.content == entry.content and other.at > now - SAME_WITHIN for other in others):
        return "duplicate"
    rewards = [other for other in others if other.category == Category.REWARDS and other.at > now - REWARDS_WITHIN]
    if category is Category.REWARDS and len(rewards) >= MAX_REWARDS:
        return "too_many_rewards"
    return None


def _unsent(entry: HistoryEntry, unwanted: str | None, now: datetime) -> HistoryEntry:
    """The entry where it is unwanted, or there is no device that lacks it."""
    if unwanted is not None:
        return changed(entry, Status.SUPPRESSED, now, unwanted)
    return changed(entry, Status.SENT, now) if entry.done else changed(entry, Status.UNDELIVERABLE, now, "no_device")


def _quiet(prepared: PreparedNotification, context: ClientContext, where: tzinfo, now: datetime) -> datetime | None:
    if prepared.template.silent or prepared.template.category is Category.SECURITY:
        return None
    return quiet_until(now, context.preferences.quiet, where)


def _put_off(
    history: History, prepared: PreparedNotification, entry: HistoryEntry, until: datetime, now: datetime
) -> tuple[History, Plan]:
    """Let it wait for the end of the quiet hours, in the place of those that it makes superfluous."""
    if policy(prepared.notification).too_late(until, prepared.notification.not_after):
        return _reported(history, changed(entry, Status.SUPPRESSED, now, "quiet_hours"))
    waiting = [other for other in history.waiting() if other.id != entry.id]
    older = [other for other in waiting if other.collapse and _collapses_with(other, entry)]
    if len(waiting) - len(older) >= MAX_WAITING:
        return _reported(history, changed(entry, Status.SUPPRESSED, now, "too_many_waiting"))
    superfluous = [changed(other, Status.SUPPRESSED, now, "collapsed") for other in older]
    entry = changed(entry, Status.WAITING, now, "quiet_hours", until, prepared.notification.encoded)
    return _reported(history.with_(*superfluous), entry)


def _collapses_with(entry: HistoryEntry, other: HistoryEntry) -> bool:
    return (entry.collapse, entry.channel) == (other.collapse, other.channel)


def _reported(history: History, entry: HistoryEntry) -> tuple[History, Plan]:
    return history.with_(entry), Plan(ClaimDecision.REPORT, entry)


def _zone(context: ClientContext, defaults: Defaults) -> ZoneInfo:
    for name in (context.preferences.time_zone, context.time_zone):
        named = zone(name) if name else None
        if named is not None:
            return named
    return defaults.zone
