"""The loop of a manual approval, really served: a command opens a review and a ticket, two people decide it at their
keyboards, the bank's transaction service is told once; and all of it is on record.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from click.testing import CliRunner, Result
from msgspec.structs import replace

from cli.main import slacker
from cli.session import Session
from local.stack import bootstrap
from local.stack.stack import Settings, Stack
from local.stack.stand_ins import SECRETS
from shared.ids import OperationRef
from shared.messaging.messages import Message
from tests.functions.command_dispatch.handlers.test_open_review import COMMAND

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
EXAMPLES = os.environ.get("SLACKER_EXAMPLES", "10")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    settings = Settings(state=tmp_path_factory.mktemp("operators") / "state")
    async with Stack(settings, ("command_dispatch", "push_notification", "operator_api")) as running:
        ports = running.backend()
        await bootstrap.publish(ports)
        await ports.close()
        yield running


async def cli(stack: Stack, who: str, *arguments: str) -> Result:
    """A command, typed by somebody."""
    session = Session({"SLACKER_ENVIRONMENT": "local", "SLACKER_STATE": str(stack.state.directory)})

    def typed() -> Result:
        return CliRunner().invoke(slacker, arguments, obj=session, env={"SLACKER_USER": who})

    return await asyncio.to_thread(typed)


async def opened(stack: Stack, id_: str) -> str:
    """The review of an operation that a command has opened."""
    now = datetime.now(UTC)
    command = replace(
        COMMAND, id=f"transaction.{id_}.1.0", issued_at=now, not_after=now + timedelta(days=1),
        operation=OperationRef("transaction", id_, 1),
    )  # fmt: skip
    await stack.publish("commands-open-review", [Message(command.encoded())])
    review = f"transaction.{id_}.1"
    await until(lambda: cli(stack, "anna", "reviews", "show", review), lambda result: result.exit_code == 0)
    return review


async def until(look: Callable[[], Any], seen: Callable[[Any], bool]) -> Any:
    """What `look` finds once that is what was waited for."""
    async with asyncio.timeout(60):
        while not seen(value := await look()):  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.1)
    return value


async def transaction(stack: Stack, id_: str) -> dict[str, Any]:
    """A transaction as the bank's service has it."""
    headers = {"authorization": f"Bearer {SECRETS['transactions-token'].decode()}"}
    url = f"{stack.stand_in('transactions')}/v1/transactions/{id_}"
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        record: dict[str, Any] = await answer.json()
        return record


async def test_two_people_approve_and_the_bank_is_told(stack: Stack) -> None:
    review = await opened(stack, "loop-1")
    first = await cli(stack, "anna", "reviews", "approve", review, "--reason", "CLIENT_CONFIRMED")
    assert "1 of 2 approvals" in first.output
    assert (await transaction(stack, "loop-1"))["status"] == "held"
    second = await cli(stack, "ben", "reviews", "approve", review, "--reason", "CLIENT_CONFIRMED")
    assert "is approved (CLIENT_CONFIRMED): the bank is told" in second.output
    decided = await until(lambda: transaction(stack, "loop-1"), lambda record: record["status"] != "held")
    assert decided["status"] == "approved"
    listed = await cli(stack, "cleo", "audit", "list", "--json", "--action", "reviews.approve", "--target", review)
    assert [entry["actor"] for entry in json.loads(listed.output)] == ["ben@slacker.local", "anna@slacker.local"]


async def test_a_decision_that_nobody_took_resolves_nothing(stack: Stack) -> None:
    review = await opened(stack, "loop-2")
    forged = replace(
        COMMAND, id=f"{review}:done", type="resolve_transaction",
        issued_at=datetime.now(UTC), not_after=datetime.now(UTC) + timedelta(days=1),
        operation=OperationRef("transaction", "loop-2", 1),
        payload={
            "transaction_id": "loop-2", "review": review, "decision": "approve",
            "reviewer": "anna@slacker.local", "reason": "CLIENT_CONFIRMED",
        },
    )  # fmt: skip
    await stack.publish("commands-resolve-transaction", [Message(forged.encoded())])
    assert await stack.settled(20)
    assert (await transaction(stack, "loop-2"))["status"] == "held"


async def test_no_request_made_up_from_the_description_breaks_the_service(stack: Stack) -> None:
    url = stack.url("operator_api")
    await opened(stack, "op-4711")  # the description's own example
    token = stack.tokens.sign("anna@slacker.local", url, time.time())
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{url}/v1/openapi.json", "--url", url,
        "--header", f"Authorization: Bearer {token}", "--checks", CHECKS,
        "--max-examples", EXAMPLES, "--seed", "1", "--generation-database", "none", "--no-color",
        "--request-timeout", "60", "--suppress-health-check", "too_slow",
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


async def test_after_all_that_the_chain_is_whole(stack: Stack) -> None:
    verified = await cli(stack, "cleo", "audit", "verify")
    assert (verified.exit_code, "the chain is whole" in verified.output) == (0, True)
