"""An answer and its commands stand or fall together, whatever of the store and the publisher is down, late or lost."""

import json
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from functions.advice.advise import AdviceResult
from functions.advice.answer_store import AnswerStore
from functions.advice.risk_functions import RiskFunctions
from shared.commands.command import Command, parse
from shared.commands.publisher import TopicCommandPublisher
from shared.commands.types import command_topics
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.errors import Forbidden
from shared.ids import OperationRef
from shared.risk import answers
from shared.risk.answers import AnswerRecord, load, record_key
from shared.storage.documents import Document
from tests.functions.advice.test_advise import adviser
from tests.support.builders.advice import NOW, TOKENS, TRACE, FakeHop, decision, no_tokens, operation, question
from tests.support.deadlines import plenty
from tests.support.faulty_documents import Troubled
from tests.support.faulty_publisher import TroubledPublisher

KEY = record_key("transaction", "op-1", 1)
LATER = NOW + timedelta(minutes=1)

REVIEW: dict[str, Any] = {
    "type": "open_review",
    "version": 1,
    "payload": {"client_id": "C-1", "reasons": ["NEW_DEVICE"], "rule_set": "transaction@1"},
}
TOLD: dict[str, Any] = {
    "type": "notify_client",
    "version": 1,
    "payload": {"client_id": "C-1", "channel": "push", "template": "payment_declined", "category": "security"},
}
MANUAL = decision("MANUAL_APPROVAL_NEEDED", commands=[REVIEW])
REJECT = decision("REJECT", commands=[TOLD])


def published(publisher: MemoryPublisher) -> list[Command]:
    return [parse(each.data) for messages in publisher.published.values() for each in messages]


async def advise(
    answer: bytes, documents: MemoryDocuments, publisher: MemoryPublisher, seconds: float = 0.5
) -> AdviceResult:
    """What is advised, in time."""
    by = adviser(FakeHop(answer), documents, publisher)
    advised = await by.advise(question(), TRACE, Deadline.after(seconds, by.clock))
    assert by.clock.monotonic() <= seconds
    return advised


async def stored(documents: MemoryDocuments) -> tuple[AnswerRecord, list[Document]]:
    [record] = await load(documents, [KEY], plenty())
    assert record is not None
    return record, await documents.due("answers", plenty(), before=LATER)


async def test_a_command_is_published_under_the_answers_id_before_the_answer_is_given_and_cleared() -> None:
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    advised = await advise(MANUAL, documents, publisher)
    assert (json.loads(advised.body)["advice"], advised.recorded) == ("MANUAL_APPROVAL_NEEDED", True)
    [command] = published(publisher)
    assert command == Command(
        id="transaction.op-1.1.0",
        type="open_review",
        version=1,
        issued_at=NOW,
        issued_by="advice",
        not_after=NOW + command_topics()["open_review"].lifetime,
        payload=REVIEW["payload"],
        operation=OperationRef("transaction", "op-1", 1),
        traceparent=TRACE.traceparent(),
    )
    record, due = await stored(documents)
    assert (record.pending, due, record.answer) == ([], [], advised.body)


async def test_a_cleared_record_is_kept_as_long_as_its_operation_says() -> None:
    documents = MemoryDocuments()
    await advise(MANUAL, documents, MemoryPublisher())
    [document] = await documents.read([KEY], plenty())
    assert document is not None
    assert document.expires_at == NOW + timedelta(days=400)


@pytest.mark.parametrize("how", ["fail", "hang", "lost"])
async def test_a_publisher_in_trouble_leaves_the_command_to_be_published_later_and_the_answer_is_given(
    how: str,
) -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher(how)
    advised = await advise(MANUAL, documents, publisher)
    assert (json.loads(advised.body)["advice"], advised.recorded) == ("MANUAL_APPROVAL_NEEDED", True)
    record, [due] = await stored(documents)
    assert (due.key, [parse(each).id for each in record.pending]) == (KEY, ["transaction.op-1.1.0"])
    publisher.how = "work"
    later = answers.outbox(documents, lambda: TopicCommandPublisher(publisher), answers.sealed(TOKENS))
    assert await later.send(due, LATER, plenty()) == 1
    assert {command.id for command in published(publisher)} == {"transaction.op-1.1.0"}


@pytest.mark.parametrize(("answer", "key", "sent"), [(REJECT, True, 1), (REJECT, False, 0), (MANUAL, False, 1)])
async def test_what_waits_is_sent_by_its_seal_and_a_review_also_without(answer: bytes, key: bool, sent: int) -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher("fail")
    by = adviser(FakeHop(answer), documents, publisher)
    by = by if key else replace(by, records=AnswerStore(documents, no_tokens))
    advised = await by.advise(question(), TRACE, Deadline.after(0.5, by.clock))
    assert advised.recorded
    publisher.how = "work"
    _, [due] = await stored(documents)
    later = answers.outbox(documents, lambda: TopicCommandPublisher(publisher), answers.sealed(TOKENS))
    with nullcontext() if sent else pytest.raises(Forbidden):
        await later.send(due, LATER, plenty())
    assert len(published(publisher)) == sent


