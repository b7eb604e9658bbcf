"""From the bank's Kafka to advice, shown on one machine: what was produced, what arrived, what it changed."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console

from jobs.history.transaction import Transaction
from local import explanation
from local.bank_service import EMAIL, BankService, Unanswered
from local.demo import remain
from local.kafka.faults import FAULTS, Outcome, Trial
from local.kafka.featured import differing, expected, held
from local.kafka.producer import values
from local.kafka.rights import Tried, tried
from local.kafka.stack import KafkaStack
from local.kafka.transformation import Transformed, transform
from local.ledger import Ledger
from local.probe import probe
from local.source import Source
from local.stack import Settings
from local.store import publish
from shared.avro.framing import REGISTRY_MARK
from shared.backend import Backend
from shared.events import events
from shared.events.events import Event
from shared.topics import topics

ASKED = 3
_ARRIVED_WITHIN = 120.0  # seconds


@dataclass(frozen=True, slots=True)
class Topic:
    """What became of one topic: records in Kafka, how many framed, Pub/Sub messages, deliveries due and done."""

    name: str
    records: int
    framed: int
    messages: int
    due: int
    acknowledged: int


@dataclass(frozen=True, slots=True)
class Advised:
    """An answer, about a client of whom `known` transactions had come, and the features that it was decided on."""

    client: str
    known: int
    advice: str
    decided_by: str
    features: dict[str, Any]


@dataclass(slots=True)
class Shown:
    """Everything that came of it; `exact` says whether the features are those of a clean history. Lags in seconds."""

    ready: float = 0.0
    topics: list[Topic] = field(default_factory=list)
    exact: bool = False
    counted: int = 0
    lag: tuple[float, float] = (0.0, 0.0)
    transformed: Transformed | None = None
    rights: list[Tried] = field(default_factory=list)
    advised: list[Advised] = field(default_factory=list)
    faults: list[Outcome] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was lost or counted twice, and advice was decided on it."""
        arrived = all(one.due == one.acknowledged and one.records <= one.messages for one in self.topics)
        decided = any(one.decided_by == "risk_function" for one in self.advised)
        return arrived and self.exact and decided and all(one.holds for one in self.faults)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to show: events of `limit` transactions, the faults too, and whether to stay up afterwards."""

    limit: int
    faults: bool = False
    stay: bool = False


async def demo(settings: Settings, jars: Path, source: Source, plan: Plan, console: Console) -> Shown:
    """Run it all; raises what the stack does."""
    shown, started = Shown(), time.perf_counter()
    async with KafkaStack(settings, jars) as kafka:
        shown.ready = time.perf_counter() - started
        console.print(f"{', '.join(kafka.processes)} ready after {shown.ready:.0f} s; producing …", highlight=False)
        store = kafka.stack.backend()
        try:
            await publish(store)
            await _Story(kafka, store, source, plan, console).tell(shown)
        finally:
            await store.close()
        if plan.stay:
            await remain(kafka.stack, console)
    return shown


class _Story:
    """One run: the bank's transactions become records, then questions."""

    def __init__(self, kafka: KafkaStack, store: Backend, source: Source, plan: Plan, console: Console) -> None:
        self._kafka = kafka
        self._store = store
        self._source = source
        self._plan = plan
        self._console = console
        self._ledger = Ledger(dict(source.balances or {}))
        self._booked: list[Event] = []

    async def tell(self, shown: Shown) -> None:
        """Produce, await, compare, transform, break things, and ask."""
        self._booked = [*self._source.snapshots, *islice(self._happened(), self._plan.limit)]
        await self._produce(shown)
        moved = [one for one in self._booked if isinstance(one, events.Transaction)]
        shown.rights = await tried(self._kafka)
        # First those with a place, which is what the transformation removes.
        shown.transformed = await transform(self._kafka, sorted(moved, key=lambda one: one.latitude is None))
        if self._plan.faults:
            trial = Trial(self._kafka, self._store, self._happened(), sent=self._booked)
            for fault in FAULTS:
                self._console.print(f"fault: {fault} …", highlight=False)
                shown.faults.append(await trial.run(fault))
        shown.advised = await self._ask()

    def _happened(self) -> Iterator[Event]:
        return (event for one in self._source.transactions for event in self._ledger.book(one))

    async def _produce(self, shown: Shown) -> None:
        wanted = values(self._booked, self._kafka.schemas)
        records = await self._kafka.producer.send(wanted)
        arrivals = self._kafka.arrivals
        await arrivals.all(records, _ARRIVED_WITHIN)
        framed = Counter(one.topic for one in wanted if one.value and one.value.startswith(REGISTRY_MARK))
        for topic in sorted({one.topic for one in records}):
            own = [one for one in records if one.topic == topic]
            due = len(own) * len(topics()[topic].subscribers)
            acknowledged = due - len(arrivals.missing(own))
            shown.topics.append(Topic(topic, len(own), framed[topic], arrivals.messages(own), due, acknowledged))
        now, clean = await held(self._store), await expected(self._store, self._booked)
        shown.exact, shown.counted = not differing(now, clean), now.counted
        lags = sorted(arrivals.lags)
        shown.lag = (lags[len(lags) // 2], lags[int(len(lags) * 0.99)])

    async def _ask(self) -> list[Advised]:
        """Ask about the next transactions of those of whom most came."""
        known = Counter(one.client for one in self._booked if isinstance(one, events.Transaction))
        often = {client for client, _ in known.most_common(len(known) // 2 + 1)}
        asked = list(islice((one for one in self._source.transactions if one.client in often), ASKED))
        stack = self._kafka.stack
        bank = BankService(
            stack.url("advice"), lambda: stack.tokens.sign(EMAIL, stack.url("advice"), time.time()), concurrency=1
        )
        try:
            await probe(bank, datetime.now(UTC))
            answers = [(one, await bank.ask(one)) for one in asked]
        finally:
            await bank.close()
        lines = explanation.decisions(stack.state.logs / "risk_decision.jsonl", [one.id for one in asked])
        return [_advised(one, answer, known[one.client], lines) for one, answer in answers]


def _advised(asked: Transaction, answer: Any, known: int, lines: dict[tuple[str, int], dict[str, Any]]) -> Advised:
    if isinstance(answer, Unanswered):
        return Advised(asked.client, known, f"no answer: {answer.why}", "nobody", {})
    features = lines.get((asked.id, 1), {}).get("features", {})
    return Advised(asked.client, known, answer.answer.advice, answer.answer.decided_by, features)
