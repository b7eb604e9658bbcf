"""What happens at a bank in a campaign, and how badly it arrives: late, twice, reversed, and some of it broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from shared.events.avro.events import encode, topic_of
from shared.events.events import Event, FraudLabel, Transaction, order, reversal
from shared.events.receiver import KEY
from shared.messaging.messages import Message
from shared.money import Money
from tests.support.event_streams import BEGIN, dice, spending

PER_CLIENT = 60
DAYS = 20
BROKEN = b"no record of any schema"

DUPLICATE, LATE, REVERSED, LABELLED, SPOILT = 0.05, 0.10, 0.01, 0.01, 0.002
HOT = 0.1
"""Part of the spendings at one merchant."""


@dataclass(frozen=True)
class Happenings:
    """`clean` is what happened, in order, each once; `arrivals` are the messages, by topic, in their order."""

    clean: list[Event]
    arrivals: list[tuple[str, Message]]
    clients: int
    broken: int

    @property
    def newest(self) -> datetime:
        return self.clean[-1].occurred_at


def happenings(seed: int, events: int) -> Happenings:
    """`events` spendings of so many clients that each has some sixty, and what follows from them."""
    rng, clients = dice(seed), max(4, events // PER_CLIENT)
    clean: list[Event] = []
    for number in range(events):
        at = BEGIN + timedelta(seconds=round(rng.random() * DAYS * 86_400, 3))
        client = rng.randrange(clients)
        spent = spending(rng, f"e{number}", f"c{client}", at)
        device = f"shared-{client // 4}" if spent.device == "shared-d" else spent.device
        merchant = "m1" if rng.random() < HOT else f"m{rng.randrange(max(4, events // 40))}"
        amount = Money(spent.amount.minor, "EUR") if spent.amount else None  # a merchant's currency is the first folded
        spent = replace(spent, amount=amount, device=device, merchant=merchant if spent.merchant else None)
        clean.append(spent)
        if rng.random() < REVERSED:
            clean.append(reversal(spent, f"{spent.event_id}-r", at + timedelta(hours=rng.random() * 40)))
        if rng.random() < LABELLED:
            clean.append(_label(spent, at + timedelta(days=rng.random() * 6)))
    clean.sort(key=order)
    arrivals = _arrivals(clean, seed)
    broken = round(len(clean) * SPOILT) + 1
    for _ in range(broken):
        arrivals.insert(rng.randrange(len(arrivals)), ("transactions", Message(BROKEN)))
    return Happenings(clean, arrivals, clients, broken)


def _label(spent: Transaction, at: datetime) -> FraudLabel:
    return FraudLabel(
        event_id=f"{spent.event_id}-l", client=spent.client, labels=spent.event_id, occurred_at=at,
        transaction_at=spent.occurred_at, device=spent.device, merchant=spent.merchant,
    )  # fmt: skip


def _arrivals(clean: Sequence[Event], seed: int) -> list[tuple[str, Message]]:
    """A tenth up to 48 hours late, a twentieth a second time up to 60 hours after the first."""
    rng = dice(seed + 1)
    arrivals: list[tuple[datetime, Event]] = []
    for event in clean:
        at = event.occurred_at + (timedelta(hours=48 * rng.random()) if rng.random() < LATE else timedelta())
        arrivals.append((at, event))
        if rng.random() < DUPLICATE:
            arrivals.append((at + timedelta(hours=60 * rng.random()), event))
    arrivals.sort(key=lambda arrival: arrival[0])
    return [(topic_of(event), Message(encode(event), {KEY: event.client})) for _, event in arrivals]
