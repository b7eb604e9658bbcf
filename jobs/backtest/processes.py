"""A backtest by several processes: each folds those clients, devices and merchants that fall to it, and no others.

What a vector tells of a client, of a device and of a merchant follows from one state each, and no state from another.
So every process goes through all events in their order, works out the parts of vectors that its own states tell, and
sends them in that order. Who asked is one of them: it knows whose part comes next, and puts the vectors together.
"""

import gc
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import NamedTuple

from jobs.backtest.features import Offline, Row, spending
from jobs.backtest.share import Part, Share, Split
from shared.errors import Unavailable
from shared.events.events import Event
from shared.privacy import Pseudonymiser
from shared.risk.features.extract import NO_OTHERS

_CHUNK = 30_000
"""Events that are told of at a time, and in one message: most clients are met several times among them.

Parts travel pickled, 0.6 µs each, there and back, as with any other encoding that was tried.
"""


def most() -> int:
    """How many processes this machine runs at once; 1 where none can be forked, which has the events without a copy."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def offline_rows(events: Sequence[Event], tokens: Pseudonymiser, processes: int) -> Iterator[Iterator[Row]]:
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


def _by_processes(events: Sequence[Event], tokens: Pseudonymiser, processes: int) -> Iterator[Iterator[Row]]:
    split, chunks = Split(processes), [events[first : first + _CHUNK] for first in range(0, len(events), _CHUNK)]
    running: list[_Running] = []
    try:
        for number in range(1, processes):
            running.append(_start(Share(tokens, number, split), chunks, [worker.reader for worker in running]))
        yield _joined(chunks, split, Share(tokens, 0, split), [_received(worker.reader) for worker in running])
    finally:
        for worker in running:
            worker.reader.close()
            worker.process.terminate()
        for worker in running:
            worker.process.join()


def _joined(
    chunks: Sequence[Sequence[Event]], split: Split, ours: Share, others: Sequence[Iterator[list[Part]]]
) -> Iterator[Row]:
    """The rows of all spendings, from our parts and those that the other processes send."""
    rest, lacking = NO_OTHERS
    for events in chunks:
        parts = [iter(ours.parts(events))]  # before the others', which they work out meanwhile
        parts += [iter(next(other)) for other in others]
        for event in events:
            if spending(event):
                client, device, merchant = split.owners(event)
                of_client, missing = next(parts[client])
                of_device, no_device = next(parts[device])
                of_merchant, no_merchant = next(parts[merchant])
                values = (*of_client, *of_device, *of_merchant, *rest)
                yield Row(event, values, missing | no_device | no_merchant | lacking)


class _Running(NamedTuple):
    process: multiprocessing.process.BaseProcess
    reader: Connection


def _start(share: Share, chunks: Sequence[Sequence[Event]], others: Sequence[Connection]) -> _Running:
    """Start a process that sends its parts; it inherits `others`, the readers of those that run already."""
    context = multiprocessing.get_context("fork")
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(share, chunks, writer, [*others, reader]), daemon=True)
    process.start()
    writer.close()
    return _Running(process, reader)


def _send(share: Share, chunks: Sequence[Sequence[Event]], writer: Connection, readers: Sequence[Connection]) -> None:
    """Send all parts of `share`, or until nobody reads them; an interrupt is left to who started this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for reader in readers:
        reader.close()
    with suppress(BrokenPipeError):
        for events in chunks:
            writer.send(share.parts(events))


def _received(reader: Connection) -> Iterator[list[Part]]:
    while True:
        try:
            parts: list[Part] = reader.recv()
        except EOFError:
            raise Unavailable("a process of the backtest ended early") from None
        yield parts
