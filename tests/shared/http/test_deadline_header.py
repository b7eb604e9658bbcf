"""The caller's time limit."""

import pytest

from shared.errors import Invalid
from shared.http.deadline_header import parse


def headers(text: str | None) -> dict[str, str]:
    return {} if text is None else {"x-deadline-ms": text}


@pytest.mark.parametrize(("text", "expected"), [(None, None), ("1", 0.001), ("250", 0.25), ("999999999", 999999.999)])
def test_milliseconds_become_seconds(text: str | None, expected: float | None) -> None:
    assert parse(headers(text)) == expected


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "soon", "1e3", "²", "1000000000", " 5"])
def test_what_is_no_number_of_milliseconds_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="x-deadline-ms"):
        parse(headers(text))
