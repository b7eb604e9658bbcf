"""A question: checked, dated, fingerprinted."""

from datetime import timedelta
from typing import Any

import pytest

from shared.advice import Advice
from shared.errors import Invalid
from shared.risk.question import parse_question
from tests.support.builders.advice import NOW, body, operation, question


def problems(**changes: Any) -> list[str]:
    with pytest.raises(Invalid) as raised:
        question(**changes)
    return [problem.field for problem in raised.value.problems]


def test_a_valid_question_knows_its_client_and_its_phases_legal_answers() -> None:
    parsed = question(posting__phase="transfer")
    assert (parsed.client, parsed.attempt, parsed.case.fallback) == ("C-1", 1, Advice.STEPUP_NEEDED)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"operation_id": None}, "/operation_id"),
        ({"posting__amount": {"minor": -1, "currency": "EUR"}}, "/posting/amount/minor"),
        ({"posting__amount": {"minor": 1.5, "currency": "EUR"}}, "/posting/amount/minor"),
        ({"posting__phase": "other"}, "/posting/phase"),
        ({"posting__phase": "settlement"}, "/posting/authorisation_id"),
        ({"context__occurred_at": "yesterday"}, "/context/occurred_at"),
        ({"context__occurred_at": "2026-02-30T09:30:00Z"}, "/context/occurred_at"),
        ({"context__occurred_at": "2026-11-22T09:30:00"}, "/context/occurred_at"),
        ({"attempt": 2}, "/previous_attempt"),
        ({"attempt": 3, "previous_attempt": 1}, "/previous_attempt"),
        ({"previous_attempt": 1}, "/previous_attempt"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], field: str) -> None:
    assert field in problems(**changes)


def test_the_digest_is_of_the_content_not_of_its_spelling() -> None:
    reordered = dict(reversed(body().items()))
    same = parse_question(operation(), "transaction@1", reordered, NOW, replay=False)
    assert same.digest == question().digest
    assert question(posting__details="rent").digest != question().digest


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("2026-11-22T10:29:00+01:00", NOW - timedelta(minutes=1)),
        ("2026-11-22t09:29:00z", NOW - timedelta(minutes=1)),
        ("2026-11-22T08:00:00Z", NOW - timedelta(minutes=5)),
        ("2027-01-01T00:00:00Z", NOW + timedelta(minutes=5)),
    ],
)
def test_the_time_to_decide_for_is_held_within_the_tolerance(sent: str, expected: object) -> None:
    assert question(context__occurred_at=sent).at == expected


def test_a_replay_takes_the_time_as_it_is() -> None:
    sent = body(context__occurred_at="2018-04-01T02:00:00+02:00")
    replayed = parse_question(operation(), "transaction@1", sent, NOW, replay=True)
    assert replayed.at.isoformat() == "2018-04-01T00:00:00+00:00"


def test_a_time_before_year_one_in_utc_is_a_problem_of_the_field() -> None:
    assert problems(context__occurred_at="0001-01-01T00:00:00+14:00") == ["/context/occurred_at"]
