"""How the histories are kept: what is decided and how it ended, for all that wait in one read and one commit."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from shared.attempts.claim import ClaimDecision
from shared.clients import stored_profile
from shared.commands import kill_switches
from shared.notifications import devices, history, preferences
from shared.notifications.devices import Devices
from shared.notifications.history import History, HistoryEntry, StoredHistory
from shared.notifications.notification import TYPE, Notification
from shared.notifications.planning import ClientContext, Defaults, Plan, plan, refused, within_queue_limit
from shared.notifications.rendering import PreparedNotification
from shared.notifications.results import DeviceResult, complete, gone
from shared.storage.batch_fold import FoldResult
from shared.storage.documents import Delete, Document, Key, Write


class Begin(msgspec.Struct, frozen=True):
    """A notification to the client of that token is to be decided on."""

    client: str
    prepared: PreparedNotification
    now: datetime
    needs_device: bool


class AttemptEnded(msgspec.Struct, frozen=True):
    """The attempt that `claimed` was claimed for, for the client of that token, has ended with `results`."""

    client: str
    notification: Notification
    claimed: HistoryEntry
    results: Sequence[DeviceResult]
    now: datetime


class Refuse(msgspec.Struct, frozen=True):
    """What must not be sent to the client of that token, and why."""

    client: str
    entry: HistoryEntry
    reason: str
    now: datetime


Item = Begin | AttemptEnded | Refuse


class HistoryFold:
    """Implements `BatchFold` of `shared.storage.batch_fold`. The result of a beginning is what was planned; that of
    the end of an attempt says `REPORT`, or where it ended nothing any more `ACK`, or `RETRY` for its message to come
    again.
    """

    def __init__(self, defaults: Defaults) -> None:
        self._defaults = defaults

    def keys(self, items: Sequence[Item]) -> list[Key]:
        """See the port."""
        return list(dict.fromkeys(key for item in items for key in _keys(item)))

    def fold(self, documents: Mapping[Key, Document | None], items: Sequence[Item]) -> FoldResult[Plan]:
        """See the port. Raises `Damaged` for what cannot be read."""
        changes = _Changes(documents)
        results = [self._apply(item, changes, documents) for item in items]
        return FoldResult(changes.writes(), results)

    def _apply(self, item: Item, changes: "_Changes", documents: Mapping[Key, Document | None]) -> Plan:
        if isinstance(item, AttemptEnded):
            return _end(item, changes)
        before = changes.history(item.client)
        if isinstance(item, Refuse):
            changes.keep(item.client, refused(before, item.entry, item.now, item.reason), item.now)
            return Plan(ClaimDecision.ACK, item.entry)
        after, planned = plan(
            before,
            item.prepared,
            changes.context(item.client),
            self._defaults,
            item.now,
            needs_device=item.needs_device,
            switched_on=kill_switches.allows(_switches(item), documents),
        )
        changes.keep(item.client, after, item.now)
        return planned


def _end(item: AttemptEnded, changes: "_Changes") -> Plan:
    """Book how an attempt ended. Where it ended nothing, the message comes again as long as the entry is not final: its
    next delivery is all that would notice if whoever has the lease now died.
    """
    changes.forget(item.client, gone(item.results))
    before, lease = changes.history(item.client), item.claimed.until
    entry = before.find(item.notification.id)
    if entry is None or lease is None:
        return Plan(ClaimDecision.ACK, item.claimed)
    completed = complete(entry, lease, item.notification, item.results, item.now)
    if completed is None:
        return Plan(ClaimDecision.ACK if entry.final else ClaimDecision.RETRY, entry)
    entry = within_queue_limit(before, completed, item.now)
    changes.keep(item.client, before.with_(entry), item.now)
    return Plan(ClaimDecision.REPORT, entry)


class _Changes:
    """What was read, and what is to be written in the place of it."""

    def __init__(self, documents: Mapping[Key, Document | None]) -> None:
        self._documents = documents
        self._histories: dict[str, tuple[History, datetime]] = {}
        self._devices: dict[str, Devices] = {}
        self._gone: set[str] = set()

    def history(self, client: str) -> History:
        """As it is by now."""
        changed = self._histories.get(client)
        return changed[0] if changed is not None else self._read(client).history

    def keep(self, client: str, after: History, now: datetime) -> None:
        """Have it written, if it changed."""
        if after != self.history(client):
            self._histories[client] = after, now

    def forget(self, client: str, gone: Sequence[str]) -> None:
        """Have addresses forgotten that are nobody's any more."""
        if gone:
            self._devices[client] = self._known_devices(client).without(gone)
            self._gone.update(gone)

    def context(self, client: str) -> ClientContext:
        """What is known of a client."""
        chosen = preferences.read(self._documents[preferences.key(client)])
        profile = stored_profile.newest(self._documents[stored_profile.key(client)])
        language, zone = (profile.language, profile.zone) if profile is not None else (None, None)
        return ClientContext(chosen, self._known_devices(client), language, zone)

    def writes(self) -> list[Write]:
        """Everything that changed."""
        writes: list[Write] = [
            self._read(client).written(after, now) for client, (after, now) in self._histories.items()
        ]
        for client, after in self._devices.items():
            document = self._documents[devices.key(client)]
            if document is not None:
                writes.append(devices.CODEC.put(document, document.key, after))
        return [*writes, *(Delete(devices.owner_key(digest)) for digest in sorted(self._gone))]

    def _read(self, client: str) -> StoredHistory:
        key = history.key(client)
        return history.read(key, self._documents[key])

    def _known_devices(self, client: str) -> Devices:
        return self._devices.get(client) or devices.read(self._documents[devices.key(client)])


def _keys(item: Item) -> list[Key]:
    first = [history.key(item.client)]
    if isinstance(item, Begin):
        about_client = preferences.key(item.client), devices.key(item.client), stored_profile.key(item.client)
        return [*first, *about_client, *_switches(item)]
    return [*first, devices.key(item.client)] if isinstance(item, AttemptEnded) and gone(item.results) else first


def _switches(item: Begin) -> tuple[Key, ...]:
    """They are looked at again here: a notification may have been handed over, or put off, while they were on."""
    return kill_switches.keys_for(TYPE, item.prepared.notification.channel)
