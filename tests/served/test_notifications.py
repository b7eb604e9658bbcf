"""Notifications, really served: a client registers a phone, a command is published, the phone shows it; a service that
is down delays it, a text message of unknown end stays alone, and support sees all of it.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from click.testing import CliRunner

from cli.main import slacker
from cli.session import Session
from local.stack.stack import Settings, Stack
from local.stand_ins.contacts import mobile
from shared.commands.command import Command
from shared.ids import OperationRef
from shared.messaging.messages import Message

pytestmark = pytest.mark.asyncio(loop_scope="module")

GATEWAY = "app-gateway@slacker.local"
FUNCTIONS = ("command_dispatch", "push_notification", "notification_preferences", "operator_api", "scheduled_work")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
EXAMPLES = os.environ.get("SLACKER_EXAMPLES", "8")
PUSH = {"channel": "push", "template": "payment_declined", "category": "security"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    settings = Settings(state=tmp_path_factory.mktemp("notifications") / "state")
    async with Stack(settings, FUNCTIONS) as running:
        yield running


def token(stack: Stack) -> str:
    """The gateway's token."""
    return stack.tokens.sign(GATEWAY, stack.url("notification_preferences"), time.time())


async def register(stack: Stack, client: str, fid: str) -> None:
    """A client's phone."""
    url = f"{stack.url('notification_preferences')}/v1/devices/phone"
    headers = {"authorization": f"Bearer {token(stack)}", "x-client-id": client}
    body = {"platform": "android", "fid": fid}
    async with aiohttp.ClientSession() as session, session.put(url, json=body, headers=headers) as answer:
        assert answer.status == 200, await answer.text()


async def tell(stack: Stack, client: str, id_: str, **payload: Any) -> None:
    """Publish a command to tell a client something."""
    now = datetime.now(UTC)
    command = Command(
        id=id_, type="notify_client", version=1, issued_at=now, issued_by="advice", not_after=now + timedelta(hours=1),
        payload={"client_id": client, **PUSH, **payload}, operation=OperationRef("transaction", "op-1", 1),
    )  # fmt: skip
    await stack.publish("commands-notify-client", [Message(command.encoded())])


async def rows(stack: Stack, name: str) -> Sequence[Sequence[str]]:
    """What a stand-in has taken, the newest first."""
    async with aiohttp.ClientSession() as session, session.get(f"{stack.stand_in(name)}/_tables") as answer:
        taken: Sequence[Sequence[str]] = (await answer.json())[0]["rows"]
        return taken


async def switched(stack: Stack, name: str, preset: str) -> None:
    """Break a stand-in, or mend it."""
    async with aiohttp.ClientSession() as session:
        await session.post(f"{stack.stand_in(name)}/_switches/{preset}", allow_redirects=False)


async def outcomes(stack: Stack, client: str) -> dict[str, str]:
    """What support sees of a client's messages."""
    session = Session({"SLACKER_ENVIRONMENT": "local", "SLACKER_STATE": str(stack.state.directory)})

    def typed() -> Any:
        typed = ("messages", client, "--json")
        return CliRunner().invoke(slacker, typed, obj=session, env={"SLACKER_USER": "anna"})

    result = await asyncio.to_thread(typed)
    assert result.exit_code == 0, result.output

    return {message["command"]: message["outcome"] for message in json.loads(result.output)["messages"]}


async def until(look: Callable[[], Any], seen: Callable[[Any], bool], seconds: float = 60) -> Any:
    """What `look` finds once that is what was waited for."""
    async with asyncio.timeout(seconds):
        while not seen(value := await look()):  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.1)
    return value


async def test_a_registered_phone_shows_what_a_command_says_with_a_route_and_no_address(stack: Stack) -> None:
    await register(stack, "C-1", "a" * 22)
    await tell(stack, "C-1", "n-1")
    await tell(stack, "C-1", "n-1")
    [[_, to, title, _, data]] = await until(lambda: rows(stack, "fcm"), bool)
    assert (to, title) == ("a" * 22, "Payment declined")
    assert {pair.partition("=")[0] for pair in data.split()} == {"id", "route", "subject"}
    assert await stack.settled(20)
    assert (await outcomes(stack, "C-1"), len(await rows(stack, "fcm"))) == ({"n-1": "sent"}, 1)


async def test_a_phone_that_fcm_disowns_is_forgotten(stack: Stack) -> None:
    await register(stack, "C-2", "gone" + "b" * 18)
    await tell(stack, "C-2", "n-2")
    await until(lambda: outcomes(stack, "C-2"), lambda reached: reached == {"n-2": "undeliverable"})
    await tell(stack, "C-2", "n-3")
    reached = await until(lambda: outcomes(stack, "C-2"), lambda by_command: "n-3" in by_command)
    assert reached["n-3"] == "undeliverable"


async def test_while_fcm_is_busy_a_push_waits_and_scheduled_work_brings_it_back(stack: Stack) -> None:
    await register(stack, "C-3", "c" * 22)
    await switched(stack, "fcm", "busy")
    await tell(stack, "C-3", "n-4")
    await until(lambda: outcomes(stack, "C-3"), lambda by_command: by_command.get("n-4") == "waiting")
    await switched(stack, "fcm", "well")
    await until(lambda: outcomes(stack, "C-3"), lambda by_command: by_command.get("n-4") == "sent")


async def test_a_dry_run_goes_all_the_way_and_reaches_nobody(stack: Stack) -> None:
    await register(stack, "C-5", "e" * 22)
    before = [await rows(stack, "fcm"), await rows(stack, "sms")]
    await tell(stack, "C-5", "n-6", dry_run=True)
    await tell(stack, "C-5", "n-7", dry_run=True, channel="text")
    await until(lambda: outcomes(stack, "C-5"), lambda by_command: by_command == {"n-6": "dry_run", "n-7": "dry_run"})
    assert [await rows(stack, "fcm"), await rows(stack, "sms")] == before


async def test_a_text_whose_end_nobody_heard_is_sent_once_and_stays_ambiguous(stack: Stack) -> None:
    await switched(stack, "sms", "forgetful")
    await tell(stack, "C-4", "n-5", channel="text")
    await until(lambda: outcomes(stack, "C-4"), lambda by_command: by_command.get("n-5") == "ambiguous", 40)
    await switched(stack, "sms", "well")
    await tell(stack, "C-4", "n-5", channel="text")
    assert await stack.settled(20)
    assert [to for _, to, *_ in await rows(stack, "sms")] == [mobile("C-4")]
    assert await outcomes(stack, "C-4") == {"n-5": "ambiguous"}


async def test_no_number_and_no_text_is_in_a_log_or_the_store(stack: Stack) -> None:
    logs = "".join(path.read_text("utf-8", "replace") for path in stack.state.logs.glob("push_notification.*"))
    kept = b"".join(path.read_bytes() for path in stack.state.directory.glob("documents.sqlite*"))
    for secret in (mobile("C-4"), "We declined a payment"):
        assert (secret in logs, secret.encode() in kept) == (False, False)
    assert ("a" * 22 in logs, '"C-4"' in logs) == (False, False)


async def test_no_request_made_up_from_the_description_breaks_the_service(stack: Stack) -> None:
    url = stack.url("notification_preferences")
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{url}/v1/openapi.json", "--url", url,
        "--header", f"Authorization: Bearer {token(stack)}", "--checks", CHECKS,
        "--max-examples", EXAMPLES, "--seed", "1", "--generation-database", "none", "--no-color",
        "--request-timeout", "60", "--suppress-health-check", "too_slow",
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
