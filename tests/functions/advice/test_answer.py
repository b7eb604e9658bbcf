"""A decision becomes an answer's bytes, and says itself whether the declared answer stands in."""

import json

import pytest

from functions.advice.answer import DecidedBy, Decision, FallbackReason, encode
from functions.advice.risk_functions import fallback
from shared import schema_files
from shared.advice import Advice
from shared.errors import Unavailable
from shared.json_schema import JsonSchema
from tests.support.builders.advice import NOW, question


@pytest.mark.parametrize("recorded", [True, False])
def test_the_bytes_keep_the_schema_of_answers(recorded: bool) -> None:
    decision = Decision(Advice.APPROVE, ("FINE",), DecidedBy.RISK_FUNCTION, {"operation": "transaction@1"})
    answer = json.loads(encode(question(), decision, NOW, recorded=recorded))
    JsonSchema(schema_files.load("json/advice/answer.v1.json")).validate(answer)
    assert (answer["operation_id"], answer["attempt"], answer["recorded"]) == ("op-1", 1, recorded)


def test_what_went_wrong_is_no_part_of_the_answer() -> None:
    calm, failed = (fallback(question(), FallbackReason.UNAVAILABLE, error) for error in (None, Unavailable("down")))
    assert encode(question(), failed, NOW, recorded=True) == encode(question(), calm, NOW, recorded=True)


@pytest.mark.parametrize("reason", FallbackReason)
def test_a_declared_answer_says_why_it_stands_in(reason: FallbackReason) -> None:
    assert fallback(question(), reason).failure is reason


@pytest.mark.parametrize("decided_by", [DecidedBy.RISK_FUNCTION, DecidedBy.SANDBOX])
def test_any_other_answer_stands_in_for_none(decided_by: DecidedBy) -> None:
    assert Decision(Advice.REJECT, ("RISK_FUNCTION_LATE",), decided_by, {}).failure is None
