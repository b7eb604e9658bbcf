"""An operation, published as a document: its question's schema, callers, risk function, deadline and fallback answers.

The shape is `schemas/json/operation.v1.json`; what a schema cannot say is checked here, when a version is published and
again when it is loaded.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Literal

import msgspec

from shared import schema_files
from shared.advice import Advice
from shared.errors import Invalid, NotFound, Problem
from shared.json_pointer import resolve, split
from shared.json_schema import JsonSchema
from shared.money import Money
from shared.privacy import data_classes
from shared.schema_fields import resolved

DEFAULT_CASE = "default"

REVIEWED_DAYS = 30
"""The minimum `retention_days` of an operation with reviews: a decision is carried out only while it is on record."""

_TYPES = {"operation_id": "string", "attempt": "integer", "previous_attempt": "integer"}


class Case(msgspec.Struct, frozen=True):
    """The legal answers of one case, by name, and the one given if the risk function does not decide in time."""

    legal: tuple[Advice, ...]
    fallback: Advice


Verdict = Literal["approve", "reject"]


class ReviewPolicy(msgspec.Struct, frozen=True):
    """How the reviews of an operation are decided: by how many people, for which reasons, and as what they expire.

    `four_eyes_above` is in minor units, by currency.
    """

    expires_after: timedelta
    expires_as: Verdict
    four_eyes_above: Mapping[str, int]
    reasons: Mapping[Verdict, tuple[str, ...]]

    def approvals(self, amount: Money | None) -> int:
        """How many people an approval takes: two above the limit, and where the currency or the amount has none."""
        limit = None if amount is None else self.four_eyes_above.get(amount.currency)
        return 1 if amount is not None and limit is not None and amount.minor <= limit else 2


class Operation(msgspec.Struct, frozen=True):
    """One version of an operation. Times are in seconds.

    `case_path`, `client_path` and `occurred_at_path` lead into the question; `tolerance` is how far `occurred_at` may
    be from now: beyond, the nearer end counts. `review` is there wherever MANUAL_APPROVAL_NEEDED is a legal answer.
    """

    name: str
    schema: Mapping[str, Any]
    checked: JsonSchema
    risk_function: str
    callers: frozenset[str]
    readers: frozenset[str]
    deadline: float
    reserve: float
    recorded: bool
    retention_days: int
    client_path: tuple[str, ...] | None
    occurred_at_path: tuple[str, ...]
    tolerance: float
    case_path: tuple[str, ...] | None
    cases: Mapping[str, Case]
    review: ReviewPolicy | None = None

    def case(self, question: Mapping[str, Any]) -> Case:
        """The case a valid question falls into."""
        value = resolve(question, self.case_path) if self.case_path is not None else None
        case = self.cases.get(value) if isinstance(value, str) else None
        return case if case is not None else self.cases[DEFAULT_CASE]


def parse_operation(document: Mapping[str, Any]) -> Operation:
    """The operation in a document of `schemas/json/operation.v1.json`; raises `Invalid` naming each field that is
    wrong.
    """
    JsonSchema(schema_files.load("json/operation.v1.json")).validate(document)
    schema = _question_schema(document)
    answers = document["answers"]
    cases = {name: _case(case) for name, case in answers["cases"].items()}
    case_path = split(answers["by"]) if "by" in answers else None
    occurred_at = document["occurred_at"]
    operation = Operation(
        name=document["name"],
        schema=schema,
        checked=JsonSchema(schema),
        risk_function=document["risk_function"],
        callers=_emails(document["callers"]),
        readers=_emails(document.get("readers", ())),
        deadline=document["deadline_ms"] / 1000,
        reserve=document["reserve_ms"] / 1000,
        recorded=document["record"] == "before_answer",
        retention_days=document["retention_days"],
        client_path=split(document["client"]) if "client" in document else None,
        occurred_at_path=split(occurred_at["pointer"]),
        tolerance=float(occurred_at["tolerance_seconds"]),
        case_path=case_path,
        cases=cases,
        review=_review(document["review"]) if "review" in document else None,
    )
    problems = [*_case_problems(operation), *_schema_problems(document, schema)]
    if operation.reserve >= operation.deadline:
        problems.append(Problem("/reserve_ms", "leaves no time to ask: less than deadline_ms expected"))
    if problems:
        raise Invalid(*problems)
    return operation


def self_contained(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as it is published, its question's schema inside: it means the same wherever it is read."""
    published = {name: value for name, value in document.items() if name != "question"}
    published["question_schema"] = _question_schema(document)
    return published


