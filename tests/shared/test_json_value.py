"""JSON from elsewhere: numbers by their value, errors that name the field, whatever is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Malformed, Problem
from shared.json_value import NO_JSON, json_value


def test_a_number_is_the_same_however_it_is_spelled() -> None:
    assert repr(json_value("[3e6, 3000000.0, 3000000, 2.5]")) == "[3000000, 3000000, 3000000, 2.5]"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"amount": {"minor": 1e400}}', "/amount/minor"),
        ('{"a": [1, {"b/c": -1e999}]}', "/a/1/b~1c"),
        ("1e400", ""),
        ('{"a": ' + "9" * 5000 + "}", ""),
    ],
)
def test_a_number_out_of_range_is_named_by_its_field(text: str, field: str) -> None:
    with pytest.raises(Malformed) as refused:
        json_value(text)
    assert refused.value.problems == (Problem(field, "a number of at most 1.79e308 expected"),)


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b'{"a": "\xff"}', b"[" * 200_000, b"NaN", b'"\\ud800"', b"01"])
def test_what_is_no_json_raises_one_of_three_errors(text: bytes) -> None:
    with pytest.raises(NO_JSON):
        json_value(text)


@given(st.binary(max_size=40))
def test_nothing_raises_another_error(text: bytes) -> None:
    try:
        json_value(text)
    except (Malformed, *NO_JSON):
        pass
