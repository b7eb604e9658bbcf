import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.trace import log_lines
from cli.trace.log_lines import CloudLines, FileLines
from shared.deadline import Deadline
from shared.errors import SlackerError
from shared.gcp.cloud_logging import CloudLogging
from tests.support.deadlines import plenty
from tests.support.scripted_server import Reply, json_reply, scripted

SINCE = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def logged(operation_id: str, trace_id: str, function: str = "advice") -> str:
    return json.dumps(
        {
            "time": "2026-03-01T12:00:00Z",
            "severity": "INFO",
            "kind": "answer",
            "function": function,
            "logging.googleapis.com/trace": f"projects/p/traces/{trace_id}",
            "operation_id": operation_id,
        }
    )


def test_files_are_searched_by_operation_and_by_trace(tmp_path: Path) -> None:
    (tmp_path / "advice.jsonl").write_text("\n".join([logged("op", "a"), logged("op-2", "b")]) + "\n")
    (tmp_path / "risk_decision.jsonl").write_text(logged("op-2", "a", "risk_decision") + "\n")
    (tmp_path / "advice.stderr.log").write_text(logged("op", "a"))
    lines = FileLines(tmp_path)

    assert [(line.function, line.trace_id) for line in lines.of_operation("op")] == [("advice", "a")]
    assert [(line.function, line.operation_id) for line in lines.of_traces(["a"])] == [
        ("advice", "op"),
        ("risk_decision", "op-2"),
    ]


def test_what_is_no_line_of_ours_is_passed_over(tmp_path: Path) -> None:
    torn = logged("op", "a")[:-9]
    (tmp_path / "advice.jsonl").write_text(
        "\n".join(["op", '{"op": ' + "[" * 200_000, '["op"]', '{"op": 1}', logged("op", "a"), torn])
    )

    assert len(FileLines(tmp_path).of_operation("op")) == 1


def test_no_files_are_no_lines(tmp_path: Path) -> None:
    assert FileLines(tmp_path / "none").of_operation("op") == []


def test_a_story_without_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_lines, "MAX_LINES", 3)
    (tmp_path / "advice.jsonl").write_text((logged("op", "a") + "\n") * 10)

    assert len(FileLines(tmp_path).of_operation("op")) == 3


ENTRY = {
    "timestamp": "2026-03-01T12:00:00.123456Z",
    "severity": "ERROR",
    "trace": "projects/bank/traces/abc",
    "spanId": "1",
    "jsonPayload": {"kind": "decision", "function": "risk_decision", "operation_id": "op", "score": 3},
}


def test_an_entry_of_cloud_logging_is_the_line_that_was_logged() -> None:
    text = {"timestamp": "2026-03-01T12:00:00Z", "textPayload": "a crash"}
    with scripted(json_reply({"entries": [ENTRY, text]})) as server:
        lines = CloudLines(CloudLogging("bank", lambda: "", server.url), SINCE, plenty())
        [line] = lines.of_operation("op")

    assert (line.kind, line.severity, line.trace_id, line.fields) == ("decision", "ERROR", "abc", {"score": 3})
    assert server.requests[0]["body"]["filter"] == (
        'jsonPayload.operation_id="op" AND timestamp>="2026-03-01T12:00:00+00:00"'
    )


def test_an_id_cannot_break_out_of_the_filter() -> None:
    with scripted(json_reply({})) as server:
        CloudLines(CloudLogging("bank", lambda: "", server.url), SINCE, plenty()).of_operation('x" OR "')

    assert server.requests[0]["body"]["filter"].startswith(r'jsonPayload.operation_id="x\" OR \"" AND')


def test_traces_are_asked_for_together_but_not_in_a_filter_too_long() -> None:
    with scripted(json_reply({"entries": [ENTRY]})) as server:
        lines = CloudLines(CloudLogging("bank", lambda: "", server.url), SINCE, plenty())
        received = lines.of_traces([f"{number:032x}" for number in range(50)])

    filters = [request["body"]["filter"] for request in server.requests]
    assert (len(received), len(filters)) == (3, 3)
    assert max(len(filter_) for filter_ in filters) < 20_000
    assert filters[0].startswith(f'trace=("projects/bank/traces/{0:032x}" OR "projects/bank/traces/{1:032x}"')


@pytest.mark.parametrize("behaviour", ["hang", "drip", "cut"])
def test_a_log_that_hangs_or_talks_nonsense_costs_the_deadline_and_no_more(behaviour: str) -> None:
    with scripted(Reply(b"{", behaviour=behaviour)) as server:
        lines = CloudLines(CloudLogging("bank", lambda: "", server.url), SINCE, Deadline.after(0.2))
        with pytest.raises(SlackerError):
            lines.of_operation("op")
