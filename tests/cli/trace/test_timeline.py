from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.trace.timeline import MAX_TRACES, Line, line_of, tell

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Held:
    """Lines in a list. Implements `cli.trace.timeline.Lines`."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines

    def of_operation(self, operation_id: str) -> list[Line]:
        return [line for line in self._lines if line.operation_id == operation_id]

    def of_traces(self, trace_ids: Sequence[str]) -> list[Line]:
        return [line for line in self._lines if line.trace_id in trace_ids]


def line(after: float, trace_id: str, operation_id: str | None = "op", **fields: Any) -> Line:
    return Line(START + timedelta(milliseconds=after), "INFO", "answer", "advice", trace_id, operation_id, fields)


def test_a_line_that_does_not_name_the_operation_is_found_by_its_trace() -> None:
    named, unnamed, other = line(0, "a"), line(5, "a", None), line(3, "b", None)

    [request] = tell("op", Held([unnamed, other, named]))

    assert (request.trace_id, list(request.lines)) == ("a", [named, unnamed])


def test_lines_are_in_order_of_when_they_began() -> None:
    called, caller = line(8, "a", took_ms=2), line(10, "a", took_ms=10.0)

    [request] = tell("op", Held([called, caller]))

    assert list(request.lines) == [caller, called]
    assert caller.began == START


def test_what_a_trace_tells_of_other_operations_is_left_out() -> None:
    mine, other = line(0, "a"), line(1, "a", "another")

    [request] = tell("op", Held([mine, other]))

    assert list(request.lines) == [mine]


def test_each_request_about_the_operation_is_told_the_oldest_first() -> None:
    requests = tell("op", Held([line(50, "second"), line(0, "first"), line(60, "second", None)]))

    assert [(request.trace_id, len(request.lines)) for request in requests] == [("first", 1), ("second", 2)]


def test_lines_without_a_trace_are_told_too() -> None:
    [request] = tell("op", Held([line(0, "")]))

    assert (request.trace_id, len(request.lines)) == ("", 1)


def test_of_very_many_requests_the_latest_are_told() -> None:
    requests = tell("op", Held([line(number, f"t{number}") for number in range(MAX_TRACES + 5)]))

    assert [request.trace_id for request in requests] == [f"t{number}" for number in range(5, MAX_TRACES + 5)]


def test_nothing_is_told_of_an_unknown_operation() -> None:
    assert tell("op", Held([line(0, "a", "another")])) == []


def test_a_logged_object_is_a_line() -> None:
    logged = {
        "time": "2026-03-01T12:00:00Z",
        "severity": "ERROR",
        "kind": "decision",
        "function": "risk_decision",
        "logging.googleapis.com/trace": "projects/p/traces/abc",
        "logging.googleapis.com/spanId": "1",
        "operation_id": "op",
        "score": 3,
    }

    assert line_of(logged) == Line(START, "ERROR", "decision", "risk_decision", "abc", "op", {"score": 3})


@pytest.mark.parametrize(
    "logged",
    [
        {},
        {"time": "yesterday", "kind": "a", "function": "b"},
        {"time": 5, "kind": "a", "function": "b"},
        {"time": "2026-03-01T12:00:00", "kind": "a", "function": "b"},
        {"time": "2026-03-01T12:00:00Z", "kind": 1, "function": "b"},
    ],
)
def test_what_no_function_logged_is_no_line(logged: dict[str, Any]) -> None:
    assert line_of(logged) is None


@given(
    st.lists(
        st.tuples(
            st.integers(0, 100), st.sampled_from(["", "a", "b"]), st.sampled_from([None, "op", "x"]), st.integers(0, 9)
        )
    )
)
def test_the_story_is_every_line_of_the_operation_and_of_its_traces_once(
    drawn: list[tuple[int, str, str | None, int]],
) -> None:
    lines = [line(after, trace_id, operation_id, n=n) for after, trace_id, operation_id, n in drawn]
    traces = {logged.trace_id for logged in lines if logged.operation_id == "op" and logged.trace_id}
    expected = {
        (logged.at, logged.trace_id, logged.operation_id, logged.fields["n"])
        for logged in lines
        if logged.operation_id == "op" or (logged.operation_id is None and logged.trace_id in traces)
    }

    collected = [logged for request in tell("op", Held(lines)) for logged in request.lines]

    assert {(logged.at, logged.trace_id, logged.operation_id, logged.fields["n"]) for logged in collected} == expected
