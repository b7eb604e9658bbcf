"""A pointer into a bank's records, checked against the bank's schema once and followed in each record."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from shared.events.avro.fields import mismatch
from shared.events.avro.schema import Schema, kind
from shared.json_pointer import split
from shared.suggestions import did_you_mean

_SIMPLE = {"string", "int", "long", "double", "boolean", "enum"}


class FieldPath(msgspec.Struct, frozen=True):
    """The path to one value. `kind` is the value's type: `string`, `int`, `long`, `double`, `boolean`, `enum` (with its
    `symbols`) or `decimal` (with its `scale`); `logical` is the logical type that the schema declares, if any.

    `get` takes the value out of a record; `None` where it, or a record on the way to it, is absent.
    """

    pointer: str
    kind: str
    logical: str | None
    scale: int
    get: Callable[[Mapping[str, Any]], Any]
    symbols: tuple[str, ...] = ()

    def is_one_of(self, *kinds: str) -> bool:
        """Whether the value is of one of those kinds."""
        return self.kind in kinds


def resolve(schema: Schema, pointer: str) -> FieldPath:
    """The path at `pointer` in records of `schema`. Raises `Invalid` where it leads nowhere, or to another type."""
    path = split(pointer)
    at: Any = schema.parsed
    for name in path:
        at = _step(schema, _present(schema, at), name, pointer)
    at = _present(schema, at)
    what = kind(at)
    logical = at.get("logicalType") if isinstance(at, dict) else None
    if what in {"bytes", "fixed"} and logical == "decimal":
        return FieldPath(pointer, "decimal", logical, at.get("scale", 0), _getter(path))
    if what not in _SIMPLE:
        raise mismatch(f"{pointer} is a {what}: text, a number, a decimal or a boolean expected")
    symbols = tuple(at["symbols"]) if what == "enum" else ()
    return FieldPath(pointer, what, logical, 0, _getter(path), symbols)


def _present(schema: Schema, at: Any) -> Any:
    """The type that a name, a union with null or a nested type stands for; raises `Invalid` for a wider union."""
    if isinstance(at, str):
        return schema.names.get(at, at)
    if isinstance(at, list):
        others = [part for part in at if part != "null"]
        if len(others) != 1:
            raise mismatch("a union of null and one other type expected")
        return _present(schema, others[0])
    return _present(schema, at["type"]) if isinstance(at["type"], dict | list) else at


def _step(schema: Schema, at: Any, name: str, pointer: str) -> Any:
    if kind(at) == "map":
        return at["values"]
    if kind(at) == "record":
        for field in at["fields"]:
            if field["name"] == name:
                return field["type"]
    names = [field["name"] for field in at["fields"]] if kind(at) == "record" else []
    raise mismatch(f"{pointer} leads nowhere in {schema.name}{did_you_mean(name, names)}")


def _getter(path: tuple[str, ...]) -> Callable[[Mapping[str, Any]], Any]:
    *way, last = path

    def get(record: Mapping[str, Any]) -> Any:
        at: Any = record
        for name in way:
            at = at.get(name)
            if at is None:
                return None
        return at.get(last)

    return get
