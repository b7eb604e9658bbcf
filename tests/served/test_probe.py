"""The probe's question, asked of real processes as Cloud Scheduler asks it."""

import pytest

from tests.served.conftest import Client
from tests.terraform.test_probe import body

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROBE = "probe@slacker.local"


async def test_it_is_approved_every_time_and_never_on_record(client: Client) -> None:
    replies = [await client.ask(body(), "probe", email=PROBE) for _ in range(2)]
    answers = [(reply.json["advice"], reply.json["decided_by"], reply.json["recorded"]) for reply in replies]
    assert answers == [("APPROVE", "risk_function", False)] * 2


async def test_its_line_is_the_one_that_is_counted_and_names_no_client(client: Client) -> None:
    await client.ask(body(), "probe", email=PROBE)
    line = [line for line in client.log_lines("advice") if line.get("operation") == "probe"][-1]
    assert (line["kind"], line["advice"], line["client"]) == ("answer", "APPROVE", None)


async def test_nobody_else_may_ask_it(client: Client) -> None:
    assert (await client.ask(body(), "probe")).status == 403
