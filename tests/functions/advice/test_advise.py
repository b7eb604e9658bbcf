"""One question, one answer on record, in time."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from functions.advice.advise import AdviceResult, Adviser
from functions.advice.answer_store import AnswerStore
from functions.advice.risk_functions import RiskFunctions
from shared.commands.publisher import TopicCommandPublisher
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.embedded.sqlite_documents import SqliteDocuments
from shared.errors import Conflict, DeadlineExceeded
from shared.messaging.publisher import Publisher
from shared.risk import answers
from shared.risk.answers import record_key
from shared.storage.documents import Create, Documents
from tests.support.builders.advice import NOW, TRACE, FakeHop, decision, operation, question, tokens
from tests.support.deadlines import plenty
from tests.support.faulty_documents import Troubled


def adviser(
    hop: FakeHop | None = None,
    documents: Documents | None = None,
    publisher: Publisher | None = None,
    clock: ManualClock | None = None,
) -> Adviser:
    """On a clock of its own, by which nobody waits."""
    clock = clock or ManualClock(NOW, skip_sleeps=True)
    functions = RiskFunctions(hop or FakeHop(), {"risk_decision": "http://risk.test"}, clock)
    stored = documents or MemoryDocuments()
    outbox = answers.outbox(stored, lambda: TopicCommandPublisher(publisher or MemoryPublisher()), answers.issuable)
    return Adviser(AnswerStore(stored, tokens), outbox, functions, clock)


async def advise(by: Adviser, seconds: float = 1.0, **changes: Any) -> AdviceResult:
    return await by.advise(question(**changes), TRACE, Deadline.after(seconds, by.clock))


async def test_an_answer_says_who_decided_by_which_versions_and_that_it_is_on_record() -> None:
    advised = await advise(adviser(FakeHop(decision("STEPUP_NEEDED", reasons=["NEW_DEVICE"]))))
    assert json.loads(advised.body) == {
        "operation": "transaction",
        "operation_id": "op-1",
        "attempt": 1,
        "advice": "STEPUP_NEEDED",
        "reasons": ["NEW_DEVICE"],
        "decided_by": "risk_function",
        "versions": {"operation": "transaction@1", "rule_set": "transaction@1"},
        "recorded": True,
        "decided_at": "2026-11-22T09:30:00Z",
    }


async def test_the_same_question_gets_the_same_bytes_whatever_the_risk_function_says_now() -> None:
    hop = FakeHop()
    by = adviser(hop)
    first = await advise(by)
    hop.answer = decision("REJECT")
    assert (await advise(by)).body == first.body


async def test_the_same_id_with_another_body_is_a_conflict() -> None:
    by = adviser()
    await advise(by)
    with pytest.raises(Conflict):
        await advise(by, posting__details="rent")


async def test_a_second_attempt_has_a_record_of_its_own() -> None:
    hop = FakeHop(decision("STEPUP_NEEDED"))
    by = adviser(hop)
    await advise(by)
    hop.answer = decision("APPROVE")
    second = await advise(by, attempt=2, previous_attempt=1)
    assert json.loads(second.body)["advice"] == "APPROVE"


async def test_there_is_no_second_attempt_at_what_was_not_answered_with_a_step_up() -> None:
    by = adviser(FakeHop(decision("REJECT")))
    await advise(by)
    with pytest.raises(Conflict, match="attempt 1 was not answered with STEPUP_NEEDED"):
        await advise(by, attempt=2, previous_attempt=1)


async def test_a_second_attempt_goes_on_where_the_first_could_not_be_recorded() -> None:
    assert (await advise(adviser(), attempt=2, previous_attempt=1)).recorded


async def test_two_instances_asked_at_once_give_one_answer(tmp_path: Path) -> None:
    file = tmp_path / "documents.sqlite"
    both_asked = asyncio.Barrier(2)

    def instance(advice: str, documents: Documents) -> Adviser:
        async def answer() -> bytes:
            await both_asked.wait()
            return decision(advice)

        return adviser(FakeHop(answer), documents)

    with_its_own_connection, too = SqliteDocuments(file), SqliteDocuments(file)
    try:
        one, other = await asyncio.gather(
            advise(instance("APPROVE", with_its_own_connection)), advise(instance("REJECT", too))
        )
        assert one.body == other.body
    finally:
        await with_its_own_connection.close()
        await too.close()


async def test_two_bodies_under_one_id_at_once_give_one_answer_and_one_conflict() -> None:
    documents = MemoryDocuments()
    both_asked = asyncio.Barrier(2)

    async def answer() -> bytes:
        await both_asked.wait()
        return decision()

    results = await asyncio.gather(
        advise(adviser(FakeHop(answer), documents)),
        advise(adviser(FakeHop(answer), documents), posting__details="rent"),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [AdviceResult, Conflict]


@pytest.mark.parametrize("how", ["fail", "hang"])
async def test_a_store_in_trouble_costs_the_record_not_the_answer(how: str) -> None:
    by = adviser(documents=Troubled(reads=how, commits=how))
    deadline = Deadline.after(0.4, by.clock)
    advised = await by.advise(question(), TRACE, deadline)
    answer = json.loads(advised.body)
    assert (answer["advice"], answer["recorded"], answer["decided_by"]) == ("APPROVE", False, "risk_function")
    assert by.clock.monotonic() <= deadline.at


async def test_a_slow_look_up_does_not_hold_up_a_quick_record() -> None:
    advised = await advise(adviser(documents=Troubled(reads="hang")), seconds=5)
    assert advised.recorded


async def test_a_record_whose_commit_was_never_confirmed_is_still_found_by_whoever_asks_again() -> None:
    documents = Troubled(commits="lost")
    first = json.loads((await advise(adviser(documents=documents))).body)
    documents.commits = "work"
    again = json.loads((await advise(adviser(FakeHop(decision("REJECT")), documents))).body)
    assert (first["recorded"], again["recorded"], again["advice"]) == (False, True, first["advice"])


async def test_a_damaged_record_costs_the_record_not_the_answer() -> None:
    documents = MemoryDocuments()
    await documents.commit([Create(record_key("transaction", "op-1", 1), b"?")], plenty())
    answer = json.loads((await advise(adviser(documents=documents))).body)
    assert (answer["advice"], answer["recorded"]) == ("APPROVE", False)


async def test_an_operation_that_keeps_no_record_reads_and_writes_none() -> None:
    cases = {"default": {"legal": ["APPROVE", "REJECT"], "declared": "REJECT"}}
    unrecorded = operation(record="none", answers={"cases": cases})
    by = adviser(documents=Troubled(reads="fail", commits="fail"))
    advised = await by.advise(question(unrecorded), TRACE, Deadline.after(1, by.clock))
    assert (advised.recorded, advised.record_failure) == (False, None)


async def test_a_late_risk_function_leaves_time_for_the_record() -> None:
    clock = ManualClock(NOW, skip_sleeps=True)

    async def never() -> bytes:
        await clock.sleep(0.45)
        raise DeadlineExceeded("late")

    advised = await advise(adviser(FakeHop(never), clock=clock), seconds=0.6)
    assert (advised.recorded, json.loads(advised.body)["reasons"]) == (True, ["RISK_FUNCTION_LATE"])
