"""The strict reader, held equal to fastavro on whatever is well formed, and stricter on what is not."""

from io import BytesIO
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid, Malformed, Problem
from shared.events.avro.resolution import compile_decoder
from shared.events.avro.schema import Schema, parse
from tests.support.avro_generation import values

EVERYTHING = parse(
    {
        "type": "record", "name": "Everything", "namespace": "a",
        "fields": [
            {"name": "text", "type": "string"},
            {"name": "wide", "type": ["null", "string", "long", {"type": "enum", "name": "E", "symbols": ["A", "B"]}]},
            {"name": "again", "type": "E"},
            {"name": "int", "type": "int"},
            {"name": "braces", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            {"name": "float", "type": "float"},
            {"name": "double", "type": "double"},
            {"name": "flag", "type": "boolean"},
            {"name": "bytes", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
            {"name": "fixed", "type": {"type": "fixed", "name": "F", "size": 3}},
            {"name": "array", "type": {"type": "array", "items": {"type": "map", "values": ["long", "null"]}}},
            {"name": "inner", "type": ["null", {"type": "record", "name": "I", "fields": [
                {"name": "x", "type": "long"}, {"name": "same", "type": {"type": "array", "items": "F"}}]}]},
            {"name": "nothing", "type": "null"},
        ],
    }
)  # fmt: skip


def record(name: str, **fields: Any) -> dict[str, Any]:
    """A record of the given fields; a tuple has a type and a default."""
    given_fields = [
        {"name": key, "type": type_[0], "default": type_[1]}
        if isinstance(type_, tuple)
        else {"name": key, "type": type_}
        for key, type_ in fields.items()
    ]
    return {"type": "record", "name": name, "fields": given_fields}


def simple(**fields: Any) -> Schema:
    """The schema of such a record."""
    return parse(record("R", **fields))


def plain(schema: Any) -> Any:
    """A schema without logical types: records hold what is in the bytes."""
    if isinstance(schema, dict):
        return {key: plain(value) for key, value in schema.items() if key not in ("logicalType", "__fastavro_parsed__")}
    return [plain(branch) for branch in schema] if isinstance(schema, list) else schema


def written(schema: Schema, value: Any) -> bytes:
    body = BytesIO()
    fastavro.schemaless_writer(body, plain(schema.parsed), value)
    return body.getvalue()


def by_fastavro(writer: Schema, expected: Schema, data: bytes) -> Any:
    return fastavro.schemaless_reader(BytesIO(data), plain(writer.parsed), plain(expected.parsed))


def read(writer: Schema, expected: Schema, data: bytes) -> Any:
    value, end = compile_decoder(writer, expected)(data, 0)
    assert end == len(data)
    return value


@given(values(EVERYTHING))
def test_every_type_is_read_as_fastavro_reads_it(value: dict[str, Any]) -> None:
    data = written(EVERYTHING, value)
    assert read(EVERYTHING, EVERYTHING, data) == by_fastavro(EVERYTHING, EVERYTHING, data)


TWO_BYTES = {"type": "fixed", "name": "X", "size": 2}
PAIRS = {
    "a field less, one more, another order": (
        simple(a="string", b="long", gone={"type": "array", "items": "string"}, c="int"),
        simple(c="int", new=(["null", "string"], None), b="long", more=(TWO_BYTES, "ab")),
    ),
    "promotions": (
        simple(a="int", b="int", c="long", d="float", e="string", f="int"),
        simple(a="long", b="double", c="double", d="double", e="bytes", f="float"),
    ),
    "into a union": (simple(a="string", b="int"), simple(a=["null", "string"], b=["null", "string", "long"])),
    "out of a union": (
        simple(a=["null", "string"], b=["string", "long"]),
        simple(a=["string", "null"], b=["long", "string"]),
    ),
    "a symbol with a default": (
        simple(a={"type": "enum", "name": "E", "symbols": ["new", "x", "y"]}),
        simple(a={"type": "enum", "name": "E", "symbols": ["y", "x", "other"], "default": "other"}),
    ),
    "a record within": (
        simple(a=["null", record("I", x="int", z="string")]),
        simple(a=["null", record("I", y=("int", 7), x="long")]),
    ),
}


@pytest.mark.parametrize("case", PAIRS)
@given(data=st.data())
def test_another_version_is_read_as_fastavro_resolves_it(case: str, data: st.DataObject) -> None:
    writer, expected = PAIRS[case]
    body = written(writer, data.draw(values(writer)))
    decoded = by_fastavro(writer, expected, body)
    if case.startswith("a field less"):
        decoded["more"] = b"ab"  # fastavro leaves the default of bytes as text
    assert read(writer, expected, body) == decoded


def test_names_may_be_aliases() -> None:
    """The reader knows what a record and a field were called."""
    expected = parse(
        {"type": "record", "name": "New", "aliases": ["Old"],
         "fields": [{"name": "after", "type": "string", "aliases": ["before"]}]}
    )  # fmt: skip
    old = parse(record("Old", before="string"))
    assert read(old, expected, written(old, {"before": "x"})) == {"after": "x"}


@pytest.mark.parametrize(
    ("writer", "expected", "problem"),
    [
        (simple(a="string"), simple(a="long"), Problem("/a", "long expected, string was written")),
        (simple(a="long"), simple(a="int"), Problem("/a", "int expected, long was written")),
        (simple(a="string"), simple(a="string", b="long"), Problem("/b", "was never written, and has no default")),
        (parse(record("Other", a="string")), simple(a="string"), Problem("", "R expected, another name was written")),
        (
            simple(a=["null", "string"]),
            simple(a="long"),
            Problem("/a", "one of the types that are expected was never written"),
        ),
        (simple(a="boolean"), simple(a=["null", "long"]), Problem("/a", "a type other than boolean expected")),
        (
            simple(a={"type": "fixed", "name": "F", "size": 1}),
            simple(a={"type": "fixed", "name": "F", "size": 2}),
            Problem("/a", "2 bytes expected, 1 were written"),
        ),
    ],
)
def test_what_can_never_fit_is_told_before_a_record_comes(writer: Schema, expected: Schema, problem: Problem) -> None:
    with pytest.raises(Invalid) as caught:
        compile_decoder(writer, expected)
    assert list(caught.value.problems) == [problem]


def test_a_branch_or_symbol_that_does_not_fit_is_told_when_it_comes() -> None:
    """Those that do fit are read."""
    symbols = {"type": "enum", "name": "E", "symbols": ["x", "new"]}
    writer = simple(a=["null", "string"], b=symbols)
    expected = simple(a="string", b={**symbols, "symbols": ["x"]})
    assert read(writer, expected, written(writer, {"a": "t", "b": "x"})) == {"a": "t", "b": "x"}
    for value, field in (({"a": None, "b": "x"}, "/a"), ({"a": "t", "b": "new"}, "/b")):
        with pytest.raises(Malformed) as caught:
            read(writer, expected, written(writer, value))
        assert [problem.field for problem in caught.value.problems] == [field]


ENUM = {"type": "enum", "name": "E", "symbols": ["x", "y"]}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("string", b""),
        ("string", b"\x04a"),
        ("string", b"\x03aaaa"),
        ("string", b"\x02\xff"),
        ("string", b"\x82\x00a"),
        ("string", b"\xff\xff\xff\xff\xff\xff\xff\xff\x7fa"),
        ("boolean", b"\x02"),
        ("boolean", b""),
        ("long", b"\x80"),
        ("long", b"\x80\x00"),
        ("long", b"\xff" * 9 + b"\x02"),
        ("long", b"\xff" * 10 + b"\x01"),
        ("int", b"\xff\xff\xff\xff\x1f"),
        ("float", b"\x00\x00\x00"),
        ("double", b"\x00" * 7),
        ("bytes", b"\x08a"),
        ({"type": "fixed", "name": "F", "size": 2}, b"a"),
        (ENUM, b"\x01"),
        (ENUM, b"\x04"),
        (["null", "string"], b"\x01\x02a"),
        (["null", "string"], b"\x04"),
        (["string", "long"], b"\x01\x02"),
        ({"type": "array", "items": "string"}, b"\x02"),
        ({"type": "array", "items": "string"}, b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        ({"type": "array", "items": "null"}, b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        ({"type": "map", "values": "null"}, b"\x04\x00"),
    ],
)
def test_what_is_not_the_one_encoding_of_a_value_is_malformed(kind: Any, data: bytes) -> None:
    """Negative lengths, branches and symbols, numbers too long, ends too soon: several of these fastavro lets pass."""
    schema = simple(before="boolean", field=kind)
    with pytest.raises(Malformed) as caught:
        compile_decoder(schema, schema)(b"\x01" + data, 0)
    assert [problem.field for problem in caught.value.problems] == ["/field"]


def test_long_numbers_are_read_to_their_last_bit() -> None:
    schema = simple(a="long")
    for number in (0, -1, 63, -64, 64, 2**31, -(2**63), 2**63 - 1):
        assert read(schema, schema, written(schema, {"a": number})) == {"a": number}


@given(st.binary(max_size=60))
def test_whatever_comes_is_a_record_that_is_written_the_same_or_malformed(data: bytes) -> None:
    schema = simple(a="string", b=["null", "long"], c=ENUM, d="boolean", e="int")
    try:
        value, end = compile_decoder(schema, schema)(data, 0)
    except Malformed as error:
        assert all(problem.field and problem.message for problem in error.problems)  # noqa: PT017 - both ends are right
    else:
        assert written(schema, value) == data[:end]
