"""Streams of events as they come in: late, twice, reversed, in any mixture; and questions about them."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.events.events import (
    AdviceGiven,
    ClientSnapshot,
    Direction,
    Event,
    FraudLabel,
    Kind,
    Overdraft,
    Transaction,
    reversal,
)
from shared.money import Money
from shared.privacy import Pseudonymiser
from shared.risk.features.fold import EventOutcome, fold, touched
from shared.risk.features.keys import CLIENTS, DEVICES, MERCHANTS
from shared.storage.documents import Key

TOKENS = Pseudonymiser(b"a key of the tests, thirty-two by", 1)
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
PLACES = {"BE": (50.85, 4.35), "FR": (48.86, 2.35), "US": (40.71, -74.01)}
ZONES = ("Europe/Brussels", "America/New_York", None)


def dice(seed: int) -> random.Random:
    """Chance, the same for the same seed."""
    return random.Random(seed)  # noqa: S311 # nothing secret depends on it


@dataclass(frozen=True)
class Stream:
    """`arrivals` in the order they come in, duplicates among them; `clean` holds each event once."""

    arrivals: list[Event]
    clean: list[Event]

    @property
    def newest(self) -> datetime:
        return max(event.occurred_at for event in self.clean)


def stream(seed: int, size: int = 60, days: int = 50, clients: int = 3, reversals: bool = True) -> Stream:
    """`size` things that happened to few `clients` in `days`, arriving up to 48 hours late, a fifth of them twice."""
    rng = dice(seed)
    clean: list[Event] = []
    for number in range(size):
        at = BEGIN + timedelta(seconds=round(rng.random() * days * 86_400, rng.choice((0, 3))))
        event = _event(rng, f"e{number}", f"c{rng.randrange(clients)}", at)
        clean.append(event)
        clean += _attempts(dice(seed + number), event)
        if isinstance(event, Transaction):
            clean += [later for later in _aftermath(rng, event) if reversals or isinstance(later, FraudLabel)]
    arrivals: list[tuple[datetime, Event]] = [
        (event.occurred_at + timedelta(hours=rng.choice((0, 0, 1, 48)) * rng.random()), event) for event in clean
    ]
    arrivals += [(at + timedelta(hours=rng.random() * 60), event) for at, event in arrivals if rng.random() < 0.2]
    arrivals.sort(key=lambda arrival: arrival[0])
    return Stream(
        [event for _, event in arrivals], sorted(clean, key=lambda event: (event.occurred_at, event.event_id))
    )


def _attempts(rng: random.Random, event: Event) -> list[AdviceGiven]:
    """Sometimes it was asked about the client just before, and some of that was rejected."""
    at, token = event.occurred_at - timedelta(minutes=rng.random() * 90), TOKENS.client(event.client)
    return [
        AdviceGiven(event_id=f"{event.event_id}-{n}", client=token, occurred_at=at, rejected=rng.random() < 0.3)
        for n in range(rng.choice((0, 0, 1, 3)))
    ]


def _event(rng: random.Random, name: str, client: str, at: datetime) -> Event:
    chance = rng.random()
    if chance < 0.05:
        opened = at - timedelta(days=rng.randrange(900))
        return ClientSnapshot(
            event_id=name, client=client, occurred_at=at, time_zone=rng.choice(ZONES),
            country=rng.choice(("BE", "FR", None)), account_opened=rng.choice((opened, None)),
        )  # fmt: skip
    if chance < 0.1:
        balance = rng.choice((Money(rng.randrange(-10_000, 1), "EUR"), None))
        return Overdraft(
            event_id=name, client=client, occurred_at=at, overdrawn=rng.random() < 0.6, account=f"{client}-a",
            balance=balance,
        )  # fmt: skip
    if chance < 0.17:
        return Transaction(
            event_id=name, client=client, kind=rng.choice((Kind.SALARY, Kind.FEE)), occurred_at=at,
            amount=Money(rng.randrange(300_000), "EUR"), direction=Direction.CREDIT, account=f"{client}-a",
            balance_after=rng.choice((rng.randrange(-500, 9_999_999), None)),
        )  # fmt: skip
    return spending(rng, name, client, at)


def spending(rng: random.Random, name: str, client: str, at: datetime) -> Transaction:
    """A purchase, transfer or withdrawal with some of its parts absent; merchant m3 sells in dollars."""
    merchant = rng.choice(("m1", "m2", "m3", "m4", None))
    country = rng.choice(("BE", "BE", "FR", "US", None))
    position = PLACES[country] if country and rng.random() < 0.7 else (None, None)
    amount = Money(rng.choice((0, 100, rng.randrange(100_000))), "USD" if merchant == "m3" else "EUR")
    return Transaction(
        event_id=name,
        client=client,
        occurred_at=at,
        kind=rng.choice((Kind.PURCHASE, Kind.PURCHASE, Kind.TRANSFER, Kind.CASH)),
        amount=None if rng.random() < 0.1 else amount,
        direction=Direction.CREDIT if rng.random() < 0.05 else Direction.DEBIT,
        account=f"{client}-{rng.choice('aab')}",
        card=rng.choice((f"{client}-k1", f"{client}-k2", None)),
        device=rng.choice((f"{client}-d", "shared-d", None)),
        channel=rng.choice(("card_present", "atm", "ecommerce", None)),
        merchant=merchant,
        country=country,
        latitude=position[0],
        longitude=position[1],
        payee=rng.choice(("p1", "p2", "p3", None, None)),
        balance_after=rng.choice((rng.randrange(-10_000, 10**6), None)),
    )


def _aftermath(rng: random.Random, event: Transaction) -> list[Event]:
    """Sometimes a reversal, sometimes a confirmed fraud, days later."""
    events: list[Event] = []
    if rng.random() < 0.08:
        events.append(reversal(event, f"{event.event_id}-r", event.occurred_at + timedelta(hours=rng.random() * 200)))
    if rng.random() < 0.1:
        events.append(
            FraudLabel(
                event_id=f"{event.event_id}-l", client=event.client, labels=event.event_id,
                occurred_at=event.occurred_at + timedelta(days=rng.choice((1, 6, 12)) * rng.random()),
                transaction_at=event.occurred_at, device=event.device, merchant=event.merchant,
            )
        )  # fmt: skip
    return events


def question(rng: random.Random, client: str) -> dict[str, Any]:
    """What a bank may ask about `client`, with some of its parts absent."""
    event = spending(rng, "asked", client, BEGIN)
    position = {"country": event.country, "latitude": event.latitude, "longitude": event.longitude}
    context: dict[str, Any] = {
        "client_id": client,
        "channel": event.channel or "web",
        "card_id": event.card,
        "device_id": event.device,
        "merchant": {"id": event.merchant} if event.merchant else None,
        "place": {name: value for name, value in position.items() if value is not None} or None,
        "payee": {"account": event.payee} if event.payee else None,
    }
    amount = event.amount or Money(0, "EUR")
    return {
        "posting": {
            "direction": event.direction.value,
            "account_id": event.account,
            "amount": {"minor": amount.minor, "currency": amount.currency},
        },
        "context": {name: value for name, value in context.items() if value is not None},
    }


def folded(
    arrivals: Iterable[Event], collections: frozenset[str], group: int = 7
) -> tuple[dict[Key, bytes], list[EventOutcome]]:
    """The states after `arrivals`, folded in groups as a function would."""
    states: dict[Key, bytes] = {}
    remarks: list[EventOutcome] = []
    waiting = list(arrivals)
    for first in range(0, len(waiting), group):
        events = waiting[first : first + group]
        keys = {key for event in events for key in touched(event, TOKENS, collections)}
        done = fold({key: states.get(key) for key in keys}, events, TOKENS, collections)
        states |= done.states
        remarks += done.remarks
    return states, remarks


def states_of(arrived: Stream) -> dict[Key, bytes]:
    """All states: clients and devices from what arrived, merchants from each event once, as their reader ensures."""
    once = list({event.event_id: event for event in reversed(arrived.arrivals)}.values())[::-1]
    own, _ = folded(arrived.arrivals, frozenset({CLIENTS, DEVICES}))
    return own | folded(once, frozenset({MERCHANTS}))[0]
