"""JSON bodies."""

import pytest

from shared.errors import Malformed
from shared.http.json_body import json_object


@pytest.mark.parametrize("broken", [b"", b"{", b"\xff", b"[" * 100_000, b'"\\ud800"', b"NaN"])
def test_what_is_not_json_is_malformed(broken: bytes) -> None:
    with pytest.raises(Malformed, match="not JSON"):
        json_object(broken)


@pytest.mark.parametrize("other", [b"[]", b"1", b"null", b'"text"'])
def test_json_that_is_no_object_is_malformed(other: bytes) -> None:
    with pytest.raises(Malformed, match="not an object"):
        json_object(other)


def test_a_number_is_the_same_however_it_is_spelled() -> None:
    read = json_object(b'{"a": [1250, 1250.0, 1.25e3, 12.5], "b": 1e300}')
    assert repr(read) == "{'a': [1250, 1250, 1250, 12.5], 'b': 1e+300}"


def test_a_number_that_no_float_holds_is_not_read_as_another() -> None:
    with pytest.raises(Malformed):
        json_object(b'{"a": 1e400}')
