"""A command is parsed once, and whoever wrote it wrong reads which field is."""

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from shared.commands.command import MAX_BYTES, Command, parse, validated
from shared.errors import Invalid, Malformed, TooLarge
from shared.ids import OperationRef

ROOT = Path(__file__).parents[3]

COMMAND = Command(
    id="transaction.op-1.1.0",
    type="open_review",
    version=1,
    issued_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    issued_by="advice",
    not_after=datetime(2026, 1, 3, 3, 4, 5, tzinfo=UTC),
    payload={"client_id": "client-1", "reasons": ["NEW_PAYEE"], "rule_set": "transaction@3"},
    operation=OperationRef("transaction", "op-1", 1),
    traceparent="00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
)


def changed(**fields: object) -> bytes:
    return msgspec.json.encode({**msgspec.json.decode(COMMAND.encoded()), **fields})


def test_a_command_comes_back_as_it_was_sent() -> None:
    assert parse(COMMAND.encoded()) == COMMAND


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"type": "print_money"}, "/type"),
        ({"version": 99}, "/version"),
        ({"id": ""}, "/id"),
        ({"id": "a b"}, "/id"),
        ({"issued_at": "yesterday"}, "/issued_at"),
        ({"not_after": "2026-02-30T00:00:00Z"}, "/not_after"),
        ({"payload": {}}, "/payload/client_id"),
        ({"payload": {**COMMAND.payload, "reasons": ["lower"]}}, "/payload/reasons/0"),
        ({"operation": {"name": "transaction", "id": "op-1"}}, "/operation/attempt"),
        ({"surprise": 1}, ""),
    ],
)
def test_what_is_wrong_is_named_by_its_field(fields: dict[str, object], named: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse(changed(**fields))
    assert named in [problem.field for problem in caught.value.problems]


def test_a_command_that_is_made_here_is_checked_as_its_receiver_will() -> None:
    assert validated(COMMAND) == COMMAND
    with pytest.raises(Invalid, match="/payload/client_id"):
        validated(replace(COMMAND, payload={}))


def test_whoever_makes_a_command_has_it_validated() -> None:
    """The publisher and the outboxes do not check again."""
    made, unchecked = set(), set()
    for path in (path for folder in ("functions", "shared") for path in (ROOT / folder).rglob("*.py")):
        text = path.read_text()
        if path.name != "command.py" and re.search(r"(?<![\w.])Command\(", text):
            made.add(path.name)
            unchecked |= set() if "validated(" in text else {path.name}
    assert (made >= {"resolve_transaction.py"}, unchecked) == (True, set())


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff\xfe", b"{" * 1000])
def test_what_is_no_json_object_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse(data)


def test_what_is_larger_than_any_command_is_not_even_parsed() -> None:
    with pytest.raises(TooLarge):
        parse(b" " * (MAX_BYTES + 1))


def test_the_digest_is_of_what_is_to_be_done_alone() -> None:
    later = parse(changed(issued_at="2026-01-02T04:00:00Z", traceparent=""))
    other = parse(changed(payload={**COMMAND.payload, "client_id": "client-2"}))
    assert (later.digest() == COMMAND.digest(), other.digest() == COMMAND.digest()) == (True, False)
