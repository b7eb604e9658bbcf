"""One function reads what one schema wrote as what another expects: how they fit is settled once, not for each record.

The rules are Avro's own (https://avro.apache.org/docs/1.12.0/specification/#schema-resolution). What can never fit is
refused here; what depends on the data (a symbol, a branch of a union that the reader lacks) is refused when it comes.
"""

from collections.abc import Callable, Mapping
from typing import Any

from shared.avro.composites import array, enum, map_, optional, record, refused, union
from shared.avro.primitives import PRIMITIVES, Reading, fixed, null, wrong
from shared.avro.schema import Schema, kind
from shared.errors import Invalid, Problem

Names = Mapping[str, Mapping[str, Any]]

_WIDER = {("int", "long"), ("int", "float"), ("int", "double"), ("long", "float"), ("long", "double")}
_WIDER |= {("float", "double"), ("string", "bytes"), ("bytes", "string")}


def reader(writer: Schema, expected: Schema) -> Reading:
    """The reading of records written by `writer`, as `expected` has them: dictionaries with every field of it.

    Raises `Invalid` where the two do not fit. The reading raises `Malformed`, naming the field, and nothing else.
    """
    return _Fit(writer.names, expected.names).of(writer.parsed, expected.parsed)


class _Fit:
    """The walk over two schemas at once; a field in an error is relative to where the walk is."""

    def __init__(self, written: Names, expected: Names) -> None:
        self._written = written
        self._expected = expected

    def of(self, w: Any, r: Any) -> Reading:
        """The reading of `w` as `r`. Raises `Invalid`."""
        w, r = _resolved(w, self._written), _resolved(r, self._expected)
        written, wanted = kind(w), kind(r)
        if written == "union":
            return self._of_union(w, r)
        if wanted == "union":
            return self._into_union(w, r)
        return self._of_one_kind(written, w, r) if written == wanted else _widened(written, wanted)

    def _of_one_kind(self, what: str, w: Any, r: Any) -> Reading:
        if what in PRIMITIVES:
            return PRIMITIVES[what]
        if what == "array":
            return array(self.of(w["items"], r["items"]))
        if what == "map":
            return map_(self.of(w["values"], r["values"]))
        _same_name(w, r)
        if what == "record":
            return self._record(w, r)
        return _enum(w, r) if what == "enum" else _fixed(w, r)

    def _of_union(self, w: list[Any], r: Any) -> Reading:
        branches = [self._attempt(part, r) for part in w]
        if all(branch is None for branch in branches):
            raise Invalid(Problem("", "one of the types that are expected was never written"))
        readings = [branch or refused(f"a type other than {kind(w[i])} expected") for i, branch in enumerate(branches)]
        return optional(readings[1]) if len(readings) == 2 and readings[0] is null else union(readings)

    def _into_union(self, w: Any, r: list[Any]) -> Reading:
        """The first type of the same kind that fits, else the first that fits at all."""
        for part in sorted(r, key=lambda part: kind(_resolved(part, self._expected)) != kind(w)):
            reading = self._attempt(w, part)
            if reading is not None:
                return reading
        raise Invalid(Problem("", f"a type other than {kind(w)} expected"))

    def _attempt(self, w: Any, r: Any) -> Reading | None:
        try:
            return self.of(w, r)
        except Invalid:
            return None

    def _record(self, w: Mapping[str, Any], r: Mapping[str, Any]) -> Reading:
        wanted = {name: field for field in r["fields"] for name in (*field.get("aliases", ()), field["name"])}
        fields = [self._field(field, wanted.get(field["name"])) for field in w["fields"]]
        found = {name for name, _ in fields}
        lacking = [field for field in r["fields"] if field["name"] not in found]
        required = [field["name"] for field in lacking if "default" not in field]
        if required:
            raise Invalid(*(Problem(f"/{name}", "was never written, and has no default") for name in required))
        return record(fields, {field["name"]: self._default(field) for field in lacking})

    def _field(self, w: Mapping[str, Any], r: Mapping[str, Any] | None) -> tuple[str | None, Reading]:
        """The reader's name of a field, and its reading; without a name, that which skips it."""
        if r is None:
            return None, _Fit(self._written, self._written).of(w["type"], w["type"])
        try:
            return r["name"], self.of(w["type"], r["type"])
        except Invalid as error:
            problems = (Problem(f"/{r['name']}{each.field}", each.message) for each in error.problems)
            raise Invalid(*problems) from error

    def _default(self, field: Mapping[str, Any]) -> Any:
        """A default as a value; that of bytes is written as text in JSON."""
        what = kind(_resolved(field["type"], self._expected))
        value = field["default"]
        return value.encode("latin-1") if what in {"bytes", "fixed"} else value


def _resolved(schema: Any, names: Names) -> Any:
    if isinstance(schema, dict) and isinstance(schema.get("type"), dict | list):
        schema = schema["type"]
    return names.get(schema, schema) if isinstance(schema, str) else schema


def _widened(written: str, wanted: str) -> Reading:
    if (written, wanted) not in _WIDER:
        raise Invalid(Problem("", f"{wanted} expected, {written} was written"))
    read = PRIMITIVES[written]
    if wanted == "long":
        return read
    if wanted in {"float", "double"}:
        return _through(read, float)
    return _through(read, str.encode if wanted == "bytes" else _text)


def _through(reading: Reading, change: Callable[[Any], Any]) -> Reading:
    def read(data: bytes, at: int) -> tuple[Any, int]:
        value, at = reading(data, at)
        return change(value), at

    return read


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise wrong("UTF-8 expected") from None


def _enum(w: Mapping[str, Any], r: Mapping[str, Any]) -> Reading:
    known, otherwise = set(r["symbols"]), r.get("default")
    return enum([symbol if symbol in known else otherwise for symbol in w["symbols"]])


def _fixed(w: Mapping[str, Any], r: Mapping[str, Any]) -> Reading:
    if w["size"] != r["size"]:
        raise Invalid(Problem("", f"{r['size']} bytes expected, {w['size']} were written"))
    return fixed(w["size"])


def _same_name(w: Mapping[str, Any], r: Mapping[str, Any]) -> None:
    """Names match without their namespace, or by one of the reader's aliases."""
    short = w["name"].rpartition(".")[2]
    if short != r["name"].rpartition(".")[2] and not {short, w["name"]} & set(r.get("aliases", ())):
        raise Invalid(Problem("", f"{r['name']} expected, another name was written"))
