"""An operation as data: what ships is valid, and what cannot work is refused when it is published."""

from pathlib import Path
from typing import Any

import pytest

from shared.advice import Advice
from shared.catalogue.yaml_files import content
from shared.errors import Invalid, NotFound
from shared.risk.operation import parse_operation, self_contained

SHIPPED = Path(__file__).parents[3] / "functions/advice/operations"
TRANSACTION = content(SHIPPED / "transaction.yaml")
INLINE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["operation_id", "kind", "context"],
    "properties": {
        "context": {"$ref": "#/$defs/context"},
        "operation_id": {"type": "string", "x-data-class": "none"},
        "kind": {"enum": ["big", "small"], "x-data-class": "none"},
    },
    "$defs": {
        "context": {
            "type": "object",
            "required": ["occurred_at"],
            "properties": {"occurred_at": {"type": "string", "x-data-class": "none"}},
        }
    },
}


def problems(**changes: Any) -> list[str]:
    with pytest.raises(Invalid) as raised:
        parse_operation({**TRANSACTION, **changes})
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_operation_is_valid_and_named_like_its_file(path: Path) -> None:
    assert parse_operation(content(path)).name == path.stem


@pytest.mark.parametrize(
    ("phase", "legal", "declared"),
    [
        ("authorisation", 4, Advice.STEPUP_NEEDED),
        ("adjustment", 3, Advice.REJECT),
        ("settlement", 2, Advice.APPROVE),
        ("release", 1, Advice.APPROVE),
        ("transfer", 4, Advice.STEPUP_NEEDED),
    ],
)
def test_each_phase_has_its_legal_answers(phase: str, legal: int, declared: Advice) -> None:
    case = parse_operation(TRANSACTION).case({"posting": {"phase": phase}})
    assert (len(case.legal), case.fallback) == (legal, declared)


def test_a_new_operation_can_bring_its_questions_schema_along() -> None:
    document = {**TRANSACTION, "question_schema": INLINE, "answers": {"cases": TRANSACTION["answers"]["cases"]}}
    del document["question"]
    document["answers"]["cases"] = {"default": {"legal": ["APPROVE"], "declared": "APPROVE"}}
    assert parse_operation(document).schema == INLINE


def test_what_is_published_means_the_same_without_the_schemas_beside_it() -> None:
    published = self_contained(TRANSACTION)
    assert "question" not in published
    assert parse_operation(published).schema == parse_operation(TRANSACTION).schema


def test_a_schema_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFound, match=r"schemas/json/operations/loan\.v1\.json"):
        parse_operation({**TRANSACTION, "question": "loan.v1"})


def test_a_declared_answer_has_to_be_legal() -> None:
    cases = {"default": {"legal": ["APPROVE"], "declared": "REJECT"}}
    assert problems(answers={"cases": cases}) == [
        "/answers/cases/default/declared: one of this case's legal answers expected"
    ]


def test_a_manual_approval_cannot_be_declared_since_nobody_would_open_its_review() -> None:
    cases = {"default": {"legal": ["MANUAL_APPROVAL_NEEDED"], "declared": "MANUAL_APPROVAL_NEEDED"}}
    assert "a review needs a risk function" in problems(answers={"cases": cases})[0]


def test_a_manual_approval_needs_a_record() -> None:
    assert any("needs record: before_answer" in problem for problem in problems(record="none"))


@pytest.mark.parametrize(("days", "count"), [(29, 1), (30, 0)])
def test_a_review_is_kept_until_what_it_decided_is_done(days: int, count: int) -> None:
    document = {**TRANSACTION, "retention_days": days, "reserve_ms": TRANSACTION["deadline_ms"]}
    with pytest.raises(Invalid) as raised:
        parse_operation(document)
    messages = [problem.message for problem in raised.value.problems if problem.field == "/retention_days"]
    assert messages == ["at least 30 expected: what a review decided is done only while it is on record"] * count


def test_what_nobody_reviews_may_be_forgotten_the_next_day() -> None:
    document = {**TRANSACTION, "retention_days": 1}
    document["answers"] = {"cases": {"default": {"legal": ["APPROVE"], "declared": "APPROVE"}}}
    assert parse_operation(document).retention_days == 1


def test_every_value_of_the_deciding_field_needs_a_case() -> None:
    cases = {name: case for name, case in TRANSACTION["answers"]["cases"].items() if name != "release"}
    assert problems(answers={"by": "/posting/phase", "cases": cases}) == [
        "/answers/cases/release: is required, or a case named default"
    ]


