"""What stands in for an answer that is not legal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.advice import Advice
from shared.risk.legal_answers import nearest_legal

APPROVE, REJECT = Advice.APPROVE, Advice.REJECT
STEPUP, MANUAL = Advice.STEPUP_NEEDED, Advice.MANUAL_APPROVAL_NEEDED


@pytest.mark.parametrize(
    ("advice", "legal", "expected"),
    [
        (STEPUP, {APPROVE, REJECT, MANUAL}, MANUAL),
        (STEPUP, {APPROVE, REJECT}, REJECT),
        (REJECT, {APPROVE, MANUAL}, MANUAL),
        (REJECT, {APPROVE}, APPROVE),
        (MANUAL, {APPROVE, REJECT, STEPUP}, REJECT),
        (MANUAL, {APPROVE, STEPUP}, STEPUP),
        (APPROVE, {REJECT, STEPUP}, STEPUP),
    ],
)
def test_the_next_stricter_stands_in_and_only_else_a_milder(
    advice: Advice, legal: set[Advice], expected: Advice
) -> None:
    assert nearest_legal(advice, legal) is expected


@given(st.sampled_from(Advice), st.sets(st.sampled_from(Advice), min_size=1))
def test_what_stands_in_is_legal_and_a_legal_answer_is_kept(advice: Advice, legal: set[Advice]) -> None:
    nearest = nearest_legal(advice, legal)
    assert nearest in legal
    assert (nearest is advice) is (advice in legal)
