"""How the histories are kept: what is decided and how it ended, for all that wait in one read and one commit."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from shared.commands import switches
from shared.documents import Delete, Document, Key, Write
from shared.errors import Damaged
from shared.features import client as features
from shared.features.keys import CLIENTS
from shared.notifications import devices, history, preferences
from shared.notifications.devices import Devices
from shared.notifications.history import History, HistoryEntry, StoredHistory
from shared.notifications.notification import TYPE
from shared.notifications.planning import ClientContext, Defaults, Next, Plan, decide, refused, within_queue_limit
from shared.notifications.rendering import Message
from shared.notifications.results import Ended
from shared.storage.batch_fold import FoldResult


class Begin(msgspec.Struct, frozen=True):
    """A notification to the client of that token is to be decided on."""

    client: str
    told: Message
    now: datetime
    needs_device: bool


class End(msgspec.Struct, frozen=True):
    """How an attempt for the client of that token ended."""

    client: str
    ended: Ended
    now: datetime


class Refuse(msgspec.Struct, frozen=True):
    """What must not be sent to the client of that token, and why."""

    client: str
    entry: HistoryEntry
    reason: str
    now: datetime


Item = Begin | End | Refuse


class Books:
    """Implements `BatchFold` of `shared.storage.batch_fold`; a beginning results in what was decided, all else in the
    entry.
    """

    def __init__(self, usual: Defaults) -> None:
        self._usual = usual

    def keys(self, items: Sequence[Item]) -> list[Key]:
        """See the port."""
        return list(dict.fromkeys(key for item in items for key in _keys(item)))

    def fold(self, held: Mapping[Key, Document | None], items: Sequence[Item]) -> FoldResult[Plan]:
        """See the port. Raises `Damaged` for what cannot be read."""
        sheets = _Sheets(held)
        results = [self._done(item, sheets, held) for item in items]
        return FoldResult(sheets.writes(), results)

    def _done(self, item: Item, sheets: "_Sheets", held: Mapping[Key, Document | None]) -> Plan:
        before = sheets.history(item.client)
        if isinstance(item, Refuse):
            sheets.keep(item.client, refused(before, item.entry, item.now, item.reason), item.now)
            return Plan(Next.REST, item.entry)
        if isinstance(item, End):
            entry = within_queue_limit(before, item.ended.entry, item.now)
            sheets.keep(item.client, before.with_(entry), item.now)
            sheets.forget(item.client, item.ended.gone)
            return Plan(Next.REST, entry)
        known, on = sheets.known(item.client), switches.let_through(_switches(item), held)
        after, decided = decide(before, item.told, known, self._usual, item.now, needs_device=item.needs_device, on=on)
        if decided.next not in {Next.BUSY, Next.CONFLICT}:
            sheets.keep(item.client, after, item.now)
        return decided


class _Sheets:
    """What was read, and what is to be written in the place of it."""

    def __init__(self, held: Mapping[Key, Document | None]) -> None:
        self._held = held
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

    def known(self, client: str) -> ClientContext:
        """What is known of a client."""
        chosen = preferences.read(self._held[preferences.key(client)])
        language, zone = _snapshot(self._held[Key(CLIENTS, client)])
        return ClientContext(chosen, self._known_devices(client), language, zone)

    def writes(self) -> list[Write]:
        """Everything that changed."""
        found: list[Write] = [
            self._read(client).written(after, now) for client, (after, now) in self._histories.items()
        ]
        for client, after in self._devices.items():
            document = self._held[devices.key(client)]
            if document is not None:
                found.append(devices.CODEC.put(document, document.key, after))
        return [*found, *(Delete(devices.owner_key(digest)) for digest in sorted(self._gone))]

    def _read(self, client: str) -> StoredHistory:
        key = history.key(client)
        return history.read(key, self._held[key])

    def _known_devices(self, client: str) -> Devices:
        return self._devices.get(client) or devices.read(self._held[devices.key(client)])


def _keys(item: Item) -> list[Key]:
    first = [history.key(item.client)]
    if isinstance(item, Begin):
        known = preferences.key(item.client), devices.key(item.client), Key(CLIENTS, item.client)
        return [*first, *known, *_switches(item)]
    return [*first, devices.key(item.client)] if isinstance(item, End) and item.ended.gone else first


def _switches(item: Begin) -> tuple[Key, ...]:
    """They are looked at again here: a notification may have been handed over, or put off, while they were on."""
    return switches.passed(TYPE, item.told.asked.channel)


def _snapshot(document: Document | None) -> tuple[str | None, str | None]:
    """Language and time zone by the bank's newest snapshot, in the state that features are made from; one that cannot
    be read keeps no security message from leaving.
    """
    try:
        state = features.CODEC.decode(document) if document is not None else None
    except Damaged:
        return None, None
    if state is None or not state.profiles:
        return None, None
    return state.profiles[-1].language, state.profiles[-1].zone
