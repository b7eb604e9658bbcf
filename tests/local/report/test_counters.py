"""The figures of a run add up, by outcome and by truth."""

from datetime import UTC, datetime

from jobs.history.transaction import Transaction
from local.replay.bank_service import Answer, Case, ReceivedAnswer, Unanswered
from local.replay.replay import Run
from local.report.answer_check import AnswerCheck
from local.report.counters import Counters
from local.report.summary import adds_up
from shared.money import Money

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)


def _case(*advices: str, fraud: bool = False, unanswered: Unanswered | None = None) -> Case:
    transaction = Transaction(
        "1", AT, "anna", "a", Money(1, "EUR"), "web", fraud=fraud, scenario="mule" if fraud else None
    )
    answers = tuple(
        ReceivedAnswer(
            Answer("1", attempt, advice, ["WHY"], "risk_function", recorded=True, versions={}),
            b"{}",
            0.001 * attempt,
            retried=False,
        )
        for attempt, advice in enumerate(advices, 1)
    )
    return Case(transaction, answers, unanswered, went_through=False)


def _counters(*cases: Case) -> Counters:
    counters = Counters()
    for case in cases:
        counters.add(case)
    return counters


def test_a_second_attempt_is_a_question_but_not_an_outcome() -> None:
    counters = _counters(_case("STEPUP_NEEDED", "APPROVE"))
    assert (counters.transactions, counters.questions, counters.answered) == (1, 2, 2)
    assert dict(counters.outcomes) == {("STEPUP_NEEDED", False): 1}
    assert dict(counters.stepped_up) == {"APPROVE": 1}


def test_caught_and_disturbed_are_told_by_truth() -> None:
    counters = _counters(
        _case("REJECT", fraud=True), _case("APPROVE", fraud=True), _case("STEPUP_NEEDED"), _case("APPROVE")
    )
    assert (counters.frauds(), counters.disturbed()) == ((1, 2), (1, 2))


def test_a_question_without_an_answer_is_counted_as_asked() -> None:
    counters = _counters(_case(unanswered=Unanswered("1", 1, "503")))
    assert (counters.questions, counters.answered, dict(counters.unanswered)) == (1, 0, {"503": 1})


def test_latencies_are_those_of_the_answers() -> None:
    counters = _counters(*(_case("APPROVE") for _ in range(99)), _case("APPROVE", "APPROVE"))
    assert (counters.latency(0.5), counters.latency(1.0)) == (0.001, 0.002)


def test_it_adds_up_only_if_nothing_is_lost_or_differs() -> None:
    run = Run(_counters(_case("APPROVE"), _case("APPROVE")))
    assert adds_up(run, AnswerCheck(2, 0, (), ()))
    assert adds_up(run, AnswerCheck(1, 1, (), ()))
    assert not adds_up(run, AnswerCheck(1, 0, ("1",), ()))
    assert not adds_up(run, AnswerCheck(1, 0, (), ("1",)))
    assert not adds_up(Run(_counters(_case(unanswered=Unanswered("1", 1, "503")))), AnswerCheck(0, 0, (), ()))
