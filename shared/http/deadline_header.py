"""How long the caller can wait: `x-deadline-ms` travels on from the bank's request to the last call it causes."""

from collections.abc import Mapping

from shared.errors import Invalid, Problem

HEADER = "x-deadline-ms"

_MAX_DIGITS = 9


def parse(headers: Mapping[str, str]) -> float | None:
    """The caller's time limit in seconds, or `None` without one; raises `Invalid` for no number of milliseconds."""
    text = headers.get(HEADER)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS and int(text) > 0):
        raise Invalid(Problem(HEADER, "a whole number of milliseconds expected, from 1 to 999999999"))
    return int(text) / 1000
