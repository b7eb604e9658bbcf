"""Replays transactions against a running stack: books the past, asks about the rest, books what went through."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, islice

from jobs.history.transaction import Transaction
from local.aftermath import Aftermath
from local.bank_service import BankService, Case, ReceivedAnswer
from local.books import Books
from local.breaking import Break
from local.chunks import chunks
from local.pace import Pace
from local.tally import Tally


@dataclass(frozen=True, slots=True)
class Plan:
    """How to replay. `limit` is how many transactions are asked about (`None`: all there are), `history` how many days
    before them are only booked, `rate` how many a second (0: as fast as answers come), `kill` names a function and
    after how many transactions its instance is lost, `breaks` what else is broken when. `deadline_ms` is what an
    operation has for its answer (`None`: as it ships).
    """

    limit: int | None
    history: int = 0
    rate: float = 0.0
    concurrency: int = 4
    kill: tuple[str, int] | None = None
    breaks: Sequence[Break] = ()
    deadline_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the events: messages sent, the deliveries they led to (one per function that gets them), how many
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

    tally: Tally = field(default_factory=Tally)
    answers: list[ReceivedAnswer] = field(default_factory=list)
    examples: dict[str, Case] = field(default_factory=dict)
    awaiting_review: dict[str, bool] = field(default_factory=dict)
    history: int = 0
    seconds: float = 0.0
    events: Sent | None = None
    aftermath: Aftermath | None = None


@dataclass(slots=True)
class Replay:
    """One replay. `lose` loses a function's instance, `break_` a bank's service for a while; `held_up` is called with a
    client whose transaction is not simply approved, `show` with the run as it goes on.
    """

    bank: BankService
    books: Books
    plan: Plan
    lose: Callable[[str], Awaitable[None]]
    break_: Callable[[Break], None]
    held_up: Callable[[str], Awaitable[None]]
    show: Callable[[Run], None]
    run: Run = field(default_factory=Run)

    async def keep_history(self, transactions: Iterator[Transaction]) -> Iterator[Transaction]:
        """Book the first days of the plan's history without asking, and give back the rest."""
        first = next(transactions, None)
        if first is None:
            return iter(())
        begin = first.at + timedelta(days=self.plan.history)
        later: list[Transaction] = []
        past = _until(lambda transaction: transaction.at >= begin, chain((first,), transactions), later)
        await self.books.keep_history(past, begin)
        self.run.history = self.books.booked
        return chain(later, transactions)

    async def ask(self, transactions: Iterable[Transaction]) -> Run:
        """Ask about the next `limit` transactions."""
        started = time.perf_counter()
        pace = Pace(self.plan.rate)
        through: list[Transaction] = []
        for chunk in chunks(islice(transactions, self.plan.limit)):
            await self.books.book(through, chunk[0].at)
            cases = await asyncio.gather(*(self._settle(transaction, pace) for transaction in chunk))
            through = [case.transaction for case in cases if case.went_through]
            self.run.seconds = time.perf_counter() - started
        if through:
            await self.books.book(through, through[-1].at)
        return self.run

    async def _settle(self, transaction: Transaction, pace: Pace) -> Case:
        await pace.turn()
        case = await self.bank.settle(transaction)
        self.run.tally.add(case)
        number = self.run.tally.transactions  # by now: others go on while this one's client is told
        self.run.answers.extend(case.answers)
        if case.answers:
            self.run.examples.setdefault(_kind(case), case)
            if case.answers[0].answer.advice != "APPROVE":
                await self.held_up(transaction.client)
            if case.answers[-1].answer.advice == "MANUAL_APPROVAL_NEEDED":
                self.run.awaiting_review[transaction.id] = not transaction.fraud
        self.show(self.run)
        if self.plan.kill is not None and number == self.plan.kill[1]:
            await self.lose(self.plan.kill[0])
        for break_point in self.plan.breaks:
            if break_point.after == number:
                self.break_(break_point)
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