async def test_an_instance_without_the_token_key_publishes_before_it_answers_as_any_other() -> None:
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    by = replace(adviser(FakeHop(REJECT), documents, publisher), records=AnswerStore(documents, no_tokens))
    await by.advise(question(), TRACE, Deadline.after(0.5, by.clock))
    assert ([command.type for command in published(publisher)], (await stored(documents))[1]) == (["notify_client"], [])


async def test_who_dies_between_the_commit_and_the_publish_loses_no_command() -> None:
    class Killed(Exception):
        """What kill -9 is like."""

    class Dying(MemoryPublisher):
        async def publish(self, *_: object) -> list[str]:
            raise Killed

    documents = MemoryDocuments()
    with pytest.raises(Killed):
        await advise(MANUAL, documents, Dying())
    record, [due] = await stored(documents)
    assert (due.key, len(record.pending)) == (KEY, 1)


@pytest.mark.parametrize("how", ["fail", "hang"])
async def test_without_the_store_a_manual_approval_is_given_once_its_review_is_published(how: str) -> None:
    publisher = MemoryPublisher()
    advised = await advise(MANUAL, Troubled(commits=how), publisher)
    answer = json.loads(advised.body)
    assert (answer["advice"], answer["recorded"]) == ("MANUAL_APPROVAL_NEEDED", False)
    assert [command.type for command in published(publisher)] == ["open_review"]


@pytest.mark.parametrize("publishing", ["fail", "hang", "lost"])
@pytest.mark.parametrize("how", ["fail", "hang"])
async def test_without_store_and_publisher_the_declared_answer_stands_in_for_a_manual_approval(
    how: str, publishing: str
) -> None:
    advised = await advise(MANUAL, Troubled(reads=how, commits=how), TroubledPublisher(publishing))
    answer = json.loads(advised.body)
    assert (answer["advice"], answer["reasons"], answer["recorded"]) == (
        "STEPUP_NEEDED",
        ["ANSWER_NOT_RECORDED"],
        False,
    )


async def test_without_the_store_a_rejection_is_given_and_its_message_published_at_once() -> None:
    publisher = MemoryPublisher()
    advised = await advise(REJECT, Troubled(commits="fail"), publisher)
    assert (json.loads(advised.body)["advice"], advised.publish_failure) == ("REJECT", None)
    assert [command.type for command in published(publisher)] == ["notify_client"]


@pytest.mark.parametrize("commands", [[], [TOLD]])
async def test_a_manual_approval_without_the_review_that_ends_it_is_none(commands: list[Any]) -> None:
    documents = MemoryDocuments()
    advised = await advise(decision("MANUAL_APPROVAL_NEEDED", commands=commands), documents, MemoryPublisher())
    assert json.loads(advised.body)["reasons"] == ["RISK_FUNCTION_INVALID"]


async def test_an_operation_without_records_publishes_its_commands_at_once() -> None:
    cases = {"default": {"legal": ["APPROVE", "REJECT"], "declared": "REJECT"}}
    unrecorded = operation(record="none", answers={"cases": cases})
    publisher = MemoryPublisher()
    by = adviser(FakeHop(REJECT), MemoryDocuments(), publisher)
    await by.advise(question(unrecorded), TRACE, Deadline.after(1, by.clock))
    assert [command.type for command in published(publisher)] == ["notify_client"]


async def test_whoever_asks_again_gets_the_answer_and_publishes_nothing() -> None:
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    first = await advise(MANUAL, documents, publisher)
    again = await advise(decision("APPROVE"), documents, publisher)
    assert (again.body, len(published(publisher))) == (first.body, 1)


async def test_an_answer_without_commands_touches_no_publisher() -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher("hang")
    advised = await advise(decision("APPROVE"), documents, publisher)
    assert (advised.recorded, publisher.calls) == (True, 0)
    assert (await stored(documents))[1] == []


@pytest.mark.parametrize(
    ("returned", "field"),
    [
        ({**REVIEW, "type": "open_door"}, "/commands/1/type"),
        ({**REVIEW, "type": "resolve_transaction"}, "/commands/1/type"),
        ({**REVIEW, "type": "create_ticket"}, "/commands/1/type"),
        ({**REVIEW, "version": 99}, "/commands/1/version"),
        ({**REVIEW, "payload": {**REVIEW["payload"], "client_id": 1}}, "/commands/1/payload/client_id"),
        ({**REVIEW, "payload": {**REVIEW["payload"], "note": "x"}}, "/commands/1/payload"),
        ({**TOLD, "payload": {**TOLD["payload"], "variables": {str(n): "x" * 500 for n in range(99)}}}, "/commands/1"),
    ],
    ids=["no such type", "of people", "not ours", "no such version", "wrong type", "unknown field", "too much"],
)
async def test_a_risk_function_whose_command_breaks_its_contract_is_broken(returned: Any, field: str) -> None:
    hop = FakeHop(decision("REJECT", commands=[TOLD, returned]))
    functions = RiskFunctions(hop, {"risk_decision": "http://risk.test"}, ManualClock(NOW))
    result = await functions.ask(question(), TRACE, plenty())
    assert result.reasons == ("RISK_FUNCTION_INVALID",)
    assert str(result.error).startswith(field)
    assert result.commands == ()
