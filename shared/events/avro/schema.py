"""A parsed Avro schema with its named types and its fingerprint.

Refused are recursive schemas (a body of a few bytes could nest without end) and ones larger than people write.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import msgspec
from fastavro.schema import (
    SchemaParseException,
    UnknownType,
    fingerprint,
    parse_schema,
    to_parsing_canonical_form,
)

from shared.errors import Invalid, Malformed, Problem

MAX_CHARACTERS = 1_000_000
"""Of a schema's JSON."""

MAX_DEPTH = 32
"""Levels of types within types."""

_NO_SCHEMA = (SchemaParseException, UnknownType, TypeError, ValueError, KeyError, AttributeError, RecursionError)
_NAMED = {"record", "enum", "fixed", "error"}


class Schema(msgspec.Struct, frozen=True, dict=True):
    """A record's schema: `parsed` with full names in it, and `names`, what each full name stands for."""

    parsed: Mapping[str, Any]
    names: Mapping[str, Mapping[str, Any]]

    @property
    def name(self) -> str:
        """The record's full name."""
        return str(self.parsed["name"])

    @cached_property
    def fingerprint(self) -> bytes:
        """CRC-64-AVRO (Rabin) of the parsing canonical form: 8 bytes, little-endian, as a single-object header has
        them.
        """
        return bytes.fromhex(fingerprint(to_parsing_canonical_form(dict(self.parsed)), "CRC-64-AVRO"))


def kind(schema: Any) -> str:
    """A type's kind: a primitive's name, `record`, `enum`, `fixed`, `array`, `map`, `union`, or the name of one."""
    if isinstance(schema, str):
        return schema
    return "union" if isinstance(schema, list) else str(schema["type"])


def parse(document: Any) -> Schema:
    """The schema in a parsed JSON document. Raises `Invalid` for what is none, or is refused here."""
    try:
        parsed: Any = parse_schema(document)
    except _NO_SCHEMA as error:
        raise Invalid(Problem("", f"an Avro schema expected: {type(error).__name__}")) from error
    if kind(parsed) != "record":
        raise Invalid(Problem("", "the schema of a record expected"))
    names: dict[str, Mapping[str, Any]] = {}
    _collect(parsed, names, frozenset(), 1)
    return Schema(parsed, names)


def parse_json(text: str | bytes) -> Schema:
    """The schema in a text of JSON. Raises `Malformed` for what is no JSON or too long, and as `parse`."""
    if len(text) > MAX_CHARACTERS:
        raise Malformed(Problem("", f"a schema of at most {MAX_CHARACTERS} characters expected"))
    try:
        return parse(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise Malformed(Problem("", "JSON expected")) from error


def _collect(schema: Any, names: dict[str, Mapping[str, Any]], around: frozenset[str], depth: int) -> None:
    """Note the named types in `schema`, which stands inside the types of the names `around`."""
    if depth > MAX_DEPTH:
        raise Invalid(Problem("", f"at most {MAX_DEPTH} levels expected"))
    what = kind(schema)
    if what in around:
        raise Invalid(Problem("", "a schema that does not contain itself expected"))
    if what in names and isinstance(schema, str):
        _collect(names[what], names, around, depth)  # a type used again may hold one that it stands in
    elif what in _NAMED:
        names[schema["name"]] = schema
        inside = around | {schema["name"]}
        for field in schema.get("fields", ()):
            _collect(field["type"], names, inside, depth + 1)
    else:
        for part in _parts(schema, what):
            _collect(part, names, around, depth + 1)


def _parts(schema: Any, what: str) -> list[Any]:
    if what == "union":
        return list(schema)
    if what == "array":
        return [schema["items"]]
    return [schema["values"]] if what == "map" else []
