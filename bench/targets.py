"""What is measured against its floor: functions with a bank behind them and fifty rules in force."""

import copy
import itertools
import json
import re
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import load
from bench.bank import bank, feed
from bench.baselines.metadata.main import token
from bench.servers import ROOT, Function
from shared.catalogue.bootstrap import publish_bundled
from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import OPERATIONS, RULE_SETS
from shared.catalogue.yaml_files import content
from shared.composition.ports import open_ports
from shared.deadline import Deadline
from shared.storage.documents import Create, Documents, Key

PROJECT = "slacker-bench"
"""The project in the emulator."""

RULES = 50

RECORDS = ("before_answer", "none")
"""The ways of keeping answers; the operation is published once for each, as `transaction_{record}`."""

_SEEDING = 60.0  # seconds
_MARK = "operation-id-here"  # as long as an id that takes its place: the length of the body stays
_LEGAL = ["APPROVE", "REJECT", "STEPUP_NEEDED", "MANUAL_APPROVAL_NEEDED"]


def empty(target: str, requests: Iterator[bytes], environment: Mapping[str, str] | None = None) -> Function:
    """One of the floors in `bench/baselines/`, asked the same."""
    return Function(target, ROOT / "bench" / "baselines" / target / "main.py", requests, environment or {})


def risk_decision(state: Path, documents: str = "") -> Function:
    """`risk_decision` on a prepared state directory, or on other `documents` (see `bench/composed`)."""
    source, target = ROOT / "functions" / "risk_decision", "risk_decision"
    if documents:
        source, target = ROOT / "bench" / "composed", "composed"
    environment = {**_local(state), "SLACKER_CALLERS": "advice@slacker.local", "SLACKER_BENCH_DOCUMENTS": documents}
    return Function(target, source / "main.py", risk_requests(), environment, (b'"rule_set":"transaction@1"',))


def advice(state: Path, record: str, deciding: int, metadata: int) -> Function:
    """`advice` before a `risk_decision` and a metadata server on those ports; `record` is one of `RECORDS`."""
    environment = {
        **_local(state),
        "SLACKER_RISK_FUNCTIONS": f"risk_decision=http://127.0.0.1:{deciding}/",
        "GCE_METADATA_HOST": f"127.0.0.1:{metadata}",
    }
    source = ROOT / "functions" / "advice" / "main.py"
    expected = (b'"decided_by":"risk_function"', b'"recorded":' + (b"false" if record == "none" else b"true"))
    return Function("advice", source, _advice_requests(f"transaction_{record}"), environment, expected)


def pushed_to(state: Path) -> dict[str, str]:
    """The environment of an event function on a prepared state directory; nothing listens for its dead letters."""
    broker = {"SLACKER_BROKER": "http://127.0.0.1:9", "GOOGLE_CLOUD_PROJECT": "bench"}
    return {**_local(state), **broker, "SLACKER_CALLERS": "push@slacker.local"}


def on_emulator(address: str) -> dict[str, str]:
    """What puts a function's documents into Firestore's emulator at `address`; its secrets stay where they are."""
    return {"SLACKER_BACKEND": "gcp", "FIRESTORE_EMULATOR_HOST": address, "GOOGLE_CLOUD_PROJECT": PROJECT}


def _advice_requests(operation: str) -> Iterator[bytes]:
    """What a bank service asks, each time about another operation."""
    headers = {"authorization": f"Bearer {token('payments@slacker.local')}", "x-deadline-ms": "10000"}
    questions = [{**question, "operation_id": _MARK} for question in bank().questions()]
    path = f"/v1/operations/{operation}/advice"
    requests = [load.post(path, json.dumps(question).encode(), headers) for question in questions]
    halves = [request.split(_MARK.encode()) for request in requests]
    run = secrets.token_hex(4)
    for number, (head, tail) in enumerate(itertools.cycle(halves)):
        yield b"%s%s-%08d%s" % (head, run.encode(), number, tail)


