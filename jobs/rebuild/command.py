"""`python -m jobs rebuild`: the features of an archive, restored into the store that the environment names."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from jobs.rebuild.progress import Workplace
from jobs.rebuild.read_only_documents import DryDocuments
from jobs.rebuild.rebuild import Rebuild
from jobs.rebuild.report import Report
from jobs.rebuild.source import Folder, Source
from shared.composition.ports import Ports, open_ports
from shared.deadline import Deadline
from shared.errors import Misconfigured, SlackerError
from shared.events.decoder import build_decoder
from shared.events.events import Event
from shared.events.receiver import decode_event
from shared.messaging.messages import Delivery

_GS = "gs://"
_WITHIN = 30.0  # seconds for the token key, or for a schema


@click.command()
@click.argument("archive")
@click.option("--state", type=click.Path(path_type=Path, file_okay=False),
              help="A local stack's directory: its store, instead of the one that the environment names.")  # fmt: skip
@click.option("--work", type=click.Path(path_type=Path, file_okay=False), default=".rebuild", show_default=True,
              help="Where the work is kept, so that a run that ended early goes on.")  # fmt: skip
@click.option("--again", is_flag=True, help="Forget what earlier runs have done, and begin with the first file.")
@click.option("--dry-run", is_flag=True, help="Read and fold everything, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="The report as one line of JSON on standard output.")
def rebuild(*, archive: str, state: Path | None, work: Path, again: bool, dry_run: bool, as_json: bool) -> None:
    """Restore the features from ARCHIVE, a folder or gs://BUCKET/PREFIX, into an empty store or beside live traffic.

    Which store is said as for functions: SLACKER_BACKEND, GOOGLE_CLOUD_PROJECT and so on, or --state. Ends with status
    0 if everything is restored, 1 if something could not be (the report says what), 2 if it has to be run again.
    """
    console = Console(stderr=True)
    environ = dict(os.environ)
    if state is not None:
        environ |= {"SLACKER_ENVIRONMENT": "local", "SLACKER_STATE": str(state)}
    try:
        with _workplace(work, again=again, dry=dry_run) as folder:
            report = asyncio.run(_run(environ, archive, Path(folder), console, dry=dry_run))
    except SlackerError as error:
        console.print(f"[bold red]error:[/] {error}", highlight=False, soft_wrap=True)
        sys.exit(2)
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(report)))
    else:
        _show(report, console, dry=dry_run)
    sys.exit(0 if report.complete else 1)


def _workplace(work: Path, *, again: bool, dry: bool) -> AbstractContextManager[Path | str]:
    if dry:
        return TemporaryDirectory(prefix="rebuild-")
    if again and Workplace(work).is_one():
        rmtree(work)
    return nullcontext(work)


async def _run(environ: Mapping[str, str], archive: str, work: Path, console: Console, *, dry: bool) -> Report:
    name, source = _source(archive)
    async with _opened(environ) as ports:
        decoder = build_decoder(ports)

        async def decode(delivered: Delivery) -> Event | None:
            # What was from the future when it was published never counted; while history is replayed nothing is.
            now = None if ports.settings.replay else delivered.published_at
            return await decode_event(decoder, delivered, Deadline.after(_WITHIN), now)

        job = Rebuild(
            name=name,
            source=source,
            documents=DryDocuments(ports.documents) if dry else ports.documents,
            tokens=await ports.tokens(Deadline.after(_WITHIN)),
            decode=decode,
            workplace=Workplace(work),
            clock=ports.clock,
        )
        columns = (TextColumn("{task.description:8}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            tasks = {what: bar.add_task(what, total=None) for what in ("sorting", "folding")}
            return await job.run(lambda what, done, total: bar.update(tasks[what], completed=done, total=total))


@asynccontextmanager
async def _opened(environ: Mapping[str, str]) -> AsyncIterator[Ports]:
    ports = open_ports(environ)
    try:
        yield ports
    finally:
        await ports.close()


def _source(archive: str) -> tuple[str, Source]:
    """The archive's canonical name (an absolute path or a gs:// URL), and its files."""
    if not archive.startswith(_GS):
        folder = Path(archive).resolve()
        return str(folder), Folder(folder)
    from jobs.rebuild.bucket import Bucket  # noqa: PLC0415 - Google's libraries take a third of a second
    from shared.gcp.account import Account  # noqa: PLC0415
    from shared.gcp.storage_objects import StorageObjects  # noqa: PLC0415

    bucket, _, prefix = archive.removeprefix(_GS).partition("/")
    if not bucket:
        raise Misconfigured("gs://BUCKET/PREFIX expected")
    return archive, Bucket(StorageObjects(bucket, Account().token), prefix)


def _show(report: Report, console: Console, *, dry: bool) -> None:
    verb = "would be folded" if dry else "folded"
    console.print(f"{report.messages:,} messages, {report.events:,} events, {report.folded:,} times {verb}")
    sections: list[tuple[str, Mapping[str, Any]]] = [
        ("messages that cannot be used", report.unusable),
        ("events that did not plainly count", report.outcomes),
        ("documents that could not be written", report.failed),
    ]
    for what, counts in sections:
        if counts:
            console.print(f"{what}: " + "; ".join(f"{name} {count:,}" for name, count in counts.items()))
    if report.torn:
        console.print(f"files that are torn: {', '.join(report.torn)}")
