"""`python -m jobs features`: the features of a backtest, from an archive or the Handbook's files."""

import asyncio
import heapq
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import track

from jobs.backtest.check import compare
from jobs.backtest.features import Row, spending
from jobs.backtest.processes import most, offline_rows
from jobs.history import fraud_handbook
from jobs.history.transaction_events import event, label
from jobs.rebuild.source import Folder
from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import SlackerError
from shared.events.avro.events import EventDecoder
from shared.events.avro.registry import NoRegistry
from shared.events.avro.topic_encoding import topics
from shared.events.events import AdviceGiven, Event, order
from shared.events.receiver import decode_event
from shared.messaging.archive import read
from shared.privacy import Pseudonymiser
from shared.risk.features.schema import features as feature_table

_KEY = bytes(32)  # tokens of a backtest name nothing outside it
_WITHIN = 30.0


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True))
@click.option("--limit", type=click.IntRange(1), help="Only the first so many events.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the vectors as lines of JSON.")
@click.option("--processes", type=click.IntRange(1), default=most, show_default="one per core",
              help="How many compute side by side; the vectors are the same.")  # fmt: skip
@click.option(
    "--check", is_flag=True, help="Hold every vector against what a decision would have read, in one process."
)
def features(*, data: Path, limit: int | None, out: Path | None, processes: int, check: bool) -> None:
    """Tell for each spending in DATA the features of the moment before it.

    DATA is an archive's folder, or the Fraud Detection Handbook's CSV. Ends with 1 if --check finds a difference.
    """
    console = Console(stderr=True)
    tokens = Pseudonymiser(_KEY, 1)
    try:
        events = list(islice(events_of(data), limit))
    except SlackerError as error:
        raise click.ClickException(str(error)) from error
    started = time.perf_counter()
    if check:
        comparison = asyncio.run(compare(events, tokens, MemoryDocuments()))
        console.print(
            f"{comparison.rows:,} vectors compared, {len(comparison.differing):,} differ: {comparison.differing[:5]}"
        )
        sys.exit(1 if comparison.differing else 0)
    try:
        with offline_rows(events, tokens, processes) as vectors:
            spendings = sum(map(spending, events))
            tracked = track(
                vectors, "vectors", spendings, console=console, transient=True, disable=not console.is_terminal
            )
            rows = _write(tracked, out)
    except SlackerError as error:
        raise click.ClickException(str(error)) from error
    seconds = time.perf_counter() - started
    console.print(f"{rows:,} vectors of {len(events):,} events in {seconds:.1f} s: {len(events) / seconds:,.0f}/s")


def events_of(data: Path) -> Iterator[Event]:
    """The events in `data`, in their order: of the Handbook, each fraud's label seven days after it."""
    if any(data.rglob("*.avro")):
        yield from asyncio.run(_archived(data))
        return
    labels: list[tuple[object, Event]] = []
    for transaction in fraud_handbook.read(data):
        while labels and labels[0][1].occurred_at <= transaction.at:
            yield heapq.heappop(labels)[1]
        yield event(transaction)
        if transaction.fraud:
            fraud_label = label(transaction)
            heapq.heappush(labels, (order(fraud_label), fraud_label))


async def _archived(folder: Path) -> list[Event]:
    decoder = EventDecoder(NoRegistry(), topics())
    events: dict[str, Event] = {}
    archive = Folder(folder)
    for name in [file.name for file in archive.files()]:
        with archive.open(name) as file:
            for delivery in read(file):
                decoded = await decode_event(decoder, delivery, Deadline.after(_WITHIN), None)
                # An attempt's client is a token under the bank's key, which no backtest has.
                if decoded is not None and not isinstance(decoded, AdviceGiven):
                    events.setdefault(decoded.event_id, decoded)
    return sorted(events.values(), key=order)


def _write(rows: Iterable[Row], out: Path | None) -> int:
    """Write the rows to `out`, if there is one, missing values left out; the number of rows."""
    if out is None:
        return sum(1 for _ in rows)
    names, encode, count = feature_table().names, msgspec.json.Encoder().encode, 0
    with out.open("wb") as file:
        for row in rows:
            values = {name: value for name, value in zip(names, row.values, strict=True) if value is not None}
            file.write(
                encode({"event_id": row.event.event_id, "at": row.event.occurred_at, "features": values}) + b"\n"
            )
            count += 1
    return count
