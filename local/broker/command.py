"""`python -m local.broker`: the broker as a process of its own, and its status."""

import asyncio
import json
import signal
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import click
import msgspec
import requests
import uvloop
from rich.console import Console
from rich.table import Table

from local.broker.broker import Broker
from local.broker.status import Status
from local.broker.status_page import age, state
from local.broker.topology import Topology, read
from local.stack import tokens
from local.stack.archive import Archive
from shared.command_line import Group
from shared.errors import SlackerError

URL = click.option(
    "--url", envvar="SLACKER_BROKER", required=True, show_envvar=True, help="Where the broker is reached."
)
_ARCHIVED = ".archive"
_LOOKS = {"good": "green", "busy": "yellow", "bad": "red", "none": "dim"}


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The local broker: topics, and subscriptions that push, on one file."""


@main.command()
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="Topics and subscriptions, as JSON.")  # fmt: skip
@click.option("--file", type=click.Path(path_type=Path, dir_okay=False), default="broker.sqlite", show_default=True,
              help="Where the messages are.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on; 0 is a free one.")
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False),
              help="The stack's key, to sign the tokens of subscriptions with an e-mail address.")  # fmt: skip
@click.option("--archive", type=click.Path(path_type=Path, file_okay=False),
              help="Write the messages of subscriptions named *.archive into files here.")  # fmt: skip
def serve(*, config: Path, file: Path, port: int, key: Path | None, archive: Path | None) -> None:
    """Serve until SIGINT or SIGTERM; the first line says where."""
    try:
        uvloop.run(_serve(file, read(config), port, tokens.load(key) if key else None, archive))
    except (SlackerError, FileNotFoundError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)


@main.command()
@URL
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of tables.")
def status(*, url: str, as_json: bool) -> None:
    """Show topics, backlogs, the age of the oldest message, attempts and dead letters."""
    content = _get(url, "/status")
    if as_json:
        click.echo(json.dumps(content))
        return
    broker_status = msgspec.convert(content, Status)
    table = Table("subscription", "", "backlog", "oldest", "attempts", "acknowledged", "refused", "dead-lettered")
    for subscription in broker_status.subscriptions:
        word, look = state(subscription)
        oldest = age(subscription.oldest_seconds) if subscription.backlog else ""
        counts = (
            subscription.most_attempts,
            subscription.acknowledged,
            subscription.refused,
            subscription.dead_lettered,
        )
        table.add_row(
            subscription.name, f"[{_LOOKS[look]}]{word}[/]", str(subscription.backlog), oldest, *map(str, counts)
        )
    Console().print(table)
    topics = Table("topic", "published", "per second")
    for topic in broker_status.topics:
        topics.add_row(topic.name, str(topic.published), f"{topic.rate:.0f}")
    Console().print(topics)


@main.command()
@click.argument("subscription")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="The oldest so many.")
@click.option("--data", is_flag=True, help="Show the messages' bytes too, in base64; they may be about people.")
@URL
def messages(*, subscription: str, limit: int, data: bool, url: str) -> None:
    """Show what waits in SUBSCRIPTION, one line of JSON each: dead letters, with their reasons."""
    for delivery in _get(url, f"/subscriptions/{subscription}/messages?limit={limit}")["messages"]:
        size = len(b64decode(delivery["message"]["data"]))
        line = {**delivery, "message": {**delivery["message"], "bytes": size}}
        if not data:
            del line["message"]["data"]
        click.echo(json.dumps(line, ensure_ascii=False))


async def _serve(file: Path, topology: Topology, port: int, signer: tokens.Tokens | None, archive: Path | None) -> None:
    sink = Archive(archive) if archive else None
    archived = [subscription.name for subscription in topology.subscriptions if subscription.name.endswith(_ARCHIVED)]
    sinks = dict.fromkeys(archived, sink) if sink else None
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Broker(file, topology, port=port, tokens=signer, sinks=sinks) as broker:
        click.echo(broker.url)
        await stop.wait()
    if sink is not None:
        await sink.close()


def _get(url: str, path: str) -> Any:
    try:
        answer = requests.get(url.rstrip("/") + path, timeout=10)
        content = answer.json()
    except requests.RequestException as error:
        raise click.ClickException(f"no broker answers at {url}") from error
    if answer.status_code != 200:
        raise click.ClickException(content["error"]["message"])
    return content
