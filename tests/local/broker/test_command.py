"""The broker's commands, as an operator types them."""

import asyncio
import json
from pathlib import Path

from click.testing import CliRunner, Result

from local.broker.command import main
from shared.messaging.messages import Message
from tests.support.broker_process import running
from tests.support.builders.broker import HELD, NAME, TOPIC, broker, topology
from tests.support.emulators import free_port
from tests.support.eventually import PATIENCE


async def typed(*arguments: str) -> Result:
    """What a command says; in a thread, since it waits for the broker that this loop serves."""
    return await asyncio.to_thread(CliRunner(env={"COLUMNS": "200"}).invoke, main, arguments)


async def test_the_status_names_everything_with_its_counts(tmp_path: Path) -> None:
    async with broker(tmp_path) as started:
        await started.publish(TOPIC, [Message(b"1")] * 1234)
        result = await typed("status", "--url", started.url)
    assert result.exit_code == 0
    assert all(text in result.output for text in (TOPIC, NAME, HELD, "1234", "holds"))


async def test_the_status_is_told_to_programs_as_json(tmp_path: Path) -> None:
    async with broker(tmp_path) as started:
        await started.publish(TOPIC, [Message(b"1")])
        result = await typed("status", "--json", "--url", started.url)
    assert [subscription["backlog"] for subscription in json.loads(result.output)["subscriptions"]] == [1, 0]


async def test_messages_are_shown_with_their_attributes_and_without_their_data_unless_asked(tmp_path: Path) -> None:
    async with broker(tmp_path) as started:
        await started.publish(TOPIC, [Message(b"somebody", {"slacker-reason": "ö"}), Message(b"2")])
        result = await typed("messages", NAME, "--limit", "1", "--url", started.url)
        whole = await typed("messages", NAME, "--data", "--url", started.url)
    (line,) = map(json.loads, result.output.splitlines())
    assert line["message"] == {"attributes": {"slacker-reason": "ö"}, "ordering_key": "", "bytes": 8}
    assert [json.loads(text)["message"]["data"] for text in whole.output.splitlines()] == ["c29tZWJvZHk=", "Mg=="]


async def test_what_cannot_be_shown_is_one_clear_line(tmp_path: Path) -> None:
    async with broker(tmp_path) as started:
        unknown = await typed("messages", "unknown", "--url", started.url)
        url = started.url
    away = await typed("status", "--url", url)
    assert (unknown.exit_code, unknown.output) == (1, "Error: there is no subscription unknown\n")
    assert (away.exit_code, away.output) == (1, f"Error: no broker answers at {url}\n")


async def test_a_configuration_that_cannot_work_ends_with_status_2(tmp_path: Path) -> None:
    config = tmp_path / "broker.json"
    config.write_text('{"project": "bank", "topics": ["ab"]}')
    result = await typed("serve", "--config", str(config), "--file", str(tmp_path / "broker.sqlite"))
    assert (result.exit_code, result.output.startswith("error: the broker cannot work so")) == (2, True)


async def test_the_process_ends_by_sigterm_with_status_0(tmp_path: Path) -> None:
    async with running(tmp_path, topology(), free_port()) as process:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
