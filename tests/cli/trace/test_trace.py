import asyncio
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from shared.embedded.sqlite_documents import SqliteDocuments
from shared.risk.answers import AnswerRecord, record_key
from shared.runtime.log import Log
from shared.storage.documents import Create
from shared.trace import Trace
from tests.cli.conftest import Cli
from tests.support.deadlines import plenty

TRACE = Trace("0af7651916cd43dd8448eb211c80319c", "00f067aa0ba902b7")


def write_logs(state: Path) -> None:
    """What `advice` and `risk_decision` say of one operation."""
    (state / "logs").mkdir(parents=True)
    for function, kind, fields in (
        (
            "risk_decision",
            "decision",
            {"advice": "REJECT", "score": 7, "took_ms": 1.5, "hits": ["[large]"], "features": {"client.x": 2}},
        ),
        ("advice", "answer", {"advice": "REJECT", "reasons": ["LARGE"], "recorded": False, "took_ms": 60_000}),
    ):
        stream = io.BytesIO()
        log = Log(function, project="bank", stream=stream)
        log.write(kind, "INFO", TRACE, operation="cards", operation_id="op-1", attempt=1, **fields)
        (state / "logs" / f"{function}.jsonl").write_bytes(stream.getvalue())


def write_record(state: Path) -> None:
    answer = msgspec.json.encode(
        {"advice": "REJECT", "reasons": ["LARGE"], "decided_by": "risk_function", "versions": {}}
    )
    stored = AnswerRecord(b"", answer, datetime(2026, 3, 1, tzinfo=UTC), [b'{"type":"open_review"}'])

    async def write() -> None:
        documents = SqliteDocuments(state / "documents.sqlite")
        create = Create(record_key("cards", "op-1", 1), msgspec.msgpack.encode(stored))
        await documents.commit([create], plenty())
        await documents.close()

    asyncio.run(write())


def test_the_story_runs_through_the_functions_to_the_record(cli: Cli, state: Path) -> None:
    write_logs(state)
    write_record(state)

    lines = cli("trace", "op-1").output.splitlines()

    stripped = [line.lstrip("│├└─ ") for line in lines]
    assert stripped[0] == "op-1"
    assert stripped[1].endswith(f"trace {TRACE.trace_id}")
    assert stripped[2] == "+0.0 ms  advice          answer  attempt 1  REJECT  took 60000 ms  not recorded  LARGE"
    assert stripped[3].endswith("risk_decision   decision  attempt 1  REJECT  score 7  took 1.5 ms")
    assert stripped[4:6] == ["hits: [large]", "features: client.x=2"]
    assert stripped[6] == "on record since 2026-03-01 00:00:00Z: REJECT  LARGE"
    assert stripped[-1] == "commands to be published: open_review"
    assert lines[3].index("+") > lines[2].index("+")


def test_scripts_get_lines_and_records(cli: Cli, state: Path) -> None:
    write_logs(state)
    write_record(state)

    story = json.loads(cli("trace", "op-1", "--json").output)

    assert [line["function"] for line in story["requests"][0]["lines"]] == ["advice", "risk_decision"]
    assert story["records"][0]["answer"]["advice"] == "REJECT"
    assert story["records"][0]["document"] == "answers/cards.op-1.1"


def test_a_missing_record_is_told(cli: Cli, state: Path) -> None:
    write_logs(state)

    assert cli("trace", "op-1").output.splitlines()[-1].endswith("no answer is on record")


def test_an_operation_nobody_knows_is_told_in_a_line(cli: Cli, state: Path) -> None:
    result = cli("trace", "op-2")

    assert (result.exit_code, result.output) == (
        1,
        "error: nothing is known of op-2: is this the store and the project you mean?\n",
    )


def test_what_cannot_be_an_id_is_not_searched_for(cli: Cli) -> None:
    result = cli("trace", 'x" OR "')

    assert (result.exit_code, result.output) == (
        1,
        "error: OPERATION_ID: letters, digits and ._:- expected, at most 128\n",
    )
