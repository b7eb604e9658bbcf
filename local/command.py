"""`python -m local`: the demo, the stack alone, tokens for it, and the made-up bank as a file."""

import asyncio
import json
import re
import signal
import sys
import time
from collections.abc import Coroutine
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import click
import uvloop
from rich.console import Console

from local.demo import Output, demo, remain
from local.replay.bank_service import EMAIL
from local.replay.export import EXPORTERS
from local.replay.fault_injection import PlannedFault
from local.replay.replay import Plan
from local.replay.source import Source, from_file, made_up
from local.stack import tokens
from local.stack.bootstrap import publish
from local.stack.stack import FUNCTIONS, Settings, Stack
from local.stack.stand_ins import STAND_INS
from local.stack.state_directory import StateDirectory
from local.stand_ins.faults import PRESETS
from shared.command_line import Finite, Group
from shared.embedded import stack_file
from shared.errors import SlackerError

T = TypeVar("T")

STATE = click.option(
    "--state", type=click.Path(path_type=Path, file_okay=False), default=".slacker", show_default=True,
    help="Directory of the store, the secrets and the logs.",
)  # fmt: skip
PORT = click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the front; 0 is a free one.")
SEED = click.option("--seed", type=int, default=1, show_default=True, help="Another seed makes another bank.")
CLIENTS = click.option(
    "--clients", type=click.IntRange(10), default=2000, show_default=True, help="Clients of the bank."
)
SAMPLE = 5000
_COUNT = re.compile("[1-9][0-9]{0,8}")


class FunctionAt(click.ParamType[tuple[str, int]]):
    """`FUNCTION@N`."""

    name = "function@n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """The function and the number."""
        function, _, number = str(value).partition("@")
        if function not in FUNCTIONS or not _COUNT.fullmatch(number):
            self.fail(
                f"FUNCTION@N with one of {', '.join(FUNCTIONS)} and a number expected, like advice@500", param, ctx
            )
        return function, int(number)


class StandInAt(click.ParamType[PlannedFault]):
    """`NAME[:HOW]@N`."""

    name = "name[:how]@n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> PlannedFault:
        """What is broken, how, and when."""
        broken, _, number = str(value).partition("@")
        name, _, how = broken.partition(":")
        if name not in STAND_INS or how not in {"", *PRESETS} or not _COUNT.fullmatch(number):
            expected = f"NAME[:HOW]@N expected, with one of {', '.join(STAND_INS)}, one of {', '.join(PRESETS)}"
            self.fail(f"{expected}, and a number, like jira@500", param, ctx)
        return PlannedFault(name, int(number), how) if how else PlannedFault(name, int(number))


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Slacker on this machine: every function in its own process, on files, behind a front that checks tokens."""


@main.command(name="demo")
@click.option(
    "--data", type=click.Path(path_type=Path), help="The Handbook's CSV, or a folder of them; else a made-up bank."
)
@click.option("--limit", type=click.IntRange(0), default=SAMPLE, show_default=True,
              help="Transactions to ask about; 0 is all of the data.")  # fmt: skip
@click.option("--history", type=click.IntRange(0), default=None,
              help="Days booked first without asking [default: 14, with --data 7, with --limit 0 none].")  # fmt: skip
@SEED
@CLIENTS
@click.option("--rate", type=Finite(0), default=0.0, help="Transactions a second at most; 0 is as fast as it goes.")
@click.option(
    "--concurrency", type=click.IntRange(1, 256), default=4, show_default=True, help="Questions open at once."
)
@click.option("--deadline-ms", type=click.IntRange(100, 30_000), default=None,
              help="Milliseconds that operations have for an answer [default: as they ship].")  # fmt: skip
@click.option("--kill", type=FunctionAt(), help="Kill a function (-9) after N transactions, e.g. risk_decision@2000.")
@click.option("--break", "breaks", type=StandInAt(), multiple=True,
              help="Break a bank's service for a while after N transactions: jira@500, fcm:silent@800.")  # fmt: skip
