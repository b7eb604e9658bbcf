"""Asking a risk function: its decision, or the declared one with the reason why."""

import pytest

from functions.advice.answer import DecidedBy, Decision, FallbackReason
from functions.advice.risk_functions import RiskFunctions
from shared.advice import Advice
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.errors import DeadlineExceeded, Unavailable
from shared.http.allowed_hosts import AllowedHosts, allowed_hosts
from tests.support.builders.advice import NOW, TRACE, FakeHop, decision, operation, question
from tests.support.deadlines import plenty

BELOW_BANK = allowed_hosts(".bank.example", "SLACKER_RISK_FUNCTION_HOSTS")
URLS = {"risk_decision": "http://risk.test"}


async def ask(hop: FakeHop, phase: str = "authorisation", seconds: float = 1.0) -> Decision:
    to_ask = question(posting__phase=phase, posting__authorisation_id="op-0")
    clock = ManualClock(NOW)
    return await RiskFunctions(hop, URLS, clock).ask(to_ask, TRACE, Deadline.after(seconds, clock))


async def test_a_legal_decision_is_taken_with_both_versions() -> None:
    result = await ask(FakeHop(decision("REJECT", reasons=["TOO_FAST"])))
    assert (result.advice, result.reasons) == (Advice.REJECT, ("TOO_FAST",))
    assert result.versions == {"operation": "transaction@1", "rule_set": "transaction@1"}


async def test_the_risk_function_is_told_the_question_the_trace_and_the_time_left() -> None:
    hop = FakeHop()
    await ask(hop, seconds=0.2)
    [(url, sent, headers)] = hop.requests
    assert (url, headers["traceparent"]) == ("http://risk.test", TRACE.traceparent())
    assert headers["x-deadline-ms"] == "195"  # less what the way back takes
    assert {name: sent[name] for name in ("operation", "operation_version", "attempt", "at")} == {
        "operation": "transaction",
        "operation_version": "transaction@1",
        "attempt": 1,
        "at": "2026-11-22T09:30:00Z",
    }
    assert sent["question"]["operation_id"] == sent["operation_id"] == "op-1"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Unavailable("down"), FallbackReason.UNAVAILABLE),
        (DeadlineExceeded("late"), FallbackReason.LATE),
        (b"", FallbackReason.INVALID),
        (b"\xff\x00", FallbackReason.INVALID),
        (b"[]", FallbackReason.INVALID),
        (b'{"advice": "APPROVE"}', FallbackReason.INVALID),
        (decision("PERHAPS"), FallbackReason.INVALID),
        (decision(reasons=["not a code"]), FallbackReason.INVALID),
        (decision(commands=[{"type": "x"}]), FallbackReason.INVALID),
    ],
)
async def test_a_failure_of_any_kind_gives_the_declared_answer_and_says_why(
    answer: bytes | Exception, reason: FallbackReason
) -> None:
    hop = FakeHop()
    hop.answer = answer
    result = await ask(hop)
    assert (result.advice, result.decided_by) == (Advice.STEPUP_NEEDED, DecidedBy.DECLARED)
    assert (tuple(result.reasons), result.failure) == ((reason,), reason)


async def test_an_answer_that_is_not_legal_in_the_phase_is_not_given() -> None:
    result = await ask(FakeHop(decision("REJECT")), phase="settlement")
    assert (result.advice, result.failure) == (Advice.APPROVE, FallbackReason.INVALID)


async def test_with_no_time_left_nobody_is_asked() -> None:
    hop = FakeHop()
    assert (await ask(hop, seconds=0)).failure is FallbackReason.LATE
    assert hop.requests == []


async def test_a_caller_in_a_hurry_does_not_cut_the_risk_function_off_for_the_others() -> None:
    hop = FakeHop(DeadlineExceeded("late"))
    functions = RiskFunctions(hop, URLS, ManualClock(NOW))
    for seconds in (0.0, 0.01) * 5:
        assert (
            await functions.ask(question(), TRACE, Deadline.after(seconds, functions.clock))
        ).failure is FallbackReason.LATE
    hop.answer = decision()
    assert (await functions.ask(question(), TRACE, Deadline.after(1, functions.clock))).failure is None


async def test_a_risk_function_cannot_speak_for_the_operations_version() -> None:
    result = await ask(FakeHop(decision(versions={"operation": "other@9", "model": "m@2"})))
    assert result.versions == {"operation": "transaction@1", "model": "m@2"}


async def test_a_risk_function_without_an_address_counts_as_down() -> None:
    result = await RiskFunctions(FakeHop(), {}, ManualClock(NOW)).ask(question(), TRACE, plenty())
    assert result.failure is FallbackReason.UNAVAILABLE


async def test_an_operation_may_give_the_whole_address() -> None:
    hop = FakeHop()
    to_ask = question(operation(risk_function="https://other.bank.example/decide"))
    await RiskFunctions(hop, {}, ManualClock(NOW), BELOW_BANK).ask(to_ask, TRACE, plenty())
    assert hop.requests[0][0] == "https://other.bank.example/decide"


@pytest.mark.parametrize("address", ["bank.example.evil.test", "evilbank.example"])
@pytest.mark.parametrize("hosts", [AllowedHosts(), BELOW_BANK])
async def test_questions_go_to_no_host_that_the_deployment_does_not_name(hosts: AllowedHosts, address: str) -> None:
    hop = FakeHop()
    to_ask = question(operation(risk_function=f"https://{address}/decide"))
    assert (
        await RiskFunctions(hop, {}, ManualClock(NOW), hosts).ask(to_ask, TRACE, plenty())
    ).failure is FallbackReason.UNAVAILABLE
    assert hop.requests == []


@pytest.mark.parametrize("answer", [b"garbage", decision("PERHAPS")])
async def test_answers_that_are_none_do_not_cut_a_risk_function_off(answer: bytes) -> None:
    hop = FakeHop(answer)
    functions = RiskFunctions(hop, URLS, ManualClock(NOW))
    failures = {(await functions.ask(question(), TRACE, Deadline.after(1, functions.clock))).failure for _ in range(10)}
    assert (failures, len(hop.requests)) == ({FallbackReason.INVALID}, 10)


async def test_after_failures_in_a_row_it_is_left_alone_and_later_asked_again() -> None:
    hop = FakeHop(Unavailable("down"))
    clock = ManualClock(NOW)
    functions = RiskFunctions(hop, URLS, clock)
    failures = [(await functions.ask(question(), TRACE, Deadline.after(1, functions.clock))).failure for _ in range(6)]
    assert failures == [FallbackReason.UNAVAILABLE] * 5 + [FallbackReason.CIRCUIT_OPEN]
    hop.answer = decision()
    await clock.advance(0.5)  # the breaker's first cooldown
    assert (await functions.ask(question(), TRACE, Deadline.after(1, functions.clock))).failure is None


async def test_one_risk_functions_failures_do_not_cut_off_another() -> None:
    hop = FakeHop(Unavailable("down"))
    functions = RiskFunctions(hop, URLS, ManualClock(NOW), BELOW_BANK)
    for _ in range(5):
        await functions.ask(question(), TRACE, Deadline.after(1, functions.clock))
    hop.answer = decision()
    other = question(operation(risk_function="https://other.bank.example"))
    assert (await functions.ask(other, TRACE, Deadline.after(1, functions.clock))).failure is None
