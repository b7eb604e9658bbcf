"""A backtest by several processes: each folds those clients, devices and merchants that fall to it, and no others.

What a vector tells of a client, of a device and of a merchant follows from one state each, and no state from another.
So every process goes through all events in their order, works out the parts of vectors that its own states tell, and
sends them in that order. Who asked knows whose part comes next, and puts the vectors together.
"""

import gc
import multiprocessing
import os
import signal
import zlib
from collections.abc import Iterator, Sequence
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
from shared.features.facts import Facts, facts_of
from shared.features.fold import fold_live
from shared.features.keys import CLIENTS, DEVICES, MERCHANTS
from shared.features.merchant_values import merchant_values
from shared.features.moment import Values
from shared.features.watermark import microseconds
from shared.features.windows import starts
from shared.privacy import Tokens

Part = tuple[Values, int]
"""The values of one group of features, and the bits of those that are missing."""

_AT_ONCE = 4096
"""Parts in one message. They travel pickled: 2 µs each, there and back, as with any other encoding that was tried."""

_SETS = [
    frozenset(name for bit, name in enumerate((CLIENTS, DEVICES, MERCHANTS)) if bits >> bit & 1) for bits in range(8)
]
"""The collections by the bits that stand for them."""


def most() -> int:
    """How many processes this machine runs at once; 1 where none can be forked, which has the events without a copy."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def offline_rows(events: Sequence[Event], tokens: Tokens, processes: int) -> Iterator[Iterator[Row]]:
    """What `Offline.rows` gives, value for value; the `processes` end with the block.

    Iterating raises `Unavailable` if one of them ends early.
    """
    if processes == 1:
        yield Offline(tokens).rows(events)
        return
    running: list[_Running] = []
    try:
        for number in range(processes):
            running.append(_start(_Share(tokens, number, processes), events, [each.reader for each in running]))
        yield _joined(events, [_received(each.reader) for each in running])
    finally:
        for each in running:
            each.reader.close()
            each.process.terminate()
        for each in running:
            each.process.join()


class _Share:
    """The states that fall to process `number` of `count`."""

    def __init__(self, tokens: Tokens, number: int, count: int) -> None:
        self._tokens = tokens
        self._number = number
        self._count = count
        self._live: dict[Key, Any] = {}

    def parts(self, events: Sequence[Event]) -> Iterator[Part]:
        """What these states tell, of each spending in order: of its client, its device, its merchant."""
        number = self._number
        for event in events:
            client, device, merchant = _owners(event, self._count)
            mine = _SETS[(client == number) | (device == number) << 1 | (merchant == number) << 2]
            if mine:
                facts = facts_of(event, self._tokens)
                if spending(event):
                    yield from self._told(event, facts, mine)
                for _ in fold_live(self._live, event, facts, mine):
                    pass

    def _told(self, event: Transaction, facts: Facts, mine: frozenset[str]) -> Iterator[Part]:
        time = microseconds(event.occurred_at)
        windows, live = starts(time), self._live
        if CLIENTS in mine:
            state = live.get(Key(CLIENTS, facts.client or ""))
            yield client_values(state, facts, event.occurred_at, time, windows)
        if DEVICES in mine:
            yield device_values(live.get(Key(DEVICES, facts.device or "")), facts, time, windows)
        if MERCHANTS in mine:
            yield merchant_values(live.get(Key(MERCHANTS, facts.merchant or "")), facts, time, windows)


def _owners(event: Event, count: int) -> tuple[int, int, int]:
    """The processes to which an event's client, device and merchant fall; what it lacks falls to the client's."""
    client = zlib.crc32(event.client.encode()) % count
    if not isinstance(event, Transaction | FraudLabel):
        return client, client, client
    return (
        client,
        zlib.crc32(event.device.encode()) % count if event.device else client,
        zlib.crc32(event.merchant.encode()) % count if event.merchant else client,
    )


def _joined(events: Sequence[Event], parts: Sequence[Iterator[Part]]) -> Iterator[Row]:
    """The rows of all spendings, from the parts that each process sends."""
    others, lacking = NO_OTHERS
    for event in events:
        if spending(event):
            client, device, merchant = _owners(event, len(parts))
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
    gc.freeze()  # what was inherited stays shared: the collector would write to every object
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
