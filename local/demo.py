"""The demo: start the stack, publish what ships, replay transactions, compare the stored answers, print a summary."""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import aiohttp
from rich.console import Console

from local.replay.bank_service import EMAIL, BankService, Case
from local.replay.bookkeeping import Bookkeeping
from local.replay.fault_injection import FaultInjector
from local.replay.history import History
from local.replay.ledger import Ledger
from local.replay.mobile_app import MobileApp
from local.replay.operators import Operators
from local.replay.producer import Producer
from local.replay.question import OPERATION
from local.replay.replay import EventCounts, Plan, Replay, Run
from local.replay.source import Source
from local.report import command_outcomes_view, explanation, summary
from local.report.answer_check import check
from local.report.command_outcomes import CommandOutcomes, settled_outcomes, wait_count
from local.report.live_view import LiveView
from local.stack.bootstrap import active_rules, publish
from local.stack.probe import probe
from local.stack.process import ROOT
from local.stack.stack import Settings, Stack
from shared.composition.ports import Ports

_MAX_EXAMPLES = 6
_SETTLED_WITHIN = 120.0  # seconds for the last events
_DONE_WITHIN = 180.0  # seconds for the last commands: one that waits for scheduled work may take a minute


@dataclass(frozen=True, slots=True)
class Output:
    """Where the demo prints what it does; `as_json` prints the summary as JSON on standard output instead."""

    console: Console
    as_json: bool = False


async def demo(settings: Settings, source: Callable[[], Source], plan: Plan, output: Output, *, stay: bool) -> bool:
    """Run it all; `True` if every question was answered and every answer is on record as given."""
    replayed = source()
    console = output.console
    console.print(f"[bold]{replayed.name}[/]; starting the functions …")
    started = time.perf_counter()
    async with Stack(settings) as stack:
        console.print(
            f"{', '.join(stack.processes)} ready after {time.perf_counter() - started:.1f} s at {stack.front.base}"
        )
        documents = stack.backend()
        try:
            await publish(documents, **({"deadline_ms": plan.deadline_ms} if plan.deadline_ms else {}))
            run = await _replay(stack, documents, replayed, plan, console)
            checked = await check(documents.documents, run.answers)
            restarts = {name: process.restarts for name, process in stack.processes.items()}
            if output.as_json:
                console.file.flush()
                print(json.dumps(summary.figures(run, checked, restarts)))  # noqa: T201 - what was asked for
            else:
                summary.show(console, run, checked, restarts)
                if run.command_outcomes is not None:
                    command_outcomes_view.show(console, run.command_outcomes, plan.faults)
                await _explain(stack, documents, run, console)
        finally:
            await documents.close()
        if stay:
            await remain(stack, console)
    return summary.adds_up(run, checked)


async def remain(stack: Stack, console: Console) -> None:
    """Leave the stack up, with lines to try, until cancelled."""
    url, state = stack.url("advice"), stack.settings.state
    token = f"$({sys.executable} -m local token {EMAIL} --state {state})"
    body = (ROOT / "local/examples/transaction.json").relative_to(ROOT)
    console.print("\nThe stack stays up. Ask it (Ctrl-C stops it):\n", highlight=False)
    for line in (
        f'curl -s {url}/v1/operations/{OPERATION}/advice -H "authorization: Bearer {token}" -d @{body}',
        f'curl -s {url}/v1/operations/{OPERATION}/advice/example-1 -H "authorization: Bearer {token}"',
        f'curl -s {url}/v1/openapi.json -H "authorization: Bearer {token}"',
    ):
        console.print(f"  {line}\n", highlight=False, markup=False, soft_wrap=True)
    operator = f"SLACKER_ENVIRONMENT=local SLACKER_STATE={state} SLACKER_USER=anna {sys.executable} -m cli"
    console.print(f"Decide what is open: {operator} reviews list", highlight=False, markup=False, soft_wrap=True)
    for name, page in stack.stand_ins.items():
        console.print(f"{name:20} {page}/", highlight=False, markup=False, soft_wrap=True)
    await asyncio.Event().wait()


