"""A backtest by several processes: each folds those clients, devices and merchants that fall to it, and no others.

What a vector tells of a client, of a device and of a merchant follows from one state each, and no state from another.
So every process goes through all events in their order, works out the parts of vectors that its own states tell, and
sends them in that order. Who asked is one of them: it knows whose part comes next, and puts the vectors together.
"""

import gc
import multiprocessing
import os
import signal
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from jobs.offline_features import Offline, Row, spending
from shared.documents import Key
from shared.errors import Unavailable
from shared.events import Event, FraudLabel, Transaction
from shared.features.device_values import device_values
from shared.features.extract import NO_OTHERS, client_values
from shared.features.facts import Facts
from shared.features.fold import Known, fold_live, known
from shared.features.keys import CLIENTS, DEVICES, MERCHANTS
from shared.features.merchant_values import merchant_values
from shared.features.moment import Values
from shared.features.watermark import EPOCH
from shared.features.windows import Instant, instant
from shared.privacy import Tokens

Part = tuple[Values, int]
"""The values of one group of features, and the bits of those that are missing."""

_AT_ONCE = 1024
"""Parts in one message. They travel pickled: 0.6 µs each, there and back, as with any other encoding that was tried."""

_JOINING = 0.08
"""What putting vectors together costs, by what folding and telling all states does: who asked has that much less."""

_IDS = 2**32  # as many as CRC-32 tells apart

_CHUNK = 30_000
"""Events that are sorted by the states they are about: with so many, states are met again while they are at hand."""

_TELL: Mapping[str, Callable[[Any, Facts, Instant], Part]] = {
    CLIENTS: client_values,
    DEVICES: device_values,
    MERCHANTS: merchant_values,
}


class _Mine(NamedTuple):
    """The collections whose states a process has of one event, their places in what it tells, and that, untold."""

    collections: frozenset[str]
    places: Mapping[str, int]
    untold: Sequence[Part]


def _mine(bits: int) -> _Mine:
    names = [name for bit, name in enumerate(_TELL) if bits >> bit & 1]
    untold = [_TELL[name](None, Facts(), instant(EPOCH)) for name in names]
    return _Mine(frozenset(names), {name: place for place, name in enumerate(names)}, untold)


_MINE = [_mine(bits) for bits in range(2 ** len(_TELL))]
"""By the bits that stand for the collections."""


