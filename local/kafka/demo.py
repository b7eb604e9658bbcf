"""The Kafka demo: from the bank's Kafka to advice on one machine, with counts of what was produced and arrived."""

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
from local.demo import remain
from local.kafka.acl_check import AccessAttempt, try_access
from local.kafka.faults import FAULTS, FaultOutcome, FaultTrial
from local.kafka.feature_check import differing, expected_features, stored_features
from local.kafka.producer import values
from local.kafka.stack import KafkaStack
from local.kafka.transformation import Transformed, transform
from local.replay.bank_service import EMAIL, BankService, Unanswered
from local.replay.ledger import Ledger
from local.replay.source import Source
from local.report import explanation
from local.stack.bootstrap import publish
from local.stack.probe import probe
from local.stack.stack import Settings
from shared.composition.ports import Ports
from shared.events import events
from shared.events.avro.framing import REGISTRY_MARK
from shared.events.events import Event
from shared.messaging.topics import topics

QUESTIONS = 3
_ARRIVED_WITHIN = 120.0  # seconds


@dataclass(frozen=True, slots=True)
class TopicCounts:
    """Counts of one topic: records in Kafka, how many of them framed, Pub/Sub messages, deliveries due and done."""

    name: str
    records: int
    framed: int
    messages: int
    due: int
    acknowledged: int


@dataclass(frozen=True, slots=True)
class AdviceReceived:
    """An answer about a client, how many of their transactions had come before, and the features it was decided on."""

    client: str
    transactions_before: int
    advice: str
    decided_by: str
    features: dict[str, Any]


@dataclass(slots=True)
class DemoResult:
    """The result of a run. `ready` is how many seconds the start took, `exact` whether the features are those of a
    clean history, `counted` the money movements in them, `lag` from Kafka to acknowledgement in seconds, p50 and p99.
    """

    ready: float = 0.0
    topics: list[TopicCounts] = field(default_factory=list)
    exact: bool = False
    counted: int = 0
    lag: tuple[float, float] = (0.0, 0.0)
    transformed: Transformed | None = None
    rights: list[AccessAttempt] = field(default_factory=list)
    advised: list[AdviceReceived] = field(default_factory=list)
    faults: list[FaultOutcome] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was lost or counted twice, and advice was decided on it."""
        arrived = all(topic.due == topic.acknowledged and topic.records <= topic.messages for topic in self.topics)
        decided = any(answer.decided_by == "risk_function" for answer in self.advised)
        return arrived and self.exact and decided and all(outcome.holds for outcome in self.faults)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to show: events of `limit` transactions, the faults too, and whether to stay up afterwards."""

    limit: int
    faults: bool = False
    stay: bool = False


async def demo(settings: Settings, jars: Path, source: Source, plan: Plan, console: Console) -> DemoResult:
    """Run all of it; raises what the stack does."""
    result, started = DemoResult(), time.perf_counter()
    async with KafkaStack(settings, jars) as kafka:
        result.ready = time.perf_counter() - started
        console.print(f"{', '.join(kafka.processes)} ready after {result.ready:.0f} s; producing …", highlight=False)
        store = kafka.stack.backend()
        try:
            await publish(store)
            await _Run(kafka, store, source, plan, console).run(result)
        finally:
            await store.close()
        if plan.stay:
            await remain(kafka.stack, console)
    return result


class _Run:
    """One run: the bank's first transactions become records, the next ones questions."""

    def __init__(self, kafka: KafkaStack, store: Ports, source: Source, plan: Plan, console: Console) -> None:
        self._kafka = kafka
        self._store = store
        self._source = source
        self._plan = plan
        self._console = console
        self._ledger = Ledger(dict(source.balances or {}))
        self._booked: list[Event] = []

    async def run(self, result: DemoResult) -> None:
        """Produce, await, compare, check access, transform, inject faults, and ask."""
        self._booked = [*self._source.snapshots, *islice(self._happened(), self._plan.limit)]
        await self._produce(result)
        moved = [event for event in self._booked if isinstance(event, events.Transaction)]
        result.rights = await try_access(self._kafka)
        # First those with coordinates, which the transformation removes.
        result.transformed = await transform(self._kafka, sorted(moved, key=lambda event: event.latitude is None))
        if self._plan.faults:
            trial = FaultTrial(self._kafka, self._store, self._happened(), sent=self._booked)
            for fault in FAULTS:
                self._console.print(f"fault: {fault} …", highlight=False)
                result.faults.append(await trial.run(fault))
        result.advised = await self._ask()

    def _happened(self) -> Iterator[Event]:
        return (event for transaction in self._source.transactions for event in self._ledger.book(transaction))

    async def _produce(self, result: DemoResult) -> None:
        produced = values(self._booked, self._kafka.schemas)
        records = await self._kafka.producer.send(produced)
        arrivals = self._kafka.arrivals
        await arrivals.all(records, _ARRIVED_WITHIN)
        framed = Counter(value.topic for value in produced if value.value and value.value.startswith(REGISTRY_MARK))
        for topic in sorted({record.topic for record in records}):
            own = [record for record in records if record.topic == topic]
            due = len(own) * len(topics()[topic].subscribers)
            acknowledged = due - len(arrivals.missing(own))
            result.topics.append(TopicCounts(topic, len(own), framed[topic], arrivals.messages(own), due, acknowledged))
        now, clean = await stored_features(self._store), await expected_features(self._store, self._booked)
        result.exact, result.counted = not differing(now, clean), now.counted
        lags = sorted(arrivals.lags)
        result.lag = (lags[len(lags) // 2], lags[int(len(lags) * 0.99)])

    async def _ask(self) -> list[AdviceReceived]:
        """Ask about the next transactions of the clients with the most transactions so far."""
        booked = Counter(event.client for event in self._booked if isinstance(event, events.Transaction))
        often = {client for client, _ in booked.most_common(len(booked) // 2 + 1)}
        questions = list(
            islice((transaction for transaction in self._source.transactions if transaction.client in often), QUESTIONS)
        )
        stack = self._kafka.stack
        bank = BankService(
            stack.url("advice"), lambda: stack.tokens.sign(EMAIL, stack.url("advice"), time.time()), concurrency=1
        )
        try:
            await probe(bank, datetime.now(UTC))
            answers = [(transaction, await bank.ask(transaction)) for transaction in questions]
        finally:
            await bank.close()
        lines = explanation.read_decisions(
            stack.state.logs / "risk_decision.jsonl", [transaction.id for transaction in questions]
        )
        return [_advised(transaction, answer, booked[transaction.client], lines) for transaction, answer in answers]


def _advised(
    transaction: Transaction, answer: Any, booked: int, lines: dict[tuple[str, int], dict[str, Any]]
) -> AdviceReceived:
    if isinstance(answer, Unanswered):
        return AdviceReceived(transaction.client, booked, f"no answer: {answer.reason}", "nobody", {})
    features = lines.get((transaction.id, 1), {}).get("features", {})
    return AdviceReceived(transaction.client, booked, answer.answer.advice, answer.answer.decided_by, features)
