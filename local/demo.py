"""The main job on one machine: start the stack, publish what ships, replay, check the record, tell what came of it."""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console

from local import explanation, summary
from local.bank_service import EMAIL, BankService, Case
from local.books import Books
from local.feeder import Feeder
from local.ledger import Ledger
from local.process import ROOT
from local.question import OPERATION
from local.record_check import Checked, check
from local.replay import Plan, Replay, Run
from local.source import Source
from local.stack import Settings, Stack
from local.view import View
from shared.backend import Backend, backend
from shared.catalogue import yaml_files
from shared.catalogue.bootstrap import publish_bundled
from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import OPERATIONS, RULE_SETS
from shared.deadline import Deadline
from shared.features.schema import features
from shared.rules.rule_set import parse_rule_set

_TOLD = 6
_WITHIN = 30.0
_BUNDLED = ((OPERATIONS, ROOT / "functions/advice/operations"), (RULE_SETS, ROOT / "functions/risk_decision/rule_sets"))


@dataclass(frozen=True, slots=True)
class Output:
    """Where the demo tells what it does; `as_json` prints the summary as JSON on standard output instead."""

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
        documents = opened(stack)
        try:
            await publish(documents)
            run = await _replay(stack, documents, replayed, plan, console)
            checked = await check(documents.documents, run.given)
            restarts = {name: process.restarts for name, process in stack.processes.items()}
            if output.as_json:
                console.file.flush()
                print(json.dumps(summary.figures(run, checked, restarts)))  # noqa: T201 - what was asked for
            else:
                await _tell(stack, documents, run, checked, console)
        finally:
            await documents.close()
        if stay:
            await remain(stack, console)
    return summary.adds_up(run, checked)


def opened(stack: Stack) -> Backend:
    """The stack's own store and secrets, as its functions see them."""
    return backend({"SLACKER_ENVIRONMENT": "local", "SLACKER_STATE": str(stack.state.directory)})


async def publish(store: Backend) -> None:
    """Publish the operations and rule sets that ship, where none are published."""
    for collection, folder in _BUNDLED:
        contents = {name: load() for name, load in yaml_files.bundled(folder).items()}
        catalogue = Catalogue(store.documents, collection)
        await publish_bundled(catalogue, contents, now=datetime.now(UTC), deadline=Deadline.after(_WITHIN))


async def remain(stack: Stack, console: Console) -> None:
    """Leave the stack up, with lines to try, until told to stop."""
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
    await asyncio.Event().wait()


async def _replay(stack: Stack, store: Backend, source: Source, plan: Plan, console: Console) -> Run:
    feeder = Feeder(store.documents, await store.tokens(Deadline.after(_WITHIN)))
    await feeder.feed(source.snapshots)

    def token() -> str:
        return stack.tokens.sign(EMAIL, stack.url("advice"), time.time())

    bank = BankService(stack.url("advice"), token, plan.concurrency)
    view = View(console, plan.limit)
    replay = Replay(
        bank,
        Books(feeder, Ledger(source.balances or {})),
        plan,
        lose=lambda function: stack.processes[function].kill(),
        show=lambda run: view.show(run.tally),
    )
    try:
        began = time.perf_counter()
        with console.status(f"booking {plan.history} days of history …"):
            transactions = await replay.keep_history(source.transactions)
        took = time.perf_counter() - began
        console.print(f"{replay.run.history:,} transactions of {plan.history} days booked as history in {took:.1f} s")
        with view:
            return await replay.ask(transactions)
    finally:
        await bank.close()


async def _tell(stack: Stack, store: Backend, run: Run, checked: Checked, console: Console) -> None:
    restarts = {name: process.restarts for name, process in stack.processes.items()}
    summary.show(console, run, checked, restarts)
    cases = _worth_telling(run)
    active = await Catalogue(store.documents, RULE_SETS).active(OPERATION, Deadline.after(_WITHIN))
    if cases and active is not None:
        published = await Catalogue(store.documents, RULE_SETS).version(
            OPERATION, active.active, Deadline.after(_WITHIN)
        )
        rule_set = parse_rule_set(published.content, features())
        lines = explanation.decisions(stack.state.logs / "risk_decision.jsonl", [case.transaction.id for case in cases])
        console.print("\n[bold]A few decisions[/]")
        for case in cases:
            console.print(explanation.told(case, lines, rule_set), markup=False, highlight=False)
    console.print(f"\nlogs: {stack.state.logs}", highlight=False)


def _worth_telling(run: Run) -> list[Case]:
    """Frauds that were stopped, then one that was not, then genuine ones that were disturbed."""
    ranked = sorted(run.told.items(), key=lambda item: _rank(item[0]))
    return [case for _, case in ranked[:_TOLD]]


def _rank(kind: str) -> tuple[bool, bool, str]:
    return kind.startswith("genuine"), kind.endswith("APPROVE"), kind