def _question_schema(document: Mapping[str, Any]) -> Mapping[str, Any]:
    inline = document.get("question_schema")
    if inline is not None:
        return dict(inline)
    try:
        schema: Mapping[str, Any] = schema_files.load(f"json/operations/{document['question']}.json")
    except (FileNotFoundError, ValueError) as error:
        raise NotFound(f"there is no schemas/json/operations/{document['question']}.json") from error
    return schema


def _emails(addresses: Iterable[str]) -> frozenset[str]:
    """Addresses as tokens carry them, whose case means nothing."""
    return frozenset(address.lower() for address in addresses)


def _review(document: Mapping[str, Any]) -> ReviewPolicy:
    return ReviewPolicy(
        expires_after=timedelta(hours=document["expires_after_hours"]),
        expires_as=document["expires_as"],
        four_eyes_above=document["four_eyes_above"],
        reasons={verdict: tuple(reasons) for verdict, reasons in document["reasons"].items()},
    )


def _case(document: Mapping[str, Any]) -> Case:
    return Case(tuple(sorted({Advice(advice) for advice in document["legal"]})), Advice(document["declared"]))


def _case_problems(operation: Operation) -> list[Problem]:
    problems = []
    for name, case in operation.cases.items():
        where = f"/answers/cases/{name}"
        if case.fallback not in case.legal:
            problems.append(Problem(f"{where}/declared", "one of this case's legal answers expected"))
        if case.fallback is Advice.MANUAL_APPROVAL_NEEDED:
            problems.append(
                Problem(f"{where}/declared", "a review needs a risk function to open it: another answer expected")
            )
        if Advice.MANUAL_APPROVAL_NEEDED in case.legal and not operation.recorded:
            problems.append(Problem(f"{where}/legal", "MANUAL_APPROVAL_NEEDED needs record: before_answer"))
        if Advice.MANUAL_APPROVAL_NEEDED in case.legal and operation.review is None:
            problems.append(Problem(f"{where}/legal", "MANUAL_APPROVAL_NEEDED needs review, which says who decides"))
    reviewed = any(Advice.MANUAL_APPROVAL_NEEDED in case.legal for case in operation.cases.values())
    if reviewed and operation.retention_days < REVIEWED_DAYS:
        message = f"at least {REVIEWED_DAYS} expected: what a review decided is done only while it is on record"
        problems.append(Problem("/retention_days", message))
    if DEFAULT_CASE not in operation.cases:
        path = operation.case_path
        field = required_field(operation.schema, path) if path is not None else None
        values = frozenset(field["enum"]) if field is not None and "enum" in field else None
        missing = sorted(values - operation.cases.keys()) if values is not None else [DEFAULT_CASE]
        problems += [Problem(f"/answers/cases/{name}", "is required, or a case named default") for name in missing]
    return problems


def required_field(schema: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any] | None:
    """The schema of the field at `path`, if every valid question has it."""
    root = schema
    for part in path:
        if part not in schema.get("required", ()) or part not in schema.get("properties", {}):
            return None
        schema = resolved(root, schema["properties"][part])
    return schema


def _schema_problems(document: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Problem]:
    field = "/question_schema" if "question_schema" in document else "/question"
    try:
        classes = data_classes(schema)
    except (AttributeError, LookupError, RecursionError, ValueError):
        return [
            Problem(field, "each field's x-data-class cannot be told: no circles, references like #/$defs/name alone")
        ]
    problems = [
        Problem(field, f"{pointer} declares no x-data-class")
        for pointer, declared in classes.items()
        if declared is None
    ]
    properties = schema.get("properties", {})
    problems += [
        Problem(field, f"/{name} of type {kind} expected")
        for name, kind in _TYPES.items()
        if name in properties and resolved(schema, properties[name]).get("type") != kind
    ]
    required = schema.get("required", ())
    if "operation_id" not in required or schema.get("additionalProperties") is not False:
        problems.append(Problem(field, "operation_id required, and additionalProperties: false, expected"))
    if required_field(schema, split(document["occurred_at"]["pointer"])) is None:
        problems.append(Problem("/occurred_at/pointer", "a required field of the question expected"))
    return problems
