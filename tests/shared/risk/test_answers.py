"""Records of answers: one document for each attempt there may be."""

import pytest

from shared import schema_files
from shared.risk.answers import ATTEMPT_NUMBERS, record_key


@pytest.mark.parametrize("operation", ["transaction.v1", "payee_change.v1"])
def test_a_question_may_be_any_of_the_attempts_that_records_know(operation: str) -> None:
    schema = schema_files.load(f"json/operations/{operation}.json")
    attempt = schema["properties"]["attempt"]
    attempt = schema["$defs"][attempt["$ref"].rpartition("/")[2]] if "$ref" in attempt else attempt
    assert range(attempt["minimum"], attempt["maximum"] + 1) == ATTEMPT_NUMBERS


def test_a_record_can_be_asked_for_by_any_of_the_attempts() -> None:
    paths = schema_files.load("openapi/advice.v1.json")["paths"]
    [attempt] = [
        parameter["schema"]
        for item in paths.values()
        for parameter in item.get("get", {}).get("parameters", ())
        if parameter.get("name") == "attempt"
    ]
    assert range(attempt["minimum"], attempt["maximum"] + 1) == ATTEMPT_NUMBERS


def test_every_attempt_has_a_record_of_its_own() -> None:
    assert len({record_key("transaction", "T-1", attempt) for attempt in ATTEMPT_NUMBERS}) == len(ATTEMPT_NUMBERS)
