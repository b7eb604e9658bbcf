"""Where transactions come from: the made-up bank or the Handbook's files; with opening balances and clients."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import chain, dropwhile, islice
from pathlib import Path

from jobs.history import fraud_handbook
from jobs.history.transaction import Transaction
from local.bank.bank import transactions, world
from local.bank.clients import Client
from shared.events.events import ClientSnapshot
from shared.times import shifted, span

START = date(2024, 3, 1)


@dataclass(frozen=True, slots=True)
class Source:
    """Transactions in order of time, snapshots of clients, and opening balances in minor units by client, if known."""

    name: str
    transactions: Iterator[Transaction]
    snapshots: tuple[ClientSnapshot, ...] = ()
    balances: dict[str, int] | None = None


def made_up(seed: int, clients: int) -> Source:
    """The made-up bank of that seed."""
    people = world(seed, clients, START).clients
    return Source(
        f"a made-up bank of {clients:,} clients, seed {seed}",
        transactions(seed, clients, START),
        tuple(_snapshot(client) for client in people),
        {client.id: client.balance for client in people},
    )


def from_file(path: Path, limit: int | None, history: int = 0) -> Source:
    """The Handbook's transactions at `path`, of which a replay takes the first days of `history` and `limit` more.

    All of these are read now, and again as they are replayed: a wrong line raises before anything runs.
    """
    deque(_replayed(fraud_handbook.read(path), limit, history), maxlen=0)
    return Source(str(path), fraud_handbook.read(path))


def _replayed(transactions: Iterator[Transaction], limit: int | None, history: int) -> Iterator[Transaction]:
    first = next(transactions, None)
    if first is None:
        return iter(())
    begin = shifted(first.at, span(history * 86_400))
    return islice(dropwhile(lambda transaction: transaction.at < begin, chain((first,), transactions)), limit)


def _snapshot(client: Client) -> ClientSnapshot:
    return ClientSnapshot(
        event_id=f"{client.id}.snapshot",
        client=client.id,
        occurred_at=datetime.combine(START, time(), UTC),
        time_zone=client.home.zone,
        country=client.home.location.country,
        account_opened=datetime.combine(client.opened, time(), UTC),
    )
