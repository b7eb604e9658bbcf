"""W3C Trace Context, continued or begun."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.trace import Trace, child_of

RANDOM = bytes(range(24))
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"


def test_a_callers_trace_goes_on_with_a_span_of_our_own() -> None:
    assert child_of(PARENT, RANDOM) == Trace("4bf92f3577b34da6a3ce929d0e0e4736", "1011121314151617", "00")


def test_without_a_header_a_trace_begins() -> None:
    assert child_of(None, RANDOM) == Trace("000102030405060708090a0b0c0d0e0f", "1011121314151617", "01")


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "00",
        PARENT.upper(),
        PARENT.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32),
        PARENT.replace("00f067aa0ba902b7", "0" * 16),
        "ff" + PARENT[2:],
        PARENT + "x",
    ],
)
def test_a_broken_header_counts_as_none(broken: str) -> None:
    assert child_of(broken, RANDOM) == child_of(None, RANDOM)


def test_a_later_version_with_more_fields_is_understood() -> None:
    assert child_of("01" + PARENT[2:] + "-more", RANDOM).trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"


@given(st.text(max_size=80), st.binary(min_size=24, max_size=24))
def test_what_is_sent_on_is_always_read_back(header: str, random: bytes) -> None:
    trace = child_of(header, random)
    if set(trace.trace_id) != {"0"} and set(trace.span_id) != {"0"}:
        assert child_of(trace.traceparent(), RANDOM).trace_id == trace.trace_id