def risk_requests() -> Iterator[bytes]:
    """What `advice` asks, without end."""
    headers = {"authorization": f"Bearer {token('advice@slacker.local')}", "x-deadline-ms": "10000"}
    requests = [
        load.post("/", json.dumps(_risk_question(question)).encode(), headers) for question in bank().questions()
    ]
    return itertools.cycle(requests)


def _risk_question(question: dict[str, Any]) -> dict[str, Any]:
    return {
        "operation": "transaction",
        "operation_version": "transaction@1",
        "operation_id": question["operation_id"],
        "attempt": 1,
        "at": question["context"]["occurred_at"],
        "legal": _LEGAL,
        "question": question,
    }


def _local(state: Path) -> dict[str, str]:
    return {"SLACKER_ENVIRONMENT": "local", "SLACKER_STATE": str(state), "SLACKER_REPLAY": "on"}


async def prepare(state: Path) -> None:
    """Make a state directory: the features of the bank's clients, and fifty rules in force."""
    ports = open_ports(_local(state))
    deadline = Deadline.after(_SEEDING)
    try:
        await feed(bank(), ports.documents, await ports.tokens(deadline))
        catalogue = Catalogue(ports.documents, RULE_SETS)
        await publish_bundled(catalogue, _rule_sets(), now=datetime.now(UTC), deadline=deadline)
        operations = Catalogue(ports.documents, OPERATIONS)
        await publish_bundled(operations, _operations(), now=datetime.now(UTC), deadline=deadline)
    finally:
        await ports.close()


def _operations() -> dict[str, dict[str, Any]]:
    """The operation that ships, recorded or not, with time enough that no answer is the declared one."""
    shipped = content(ROOT / "functions" / "advice" / "operations" / "transaction.yaml")
    unrecorded = copy.deepcopy(shipped) | {"record": "none"}
    for case in unrecorded["answers"]["cases"].values():  # no review without a record
        case["legal"] = [advice for advice in case["legal"] if advice != "MANUAL_APPROVAL_NEEDED"]
    ways = {f"transaction_{operation['record']}": operation for operation in (shipped, unrecorded)}
    return {name: {**operation, "name": name, "deadline_ms": 10_000} for name, operation in ways.items()}


async def copy_to(documents: Documents, state: Path) -> None:
    """Put every document of a prepared state directory into another store."""
    with sqlite3.connect(state / "documents.sqlite") as source:
        rows = source.execute("SELECT collection, id, state FROM documents").fetchall()
    creates = [Create(Key(collection, name), content) for collection, name, content in rows]
    for start in range(0, len(creates), 100):
        await documents.commit(creates[start : start + 100], Deadline.after(_SEEDING))


def feature_names(state: Path) -> list[str]:
    """Four documents to read for each request, as `collection/id+collection/id+…`."""
    with sqlite3.connect(state / "documents.sqlite") as source:
        rows = source.execute("SELECT collection, id FROM documents WHERE collection LIKE 'features_%' LIMIT 400")
        names = [f"{collection}/{name}" for collection, name in rows]
    return ["+".join(names[start : start + 4]) for start in range(0, len(names) - 3, 4)]


def _rule_sets() -> dict[str, dict[str, Any]]:
    rule_set = _fifty_rules()
    names = ("transaction", *(f"transaction_{record}" for record in RECORDS))
    return {name: {**rule_set, "name": name, "operation": name} for name in names}


def _fifty_rules() -> dict[str, Any]:
    """The rule set that ships, filled up to fifty with its own rules at other limits."""
    rule_set = content(ROOT / "functions" / "risk_decision" / "rule_sets" / "transaction.yaml")
    rules = rule_set["rules"]
    for number, rule in enumerate(itertools.islice(itertools.cycle(list(rules)), RULES - len(rules))):
        other = {name: value for name, value in copy.deepcopy(rule).items() if name != "fixtures"}
        other["id"] = f"{rule['id']}_{number}_other"
        other["when"] = re.sub(r'(?<![\w."])[1-9]\d+(?![\w."])', lambda match: str(int(match[0]) + 1), rule["when"])
        rules.append(other)
    return rule_set