def most() -> int:
    """How many processes this machine runs at once; 1 where none can be forked, which has the events without a copy."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def offline_rows(events: Sequence[Event], tokens: Tokens, processes: int) -> Iterator[Iterator[Row]]:
    """What `Offline.rows` gives, value for value; the `processes` end with the block.

    Iterating raises `Unavailable` if one of them ends early. Within the block the garbage collector rests: there is
    much to look at, again and again, and nothing to be found.
    """
    with _without_collector():
        if processes == 1:
            yield Offline(tokens).rows(events)
        else:
            yield from _by_processes(events, tokens, processes)


@contextmanager
def _without_collector() -> Iterator[None]:
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _by_processes(events: Sequence[Event], tokens: Tokens, processes: int) -> Iterator[Iterator[Row]]:
    split = _Split(processes)
    running: list[_Running] = []
    try:
        for number in range(1, processes):
            running.append(_start(_Share(tokens, number, split), events, [each.reader for each in running]))
        ours = _Share(tokens, 0, split).parts(events)
        yield _joined(events, split, [ours, *(_received(each.reader) for each in running)])
    finally:
        for each in running:
            each.reader.close()
            each.process.terminate()
        for each in running:
            each.process.join()


class _Split:
    """Which process has which state, of two or more: number 0, which puts the vectors together, has a smaller share."""

    def __init__(self, processes: int) -> None:
        self._ours = int(max((1 + _JOINING) / processes - _JOINING, 0) * _IDS)
        self._theirs = -(-(_IDS - self._ours) // (processes - 1))

    def owners(self, event: Event) -> tuple[int, int, int]:
        """The processes to which an event's client, device and merchant fall; what it lacks falls to the client's."""
        client = self._owner(event.client)
        if not isinstance(event, Transaction | FraudLabel):
            return client, client, client
        device, merchant = event.device, event.merchant
        return client, self._owner(device) if device else client, self._owner(merchant) if merchant else client

    def _owner(self, id_: str) -> int:
        return max(zlib.crc32(id_.encode()) - self._ours + self._theirs, 0) // self._theirs


class _About(NamedTuple):
    """An event and one state that it is about: if it is asked about, `when`, and the place of what that state tells."""

    item: Known
    when: Instant | None
    place: int


class _Share:
    """The states that fall to process `number`."""

    def __init__(self, tokens: Tokens, number: int, split: _Split) -> None:
        self._tokens = tokens
        self._number = number
        self._split = split
        self._live: dict[Key, Any] = {}

    def parts(self, events: Sequence[Event]) -> Iterator[Part]:
        """What these states tell, of each spending in order: of its client, its device, its merchant."""
        for first in range(0, len(events), _CHUNK):
            told, about = self._sorted(events[first : first + _CHUNK])
            for key, those in about.items():  # one state after the other: it stays in the processor's cache
                tell = _TELL[key.collection]
                for item, when, place in those:
                    if when is not None:
                        told[place] = tell(self._live.get(key), item.facts, when)
                    for _ in fold_live(self._live, item):
                        pass
            yield from told

    def _sorted(self, events: Sequence[Event]) -> tuple[list[Part], dict[Key, list[_About]]]:
        """The parts to be told of `events`, untold as yet, and the events by the states that they are about."""
        number, owners = self._number, self._split.owners
        told: list[Part] = []
        about: dict[Key, list[_About]] = {}
        for event in events:
            client, device, merchant = owners(event)
            mine = _MINE[(client == number) | (device == number) << 1 | (merchant == number) << 2]
            if mine.collections:
                item = known(event, self._tokens, mine.collections)
                when = instant(event.occurred_at) if spending(event) else None
                for key in item.keys:
                    place = len(told) + mine.places[key.collection]
                    about.setdefault(key, []).append(_About(Known(event, item.facts, (key,)), when, place))
                if when is not None:
                    told += mine.untold
        return told, about


def _joined(events: Sequence[Event], split: _Split, parts: Sequence[Iterator[Part]]) -> Iterator[Row]:
    """The rows of all spendings, from the parts that each process sends."""
    others, lacking = NO_OTHERS
    for event in events:
        if spending(event):
            client, device, merchant = split.owners(event)
            of_client, missing = next(parts[client])
            of_device, no_device = next(parts[device])
            of_merchant, no_merchant = next(parts[merchant])
            values = (*of_client, *of_device, *of_merchant, *others)
            yield Row(event, values, missing | no_device | no_merchant | lacking)


class _Running(NamedTuple):
    process: multiprocessing.process.BaseProcess
    reader: Connection


def _start(share: _Share, events: Sequence[Event], others: Sequence[Connection]) -> _Running:
    """Start a process that sends its parts; it inherits `others`, the readers of those that run already."""
    context = multiprocessing.get_context("fork")
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(share, events, writer, [*others, reader]), daemon=True)
    process.start()
    writer.close()
    return _Running(process, reader)


def _send(share: _Share, events: Sequence[Event], writer: Connection, readers: Sequence[Connection]) -> None:
    """Send all parts of `share`, or until nobody reads them; an interrupt is left to who started this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for reader in readers:
        reader.close()
    parts = share.parts(events)
    with suppress(BrokenPipeError):
        while some := list(islice(parts, _AT_ONCE)):
            writer.send(some)


def _received(reader: Connection) -> Iterator[Part]:
    while True:
        try:
            some: list[Part] = reader.recv()
        except EOFError:
            raise Unavailable("a process of the backtest ended early") from None
        yield from some
