"""Replays transactions against a running stack: books the past, asks about the rest, books what went through."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from jobs.history.transaction import Transaction
from local.replay.bank_service import BankService, Case, ReceivedAnswer
from local.replay.batches import batches
from local.replay.bookkeeping import Bookkeeping
from local.replay.fault_injection import PlannedFault
from local.replay.rate import RateLimiter
from local.report.command_outcomes import CommandOutcomes
from local.report.counters import Counters
from shared.times import shifted, span


@dataclass(frozen=True, slots=True)
class Plan:
    """How to replay. `limit` is how many transactions are asked about (`None`: all there are), `history` how many days
    before them are only booked, `rate` how many a second (0: as fast as answers come), `kill` names a function and
    after how many transactions its instance is lost, `faults` what else is broken when. `deadline_ms` is what an
    operation has for its answer (`None`: as it ships).
    """

    limit: int | None
    history: int = 0
    rate: float = 0.0
    concurrency: int = 4
    kill: tuple[str, int] | None = None
    faults: Sequence[PlannedFault] = ()
    deadline_ms: int | None = None


@dataclass(frozen=True, slots=True)
class EventCounts:
    """Counts of the events: messages sent, the deliveries they led to (one per function that gets them), how many
    of those were acknowledged, how many of these as dead letters; `late` is how often not all was featured in time
    before the next questions. `lag` is from sent to featured in seconds, p50 and p99.
    """

    events: int
    deliveries: int
    acknowledged: int
    dead_lettered: int
    late: int
    lag: tuple[float, float]

    @property
    def featured(self) -> int:
        """The deliveries whose event is in the features, or was there before."""
        return self.acknowledged - self.dead_lettered

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return self.deliveries == self.featured + self.dead_lettered


@dataclass(slots=True)
class Run:
    """What a replay led to. `answers` holds every answer, `examples` the first case of each kind, `history` counts the
    transactions booked without asking, `seconds` is how long asking took.

    `awaiting_review` says of each operation that awaits a person's decision, by its id, whether it is genuine.
    """

    counters: Counters = field(default_factory=Counters)
    answers: list[ReceivedAnswer] = field(default_factory=list)
    examples: dict[str, Case] = field(default_factory=dict)
    awaiting_review: dict[str, bool] = field(default_factory=dict)
    history: int = 0
    seconds: float = 0.0
    event_counts: EventCounts | None = None
    command_outcomes: CommandOutcomes | None = None


@dataclass(slots=True)
class Replay:
    """One replay. `kill` kills an instance of a function, `inject_fault` breaks a stand-in for a while. `open_app` is
    called with a client whose transaction is not simply approved, `show` with the run as it goes on.
    """

    bank: BankService
    bookkeeping: Bookkeeping
    plan: Plan
    kill: Callable[[str], Awaitable[None]]
    inject_fault: Callable[[PlannedFault], None]
    open_app: Callable[[str], Awaitable[None]]
    show: Callable[[Run], None]
    run: Run = field(default_factory=Run)

    async def book_history(self, transactions: Iterator[Transaction]) -> Iterator[Transaction]:
        """Book the first days of the plan's history without asking, and give back the rest."""
        first = next(transactions, None)
        if first is None:
            return iter(())
        begin = shifted(first.at, span(self.plan.history * 86_400))
        later: list[Transaction] = []
        past = _until(lambda transaction: transaction.at >= begin, chain((first,), transactions), later)
        await self.bookkeeping.book_history(past, begin)
        self.run.history = self.bookkeeping.booked
        return chain(later, transactions)

    async def ask(self, transactions: Iterable[Transaction]) -> Run:
        """Ask about the next `limit` transactions."""
        started = time.perf_counter()
        limiter = RateLimiter(self.plan.rate)
        through: list[Transaction] = []
        for batch in batches(islice(transactions, self.plan.limit)):
            await self.bookkeeping.book(through, batch[0].at)
            cases = await asyncio.gather(*(self._settle(transaction, limiter) for transaction in batch))
            through = [case.transaction for case in cases if case.went_through]
            self.run.seconds = time.perf_counter() - started
        if through:
            await self.bookkeeping.book(through, through[-1].at)
        return self.run

    async def _settle(self, transaction: Transaction, limiter: RateLimiter) -> Case:
        await limiter.turn()
        case = await self.bank.settle(transaction)
        self.run.counters.add(case)
        number = self.run.counters.transactions  # read now: others go on while this client opens the app
        self.run.answers.extend(case.answers)
        if case.answers:
            self.run.examples.setdefault(_kind(case), case)
            if case.answers[0].answer.advice != "APPROVE":
                await self.open_app(transaction.client)
            if case.answers[-1].answer.advice == "MANUAL_APPROVAL_NEEDED":
                self.run.awaiting_review[transaction.id] = not transaction.fraud
        self.show(self.run)
        if self.plan.kill is not None and number == self.plan.kill[1]:
            await self.kill(self.plan.kill[0])
        for fault in self.plan.faults:
            if fault.after == number:
                self.inject_fault(fault)
        return case


def _until(
    ends: Callable[[Transaction], bool], transactions: Iterable[Transaction], later: list[Transaction]
) -> Iterator[Transaction]:
    """Transactions until one `ends`, which goes to `later`."""
    for transaction in transactions:
        if ends(transaction):
            later.append(transaction)
            return
        yield transaction


def _kind(case: Case) -> str:
    truth = case.transaction.scenario or "genuine"
    return f"{truth}: {case.answers[0].answer.advice}"
