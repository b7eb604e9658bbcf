"""The audit's lines are matching by the numbers they name, in files of one machine as in Cloud Logging."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from shared.audit.anchors import EVER, AuditLines
from shared.deadline import Deadline
from shared.embedded.file_audit_lines import FileAuditLines
from shared.errors import Transient
from shared.gcp.cloud_audit_lines import CloudAuditLines
from shared.http.service_client import ServiceClient
from tests.support.deadlines import plenty

VIEW = "projects/bank/locations/europe-west1/buckets/slacker-audit/views/_AllLogs"
LINES: list[dict[str, Any]] = [
    *(
        {"kind": "audit", "function": "operator_api", "sequence": number, "hash": f"h{number}"}
        for number in range(1, 8)
    ),
    {"kind": "audit_head", "function": "scheduled_work", "sequence": 5, "hash": "h5", "statement": "a.b.c"},
    {"kind": "audit", "function": "scheduled_work", "sequence": 8, "hash": "h8"},
    {"kind": "answer", "function": "operator_api", "sequence": 3},
    {"kind": "audit", "function": "advice", "sequence": 4, "hash": "anybody may say anything"},
]


async def logging(request: web.Request) -> web.Response:
    """Plays `entries:list`: a filter of comparisons joined by AND, and pages of two entries."""
    query = await request.json()
    assert request.path == "/v2/entries:list"
    assert query["resourceNames"] == [VIEW]
    services = re.search(r"service_name=\((.*?)\)", query["filter"])
    kinds = re.search(r"jsonPayload.kind=\((.*?)\)", query["filter"])
    first, last = re.findall(r"sequence[<>]=(\d+)", query["filter"])
    assert services is not None
    assert kinds is not None
    matching = [
        line
        for line in LINES
        if line["function"].replace("_", "-") in services[1]
        and f'"{line["kind"]}"' in kinds[1]
        and int(first) <= line["sequence"] <= int(last)
    ]
    start = int(query["pageToken"] or 0)
    rest = {"nextPageToken": str(start + 2)} if start + 2 < len(matching) else {}
    entries = [{"jsonPayload": {**line, "sequence": float(line["sequence"])}} for line in matching[start : start + 2]]
    return web.json_response({"entries": entries, **rest} if entries else rest)


@pytest.fixture(params=["files", "cloud"])
async def lines(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AuditLines]:
    if request.param == "files":
        for line in LINES:
            with (tmp_path / f"{line['function']}.jsonl").open("a") as file:
                file.write(json.dumps(line, separators=(",", ":")) + "\n")
        with (tmp_path / "operator_api.jsonl").open("a") as file:
            file.write('{"kind":"audit","sequence":3,"ha')  # it is being written
        yield FileAuditLines(tmp_path, ["operator_api", "scheduled_work", "another"])
        return

    async def authorise(_: Deadline) -> Mapping[str, str]:
        return {}

    application = web.Application()
    application.router.add_post("/v2/{method}", logging)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    client = ServiceClient("Cloud Logging", f"http://127.0.0.1:{runner.addresses[0][1]}", authorise)
    yield CloudAuditLines(client, VIEW, ["operator-api", "scheduled-work"])
    await client.close()
    await runner.cleanup()


def numbers(matching: Any) -> list[tuple[str, int]]:
    return sorted((line["kind"], int(line["sequence"])) for line in matching)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (1, 2, [("audit", 1), ("audit", 2)]),
        (3, 6, [("audit", 3), ("audit", 4), ("audit", 5), ("audit", 6), ("audit_head", 5)]),
        (8, EVER, [("audit", 8)]),
        (9, EVER, []),
        (5, 4, []),
    ],
)
async def test_the_lines_about_entries_in_a_range_are_found(
    lines: AuditLines, first: int, last: int, expected: list[tuple[str, int]]
) -> None:
    assert numbers(await lines.between(first, last, plenty())) == expected


async def test_without_time_nothing_is_read(lines: AuditLines) -> None:
    with pytest.raises(Transient):
        await lines.between(1, 2, Deadline.after(-1))
