"""Whether, when and in which language a notification is sent: everything that is decided before anybody is called.

Pure: what is known of the client and the time are given, and what is decided is an entry of the client's history.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from hashlib import sha256
from zoneinfo import ZoneInfo

import msgspec

from shared.features.zones import zone
from shared.notifications.devices import Device, Devices
from shared.notifications.history import MOST_WAITING, History, HistoryEntry, Status
from shared.notifications.languages import chosen
from shared.notifications.notification import Category, Channel, Notification
from shared.notifications.preferences import Preferences
from shared.notifications.quiet_hours import quiet_until
from shared.notifications.rendering import Message

LEASE = timedelta(seconds=30)
"""How long one attempt has to itself: an instance that is killed leaves it for so long."""

SAME_WITHIN = timedelta(minutes=10)
"""The same words by the same channel within so long are a duplicate, whatever commands they came by."""

OFF_FOR, OFF = timedelta(minutes=1), "kill_switch"
"""How long waits what a kill switch stops, before the switch is looked at again; and how that is called."""

REWARDS_MOST, REWARDS_WITHIN = 3, timedelta(days=7)
"""How many notifications of rewards a client gets in how long."""

_REASON = 200  # characters of why something was refused, in a history
_EARLY = timedelta(seconds=5)  # by how much clocks differ: who comes so early for what waits is on time
_COUNT = frozenset((Status.SENDING, Status.WAITING, Status.SENT, Status.AMBIGUOUS))


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


class Next(StrEnum):
    """What the one who asked does next."""

    SEND = "send"
    REST = "rest"
    """Nothing: it is settled, or waits."""

    BUSY = "busy"
    """Come back: another one is sending it."""

    CONFLICT = "conflict"
    """The id came before with another content."""


class Plan(msgspec.Struct, frozen=True):
    """What is next, the entry as it is now (of a conflict, the one that is there), and to whom and how to send."""

    next: Next
    entry: HistoryEntry
    devices: tuple[Device, ...] = ()
    language: str = ""
    zone: tzinfo = UTC


def decide(
    history: History,
    told: Message,
    known: ClientContext,
    usual: Defaults,
    now: datetime,
    *,
    needs_device: bool,
    on: bool,
) -> tuple[History, Plan]:
    """What becomes of `told` at `now`, and the history with it. `needs_device`: its channel reaches registered devices
    alone; `on`: no kill switch stops it.
    """
    asked = told.asked
    before = history.find(asked.id)
    if before is not None and before.status is Status.REFUSED:
        before = None  # it was mended
    if before is not None:
        settled = _seen_before(before, told, now)
        if settled is not None:
            return history.with_(settled.entry), settled
    entry = before or _entry(told, now)
    language = chosen(told.template.texts, known.preferences.language, known.language, usual.language)
    where = _zone(known, usual)
    devices = tuple(each for each in known.devices.known if each.digest not in entry.done) if needs_device else ()
    entry = msgspec.structs.replace(entry, language="" if told.template.silent else language)
    why = _unwanted(history, told, entry, known, now)
    if asked.not_after <= now:
        return _ended(history, entry, Status.EXPIRED, "too_late", now)
    if why is not None:
        return _ended(history, entry, Status.SUPPRESSED, why, now)
    if needs_device and not devices:
        status, why = (Status.SENT, "") if entry.done else (Status.UNDELIVERABLE, "no_device")
        return _ended(history, entry, status, why, now)
    quiet = _quiet(told, known, where, now)
    if quiet is not None or not on:
        return _put_off(history, told, entry, quiet, now) if quiet else _stopped(history, told, entry, now)
    sending = changed(entry, Status.SENDING, now, until=now + LEASE)
    return history.with_(sending), Plan(Next.SEND, sending, devices, language, where)


def changed(
    entry: HistoryEntry,
    status: Status,
    now: datetime,
    reason: str = "",
    until: datetime | None = None,
    command: bytes = b"",
) -> HistoryEntry:
    """`entry` in another status, why, and until when."""
    return msgspec.structs.replace(entry, status=status, changed_at=now, reason=reason, until=until, command=command)


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


def _seen_before(before: HistoryEntry, told: Message, now: datetime) -> Plan | None:
    """What to do about a notification that came before; `None` to go on with it."""
    if before.digest != told.asked.digest:
        return Plan(Next.CONFLICT, before)
    if before.final:
        return Plan(Next.REST, before)
    ahead = before.until is not None and before.until > now
    if before.status is Status.WAITING:
        return Plan(Next.REST, before) if before.until is not None and before.until > now + _EARLY else None
    if ahead:
        return Plan(Next.BUSY, before)
    if told.asked.channel is Channel.TEXT and not told.asked.dry_run:
        return Plan(Next.REST, changed(before, Status.AMBIGUOUS, now, "interrupted"))
    return None


def new_entry(asked: Notification, now: datetime) -> HistoryEntry:
    """The entry of a notification of which nothing is known yet but what was asked for."""
    said = [asked.template, asked.version, asked.channel, asked.variables, asked.subject]
    return HistoryEntry(
        id=asked.id,
        digest=asked.digest,
        template=asked.template,
        category=asked.category,
        channel=asked.channel,
        status=Status.SENDING,
        at=now,
        changed_at=now,
        content=sha256(msgspec.json.encode(said, order="deterministic")).digest()[:16],
        subject=asked.subject,
    )


def _entry(told: Message, now: datetime) -> HistoryEntry:
    template = told.template
    return msgspec.structs.replace(new_entry(told.asked, now), template=template.label, collapse=template.collapse)


def _unwanted(history: History, told: Message, entry: HistoryEntry, known: ClientContext, now: datetime) -> str | None:
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


def _quiet(told: Message, known: ClientContext, where: tzinfo, now: datetime) -> datetime | None:
    if told.template.silent or told.template.category is Category.SECURITY:
        return None
    return quiet_until(now, known.preferences.quiet, where)


def _put_off(
    history: History, told: Message, entry: HistoryEntry, until: datetime, now: datetime
) -> tuple[History, Plan]:
    """Let it wait for the end of the quiet hours, in the place of those that it makes superfluous."""
    if until >= told.asked.not_after:
        return _ended(history, entry, Status.SUPPRESSED, "quiet_hours", now)
    waiting = [each for each in history.waiting() if each.id != entry.id]
    older = [each for each in waiting if each.collapse and _same(each, entry)]
    if len(waiting) - len(older) >= MOST_WAITING:
        return _ended(history, entry, Status.SUPPRESSED, "too_many_waiting", now)
    superfluous = [changed(each, Status.SUPPRESSED, now, "collapsed") for each in older]
    entry = changed(entry, Status.WAITING, now, "quiet_hours", until, told.asked.encoded)
    return history.with_(*superfluous, entry), Plan(Next.REST, entry)


def _stopped(history: History, told: Message, entry: HistoryEntry, now: datetime) -> tuple[History, Plan]:
    """Let it wait until the kill switch is looked at again."""
    until = now + OFF_FOR
    if until >= told.asked.not_after:
        return _ended(history, entry, Status.EXPIRED, OFF, now)
    entry = within_queue_limit(history, changed(entry, Status.WAITING, now, OFF, until, told.asked.encoded), now)
    return history.with_(entry), Plan(Next.REST, entry)


def _same(one: HistoryEntry, other: HistoryEntry) -> bool:
    return (one.collapse, one.channel) == (other.collapse, other.channel)


def _ended(history: History, entry: HistoryEntry, status: Status, reason: str, now: datetime) -> tuple[History, Plan]:
    entry = changed(entry, status, now, reason)
    return history.with_(entry), Plan(Next.REST, entry)


def _zone(known: ClientContext, usual: Defaults) -> ZoneInfo:
    for name in (known.preferences.time_zone, known.time_zone):
        found = zone(name) if name else None
        if found is not None:
            return found
    return usual.zone