@click.option("--emulators", is_flag=True, help="On Google's emulators of Firestore and Pub/Sub (gcloud has them).")
@click.option("--stay", is_flag=True, help="Leave the stack up afterwards, with curl lines to try.")
@click.option(
    "--fresh/--keep", default=True, show_default=True, help="Begin with an empty store, or go on with what is there."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one line of JSON on standard output.")
@PORT
@STATE
def demo_command(**options: Any) -> None:
    """Replay a bank's transactions: ask about each, do as advised, check that every answer is on record.

    Ends with status 1 if anything is missing.
    """
    console = Console(stderr=options["as_json"])
    data, limit = options["data"], options["limit"]
    if data is None and not limit:
        raise click.UsageError("--limit 0 needs --data: the made-up bank never ends")
    history = options["history"]
    if history is None:
        history = 0 if not limit else 14 if data is None else 7
    plan = Plan(
        limit or None, history, options["rate"], options["concurrency"], options["kill"], options["breaks"],
        options["deadline_ms"],
    )  # fmt: skip
    settings = Settings(
        state=options["state"],
        fresh=options["fresh"],
        replay=True,
        port=options["port"],
        emulators=options["emulators"],
    )

    def source() -> Source:
        return made_up(options["seed"], options["clients"]) if data is None else from_file(data, plan.limit, history)

    output = Output(console, options["as_json"])
    complete = _run(demo(settings, source, plan, output, stay=options["stay"]), console)
    sys.exit(0 if complete else 1)


@main.command(name="kafka")
@click.option(
    "--data", type=click.Path(path_type=Path), help="The Handbook's CSV, or a folder of them; else a made-up bank."
)
@click.option("--limit", type=click.IntRange(10), default=500, show_default=True, help="Events to produce.")
@click.option("--clients", type=click.IntRange(10), default=200, show_default=True, help="Clients of the bank.")
@SEED
@click.option("--faults", is_flag=True, help="Break things on purpose too, and count what came of every record.")
@click.option("--stay", is_flag=True, help="Leave everything up afterwards, with curl lines to try.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one line of JSON on standard output.")
@STATE
def kafka_command(**options: Any) -> None:
    """From a real Kafka, by Kafka Connect and Google's sink, to the features that advice uses.

    Starts an Apache Kafka broker, Kafka Connect, a schema registry, Google's emulators and the functions; produces
    Avro records, plain and framed for the registry; shows what arrived. What it needs is in docs/kafka-connect.md.
    Ends with status 1 if anything is lost or counted twice.
    """
    from local.kafka import demo as kafka  # noqa: PLC0415 - its client is wanted here only
    from local.kafka import prerequisites, summary  # noqa: PLC0415

    console = Console(stderr=options["as_json"])
    missing = prerequisites.missing()
    if missing:
        raise click.ClickException("; ".join(missing))
    data = options["data"]
    plan = kafka.Plan(options["limit"], options["faults"], options["stay"])
    settings = Settings(state=options["state"], fresh=True)

    async def run() -> kafka.DemoResult:
        source = made_up(options["seed"], options["clients"]) if data is None else from_file(data, None)
        return await kafka.demo(settings, prerequisites.fetched(console), source, plan, console)

    result = _run(run(), console)
    if options["as_json"]:
        click.echo(json.dumps(summary.figures(result)))
    else:
        summary.show(console, result)
    sys.exit(0 if result.holds else 1)


@main.command()
@click.option("--fresh", is_flag=True, help="Begin with an empty store.")
@click.option("--replay", is_flag=True, help="Take the time a question says it happened at as it is.")
@PORT
@STATE
def up(*, fresh: bool, replay: bool, port: int, state: Path) -> None:
    """Start the stack and leave it up, with curl lines to try."""
    console = Console()

    async def run() -> None:
        async with Stack(Settings(state=state, fresh=fresh, replay=replay, port=port)) as stack:
            store = stack.backend()
            try:
                await publish(store)
            finally:
                await store.close()
            await remain(stack, console)

    _run(run(), console)


@main.command()
@click.argument("email", default=EMAIL)
@click.option("--audience", default="advice", show_default=True, help="A function's name, or a URL.")
@STATE
def token(email: str, audience: str, state: Path) -> None:
    """Print a token that says EMAIL, for the stack that runs on this state directory."""
    try:
        urls = stack_file.announced(state)["functions"]
        signer = tokens.load(StateDirectory(state).key)
    except (SlackerError, FileNotFoundError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(signer.sign(email, urls.get(audience, audience), time.time()))


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="-")
@click.option("--limit", type=click.IntRange(1), default=10_000, show_default=True, help="Transactions to write.")
@click.option("--format", "form", type=click.Choice([*EXPORTERS]), default="jsonl", show_default=True,
              help="Everything as JSON lines, or the Handbook's columns as CSV.")  # fmt: skip
@SEED
@CLIENTS
def generate(*, file: Path, limit: int, form: str, seed: int, clients: int) -> None:
    """Write the made-up bank's transactions to FILE (or standard output)."""
    lines = EXPORTERS[form]
    with click.open_file(str(file), "w", encoding="utf-8") as out:
        for line in lines(islice(made_up(seed, clients).transactions, limit)):
            out.write(line)


def _run(job: Coroutine[Any, Any, T], console: Console) -> T:
    """Run to the end, or until Ctrl-C or SIGTERM, when all that was started is stopped; errors are one clear line."""

    async def stoppable() -> T:
        task = asyncio.ensure_future(job)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        return await task

    try:
        return uvloop.run(stoppable())
    except asyncio.CancelledError:
        console.print("stopped")
        sys.exit(130)
    except SlackerError as error:
        console.print(f"[bold red]error:[/] {error}", highlight=False, soft_wrap=True)
        sys.exit(2)