async def _replay(stack: Stack, store: Ports, source: Source, plan: Plan, console: Console) -> Run:
    history, producer = History(stack.state), Producer(stack)
    await history.feed(source.snapshots, datetime.now(UTC))

    def token() -> str:
        return stack.tokens.sign(EMAIL, stack.url("advice"), time.time())

    bank = BankService(stack.url("advice"), token, plan.concurrency)
    view, injector = (
        LiveView(console, plan.limit),
        FaultInjector(stack.stand_ins, partial(wait_count, stack.state.logs)),
    )
    app = MobileApp(stack.url("notification_preferences"), partial(_signed, stack, "notification_preferences"))
    replay = Replay(
        bank,
        Bookkeeping(producer, Ledger(source.balances or {}), history),
        plan,
        kill=lambda function: stack.processes[function].kill(),
        inject_fault=injector.inject,
        open_app=app.opened,
        show=lambda run: view.show(run.counters),
    )
    operators = Operators(
        stack.url("operator_api"), partial(_signed, stack, "operator_api"), replay.run.awaiting_review
    )
    try:
        await probe(bank, datetime.now(UTC))
        began = time.perf_counter()
        with console.status(f"booking {plan.history} days of history …"):
            transactions = await replay.book_history(source.transactions)
            booked = time.perf_counter()
            report = await history.restore(store)
        console.print(
            f"{replay.run.history:,} transactions of {plan.history} days archived in {booked - began:.1f} s;"
            f" features of {report.events:,} events rebuilt from the archive in {time.perf_counter() - booked:.1f} s"
        )
        operators.start()
        with view:
            run = await replay.ask(transactions)
        run.event_counts = await _sent(stack, producer)
        await injector.restore_all()
        with console.status("the operators finish their reviews, commands are done …"):
            run.command_outcomes = await _settled(stack, store, operators)
        return run
    finally:
        await operators.stop()
        await app.close()
        await bank.close()


def _signed(stack: Stack, function: str, email: str) -> str:
    return stack.tokens.sign(email, stack.url(function), time.time())


async def _settled(stack: Stack, store: Ports, operators: Operators) -> CommandOutcomes:
    """The outcomes of commands, once reviews are opened, decided and done."""
    logs = stack.state.logs
    await settled_outcomes(store.documents, logs, _SETTLED_WITHIN)
    await operators.stop()
    with suppress(aiohttp.ClientError, TimeoutError):
        await operators.look()
    return await settled_outcomes(store.documents, logs, _DONE_WITHIN)


async def _sent(stack: Stack, producer: Producer) -> EventCounts:
    """The counts of events, once all are acknowledged or after 120 s."""
    await stack.settled(_SETTLED_WITHIN)
    deliveries = stack.deliveries
    return EventCounts(
        events=deliveries.sent,
        deliveries=deliveries.due,
        acknowledged=deliveries.done,
        dead_lettered=await stack.messaging.dead_letters(),
        late=producer.late,
        lag=(deliveries.lag(0.5), deliveries.lag(0.99)),
    )


async def _explain(stack: Stack, store: Ports, run: Run, console: Console) -> None:
    cases = _examples(run)
    rule_set = await active_rules(store, OPERATION)
    lines = explanation.read_decisions(
        stack.state.logs / "risk_decision.jsonl", [case.transaction.id for case in cases]
    )
    console.print("\n[bold]A few decisions[/]")
    for case in cases:
        console.print(explanation.describe(case, lines, rule_set), markup=False, highlight=False, soft_wrap=True)
    console.print(f"\nlogs: {stack.state.logs}", highlight=False)


def _examples(run: Run) -> list[Case]:
    """Frauds that were stopped, then one that was not, then genuine ones that were disturbed."""
    ranked = sorted(run.examples.items(), key=lambda item: _rank(item[0]))
    return [case for _, case in ranked[:_MAX_EXAMPLES]]


def _rank(kind: str) -> tuple[bool, bool, str]:
    return kind.startswith("genuine"), kind.endswith("APPROVE"), kind
