"""A made-up bank whose transactions stream in order of time; the same seed makes the same bank, to the byte."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from random import Random

from jobs.history.transaction import Transaction
from local.bank import fraud
from local.bank.clients import Client, client
from local.bank.habits import Mint, ordinary_day
from local.bank.merchants import Merchants

_EARLIEST = timedelta(hours=12)  # a day begins that much before UTC's, at most: in the Far East

_in_time = attrgetter("at", "id")


@dataclass(frozen=True, slots=True)
class World:
    """Everybody who has an account, and every shop."""

    clients: tuple[Client, ...]
    merchants: Merchants


def world(seed: int, clients: int = 2000, start: date = date(2024, 3, 1)) -> World:
    """Make up a bank of `clients` clients on the day `start`."""
    random = Random(f"world {seed}")  # noqa: S311 - a simulation
    merchants = Merchants(random)
    return World(tuple(client(random, number, merchants, start) for number in range(clients)), merchants)


def transactions(
    seed: int, clients: int = 2000, start: date = date(2024, 3, 1), fraud_rate: float = 1.0
) -> Iterator[Transaction]:
    """Everything that happens at the bank from `start` on, ordered by (time, id), without end.

    `fraud_rate` multiplies how often frauds begin; 0 makes an honest world.
    """
    everything = world(seed, clients, start)
    random = Random(f"life {seed}")  # noqa: S311 - a simulation
    mint = Mint(random)
    waiting: list[Transaction] = []
    day = start
    while True:
        for person in everything.clients:
            waiting.extend(ordinary_day(random, mint, person, everything.merchants, day))
        scene = fraud.Scene(random, mint, everything.clients, everything.merchants, day)
        waiting.extend(_frauds(scene, fraud_rate))
        waiting.sort(key=_in_time)
        day += timedelta(days=1)
        horizon = datetime.combine(day, time(), UTC) - _EARLIEST
        ready = next((index for index, waits in enumerate(waiting) if waits.at >= horizon), len(waiting))
        yield from waiting[:ready]
        del waiting[:ready]


def _frauds(scene: fraud.Scene, rate: float) -> Iterator[Transaction]:
    for kind, per_day in fraud.KINDS:
        expected = rate * per_day * len(scene.clients) / 10_000
        begins = int(expected) + (scene.random.random() < expected % 1)
        for _ in range(begins):
            for burst in kind(scene):
                yield replace(burst, scenario=kind.__name__)
