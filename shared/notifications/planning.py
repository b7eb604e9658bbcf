"""Whether, when and in which language a notification is sent: everything that is decided before anybody is called.

Pure: what is known of the client and the time are given, and what is decided is an entry of the client's history.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from zoneinfo import ZoneInfo

import msgspec

from shared.attempts.claim import ClaimDecision, admit, start
from shared.attempts.policy import Policy
from shared.notifications.devices import Device, Devices
from shared.notifications.formatting import negotiate
from shared.notifications.history import MOST_WAITING, History, HistoryEntry, Status, changed
from shared.notifications.notification import Category, Channel, Notification
from shared.notifications.preferences import Preferences
from shared.notifications.quiet_hours import quiet_until
from shared.notifications.rendering import PreparedNotification
from shared.time_zones import zone

LEASE = timedelta(seconds=30)
"""How long one attempt has to itself: an instance that is killed leaves it for so long."""

SAME_WITHIN = timedelta(minutes=10)
"""The same words by the same channel within so long are a duplicate, whatever commands they came by."""

REWARDS_MOST, REWARDS_WITHIN = 3, timedelta(days=7)
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
    """What holds where nothing is known of a client."""

    language: str
    zone: ZoneInfo


class ClientContext(msgspec.Struct, frozen=True):
    """What is known of a client: the two last are what the bank's snapshot says."""

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


def policy(asked: Notification) -> Policy:
    """How a notification is attempted: a push of unknown outcome may be repeated, since a device shows the second in
    the place of the first, and a text may not.
    """
    return _ONCE if asked.channel is Channel.TEXT and not asked.dry_run else _REPEATABLE


def plan(
    history: History,
    told: PreparedNotification,
    known: ClientContext,
    defaults: Defaults,
    now: datetime,
    *,
    needs_device: bool,
    switched_on: bool,
) -> tuple[History, Plan]:
    """What becomes of `told` at `now`, and the history with it. `needs_device`: its channel reaches registered devices
    alone; `switched_on`: no kill switch stops it.
    """
    asked = told.asked
    language = negotiate(told.template.texts, known.preferences.language, known.language, defaults.language)
    before = history.find(asked.id)
    mended = before is not None and before.status is Status.REFUSED
    entry = _entry(told, language, now) if before is None or mended else before
    claim = admit(entry.attempt(asked.not_after), asked.digest, now, policy(asked))
    if claim.decision is ClaimDecision.REPORT:
        return _reported(history, entry.with_attempt(claim.attempt, now, asked.encoded))
    if claim.decision is not ClaimDecision.ATTEMPT:
        return history, Plan(claim.decision, entry)
    devices = tuple(each for each in known.devices.known if each.digest not in entry.done) if needs_device else ()
    entry = msgspec.structs.replace(entry, language="" if told.template.silent else language)
    reason = _unwanted(history, told, entry, known, now)
    if reason is not None or (needs_device and not devices):
        return _reported(history, _unsent(entry, reason, now))
    where = _zone(known, defaults)
    quiet = _quiet(told, known, where, now)
    if quiet is not None:
        return _put_off(history, told, entry, quiet, now)
    claim = start(claim.attempt, now, policy(asked), switched_on=switched_on)
    entry = entry.with_attempt(claim.attempt, now, asked.encoded)
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
    others = [each for each in history.waiting() if each.command and each.id != entry.id]
    too_many = bool(entry.command) and len(others) >= MOST_WAITING
    return changed(entry, Status.EXPIRED, now, "too_many_waiting") if too_many else entry


def new_entry(asked: Notification, now: datetime) -> HistoryEntry:
    """The entry of a notification of which nothing is known yet but what was asked for."""
    said = [asked.template, asked.version, asked.channel, asked.variables, asked.subject]
    return HistoryEntry(
        id=asked.id,
        digest=asked.digest,
        template=asked.template,
        category=asked.category,
        channel=asked.channel,
        status=Status.WAITING,
        at=now,
        changed_at=now,
        content=sha256(msgspec.json.encode(said, order="deterministic")).digest()[:16],
        subject=asked.subject,
    )


def _entry(told: PreparedNotification, language: str, now: datetime) -> HistoryEntry:
    template = told.template
    return msgspec.structs.replace(
        new_entry(told.asked, now),
        template=template.label,
        collapse=template.collapse,
        language="" if template.silent else language,
    )


def _unwanted(
    history: History, told: PreparedNotification, entry: HistoryEntry, known: ClientContext, now: datetime
) -> str | None:
    """Why the client does not want it, or not again."""
    category = told.template.category
    if not known.preferences.allows(told.asked.channel, category):
        return "not_opted_in" if category is Category.REWARDS else "switched_off"
    if told.template.silent:
        return None
    others = [each for each in history.entries if each.id != entry.id and each.status in _COUNT]
    if any(each.content == entry.content and each.at > now - SAME_WITHIN for each in others):
        return "duplicate"
    rewards = [each for each in others if each.category == Category.REWARDS and each.at > now - REWARDS_WITHIN]
    if category is Category.REWARDS and len(rewards) >= REWARDS_MOST:
        return "too_many_rewards"
    return None


def _unsent(entry: HistoryEntry, unwanted: str | None, now: datetime) -> HistoryEntry:
    """The entry where it is unwanted, or there is no device that lacks it."""
    if unwanted is not None:
        return changed(entry, Status.SUPPRESSED, now, unwanted)
    return changed(entry, Status.SENT, now) if entry.done else changed(entry, Status.UNDELIVERABLE, now, "no_device")


def _quiet(told: PreparedNotification, known: ClientContext, where: tzinfo, now: datetime) -> datetime | None:
    if told.template.silent or told.template.category is Category.SECURITY:
        return None
    return quiet_until(now, known.preferences.quiet, where)


def _put_off(
    history: History, told: PreparedNotification, entry: HistoryEntry, until: datetime, now: datetime
) -> tuple[History, Plan]:
    """Let it wait for the end of the quiet hours, in the place of those that it makes superfluous."""
    if policy(told.asked).too_late(until, told.asked.not_after):
        return _reported(history, changed(entry, Status.SUPPRESSED, now, "quiet_hours"))
    waiting = [each for each in history.waiting() if each.id != entry.id]
    older = [each for each in waiting if each.collapse and _same(each, entry)]
    if len(waiting) - len(older) >= MOST_WAITING:
        return _reported(history, changed(entry, Status.SUPPRESSED, now, "too_many_waiting"))
    superfluous = [changed(each, Status.SUPPRESSED, now, "collapsed") for each in older]
    entry = changed(entry, Status.WAITING, now, "quiet_hours", until, told.asked.encoded)
    return _reported(history.with_(*superfluous), entry)


def _same(one: HistoryEntry, other: HistoryEntry) -> bool:
    return (one.collapse, one.channel) == (other.collapse, other.channel)


def _reported(history: History, entry: HistoryEntry) -> tuple[History, Plan]:
    return history.with_(entry), Plan(ClaimDecision.REPORT, entry)


def _zone(known: ClientContext, defaults: Defaults) -> ZoneInfo:
    for name in (known.preferences.time_zone, known.time_zone):
        found = zone(name) if name else None
        if found is not None:
            return found
    return defaults.zone