def test_a_field_that_may_be_absent_needs_a_default_case() -> None:
    cases = {"4111": {"legal": ["APPROVE"], "declared": "APPROVE"}}
    assert problems(answers={"by": "/context/merchant/category", "cases": cases}) == [
        "/answers/cases/default: is required, or a case named default"
    ]


def test_the_reserve_has_to_leave_time_to_ask() -> None:
    assert problems(deadline_ms=60, reserve_ms=60) == [
        "/reserve_ms: leaves no time to ask: less than deadline_ms expected"
    ]


def test_a_question_whose_fields_declare_no_data_class_is_refused() -> None:
    properties = {**INLINE["properties"], "name": {"type": "string"}}  # type: ignore[dict-item] # INLINE is a literal
    document = {**TRANSACTION, "question_schema": {**INLINE, "properties": properties}}
    del document["question"]
    document["answers"] = {"cases": {"default": {"legal": ["APPROVE"], "declared": "APPROVE"}}}
    with pytest.raises(Invalid, match="/name declares no x-data-class"):
        parse_operation(document)


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ({"operation_id": {"x-data-class": "none"}}, "/question_schema: /operation_id of type string expected"),
        ({"attempt": {"x-data-class": "none"}}, "/question_schema: /attempt of type integer expected"),
        ({"attempt": True}, "x-data-class cannot be told"),
        (
            {"previous_attempt": {"type": "string", "x-data-class": "none"}},
            "/previous_attempt of type integer expected",
        ),
        ({"tree": {"properties": {"child": {"$ref": "#/properties/tree"}}}}, "no circles"),
        ({"tree": {"$ref": "#tree"}, "other": {"$anchor": "tree", "x-data-class": "none"}}, "references like"),
        ({"kind": {"x-data-class": "top"}}, "x-data-class cannot be told"),
    ],
)
def test_a_question_that_could_not_be_read_is_refused(properties: dict[str, Any], problem: str) -> None:
    schema = {**INLINE, "properties": {**INLINE["properties"], **properties}}  # type: ignore[dict-item] # as above
    document = {name: value for name, value in TRANSACTION.items() if name != "question"}
    cases = {"default": {"legal": ["APPROVE"], "declared": "APPROVE"}}
    with pytest.raises(Invalid, match=problem):
        parse_operation({**document, "question_schema": schema, "answers": {"cases": cases}})


def test_the_time_has_to_be_a_field_that_every_question_has() -> None:
    reported = problems(occurred_at={"pointer": "/context/card_id", "tolerance_seconds": 1})
    assert reported == ["/occurred_at/pointer: a required field of the question expected"]


def test_a_wrong_shape_is_named_field_by_field() -> None:
    assert [problem.split(":")[0] for problem in problems(deadline_ms="soon", record="later")] == [
        "/deadline_ms",
        "/record",
    ]


def test_a_manual_approval_needs_to_be_told_how_it_is_decided() -> None:
    document = {name: value for name, value in TRANSACTION.items() if name != "review"}
    with pytest.raises(Invalid) as raised:
        parse_operation(document)
    assert [str(problem) for problem in raised.value.problems] == [
        f"/answers/cases/{case}/legal: MANUAL_APPROVAL_NEEDED needs review, which says who decides"
        for case in ("authorisation", "adjustment", "settlement", "transfer")
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"expires_as": "ask"}, "/review/expires_as"),
        ({"expires_after_hours": 0}, "/review/expires_after_hours"),
        ({"four_eyes_above": {"euro": 1}}, "/review/four_eyes_above"),
        ({"four_eyes_above": {"EUR": -1}}, "/review/four_eyes_above/EUR"),
        ({"reasons": {"approve": ["YES"], "reject": []}}, "/review/reasons/reject"),
        ({"reasons": {"approve": ["yes"], "reject": ["NO"]}}, "/review/reasons/approve/0"),
        ({"reviewers": ["ana@bank.example"]}, "/review"),
    ],
)
def test_a_wrong_policy_for_reviews_is_told_by_its_field(changes: dict[str, Any], field: str) -> None:
    assert [problem.partition(":")[0] for problem in problems(review={**TRANSACTION["review"], **changes})] == [field]


def test_no_other_operation_has_to_speak_of_reviews() -> None:
    cases = {"cases": {"default": {"legal": ["APPROVE"], "declared": "APPROVE"}}}
    document = {name: value for name, value in TRANSACTION.items() if name != "review"}
    assert parse_operation({**document, "answers": cases}).review is None
