"""What features need to know of a question."""

from typing import Any

import pytest

from shared.privacy import Pseudonymiser
from shared.risk.features.inputs import of_question

TOKENS = Pseudonymiser(b"k" * 32, 1)


@pytest.mark.parametrize(
    "question",
    [
        {"context": "shop", "posting": [], "change": 1},
        {"context": {"client_id": 7, "merchant": "shop", "place": {"latitude": "far"}, "payee": "me"}},
        {"posting": {"amount": 100, "account_id": None}},
    ],
)
def test_what_an_operation_has_in_another_shape_tells_nothing(question: dict[str, Any]) -> None:
    assert of_question(question, TOKENS) == of_question({}, TOKENS)
