"""The probe's question, as Cloud Scheduler asks it: approved where all of it works, and only there."""

import re

import msgspec
import pytest

from functions.risk_decision.decider import Decider, RiskDecision
from shared.advice import Advice
from shared.catalogue.yaml_files import content
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.risk.operation import parse_operation
from shared.risk.question import parse_question
from shared.storage.documents import Documents
from tests.support.builders.advice import OPERATIONS
from tests.support.builders.risk_decision import AT, TOKENS, bundled_rules, current, request_with
from tests.support.faulty_documents import Troubled
from tests.support.terraform_source import TERRAFORM

PROBE = parse_operation(content(OPERATIONS / "probe.yaml"))


def body() -> dict[str, object]:
    """What `terraform/schedule.tf` sends, its HCL read as JSON."""
    match = re.search(r"body += base64encode\(jsonencode\((.*)\)\)", (TERRAFORM / "schedule.tf").read_text())
    assert match is not None
    body_sent: dict[str, object] = msgspec.json.decode(re.sub(r"(\w+) =", r'"\1":', match.group(1)))
    return body_sent


async def decided(documents: Documents) -> RiskDecision:
    parsed = parse_question(PROBE, "probe@1", body(), AT, replay=False)
    legal = sorted(parsed.case.legal)
    request = request_with(parsed.body, operation="probe", operation_version="probe@1", legal=legal)
    clock = ManualClock(AT, skip_sleeps=True)
    deadline = Deadline.after(0.2, clock)
    return await Decider(documents, clock).decide(request, current(bundled_rules("probe")), TOKENS, deadline, 0.0)


async def test_it_is_approved_in_an_empty_store_and_every_minute_after() -> None:
    documents = MemoryDocuments()
    answers = [(await decided(documents)).advice for _ in range(3)]
    assert answers == [Advice.APPROVE] * 3


@pytest.mark.parametrize(
    "documents",
    [Troubled(reads="fail"), Troubled(commits="fail"), Troubled(reads="hang"), Troubled(commits="hang")],
    ids=["unreadable", "unwritable", "slow to read", "slow to write"],
)
async def test_it_is_not_approved_where_the_store_cannot_be_read_or_written_in_time(documents: Documents) -> None:
    assert (await decided(documents)).advice is Advice.STEPUP_NEEDED


def test_its_answer_is_never_on_record_because_it_asks_under_one_id() -> None:
    assert (PROBE.recorded, PROBE.case(body()).fallback) == (False, Advice.STEPUP_NEEDED)
