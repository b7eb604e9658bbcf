"""Schemas that can be worked with, and those that cannot."""

from typing import Any

import pytest

from shared.errors import Invalid
from shared.events.avro.schema import parse, parse_json


def record(*types: Any) -> dict[str, Any]:
    return {
        "type": "record",
        "name": "R",
        "fields": [{"name": f"f{i}", "type": type_} for i, type_ in enumerate(types)],
    }


def deep(levels: int) -> Any:
    nested: Any = "string"
    for _ in range(levels):
        nested = {"type": "array", "items": nested}
    return nested


@pytest.mark.parametrize(
    "document",
    [
        None, 7, "string", [], {}, {"type": "record"}, {"type": "enum", "name": "E", "symbols": ["a"]},
        record("unheard"), record("R"), record(["null", "R"]), record({"type": "array", "items": "R"}),
        record({"type": "record", "name": "Inner", "fields": [{"name": "x", "type": ["null", "Inner"]}]}),
        record(deep(40)), record(deep(3_000)), {"type": "record", "name": "R", "fields": 3},
        {"type": "record", "name": "R", "fields": [3]},
    ],
)  # fmt: skip
def test_what_is_no_schema_of_a_record_or_contains_itself_is_refused(document: Any) -> None:
    with pytest.raises(Invalid):
        parse(document)


def test_a_type_may_be_used_twice() -> None:
    """Only inside itself it may not."""
    inner = {"type": "record", "name": "Inner", "fields": [{"name": "x", "type": "long"}]}
    assert set(parse(record(inner, "Inner", ["null", "Inner"])).names) == {"R", "Inner"}


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"a": ' * 50_000, " " * 1_000_001, b"\xff"])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(Invalid):
        parse_json(text)


def test_a_fingerprint_is_as_single_object_headers_have_it() -> None:
    """Little-endian, over the parsing canonical form: https://avro.apache.org/docs/1.12.0/specification/"""
    canonical = parse_json('{"name":"R","type":"record","fields":[{"name":"f0","type":"string"}]}')
    documented = parse({**record("string"), "doc": "Words change nothing."})
    assert documented.fingerprint == canonical.fingerprint
    assert documented.fingerprint == _rabin(b'{"name":"R","type":"record","fields":[{"name":"f0","type":"string"}]}')


def _rabin(data: bytes) -> bytes:
    """The specification's own algorithm."""
    empty = 0xC15D213AA4D7A795
    table = []
    for byte in range(256):
        fingerprint = byte
        for _ in range(8):
            fingerprint = (fingerprint >> 1) ^ (empty & -(fingerprint & 1))
        table.append(fingerprint)
    fingerprint = empty
    for byte in data:
        fingerprint = (fingerprint >> 8) ^ table[(fingerprint ^ byte) & 0xFF]
    return fingerprint.to_bytes(8, "little")
