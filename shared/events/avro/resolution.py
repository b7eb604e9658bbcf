"""Schema resolution: a decoder is compiled that reads what one schema wrote as another expects it.

The rules are Avro's own (https://avro.apache.org/docs/1.12.0/specification/#schema-resolution). What can never fit is
refused while compiling; what depends on the data (a symbol, a branch of a union that the reader lacks) by the decoder.
"""

from collections.abc import Callable, Mapping
from typing import Any

from shared.errors import Invalid, Problem
from shared.events.avro.composites import array, enum, map_, optional, record, refused, union
from shared.events.avro.primitives import PRIMITIVES, Decoder, fixed, null, wrong
from shared.events.avro.schema import Schema, kind

Names = Mapping[str, Mapping[str, Any]]

_WIDER = {("int", "long"), ("int", "float"), ("int", "double"), ("long", "float"), ("long", "double")}
_WIDER |= {("float", "double"), ("string", "bytes"), ("bytes", "string")}


def compile_decoder(writer: Schema, expected: Schema) -> Decoder:
    """The decoder of records written by `writer`: it gives dictionaries with every field of `expected`.

    Raises `Invalid` where the two do not fit. The decoder raises `Malformed`, naming the field, and nothing else.
    """
    return _Resolver(writer.names, expected.names).of(writer.parsed, expected.parsed)


class _Resolver:
    """Walks the writer's and the reader's schema together; fields in errors are relative to the type being resolved."""

    def __init__(self, written: Names, expected: Names) -> None:
        self._written = written
        self._expected = expected

    def of(self, writer: Any, reader: Any) -> Decoder:
        """The decoder of the type `writer` as the type `reader`. Raises `Invalid` where they do not fit."""
        writer, reader = _resolved(writer, self._written), _resolved(reader, self._expected)
        written, expected = kind(writer), kind(reader)
        if written == "union":
            return self._of_union(writer, reader)
        if expected == "union":
            return self._into_union(writer, reader)
        return self._of_one_kind(written, writer, reader) if written == expected else _widened(written, expected)

    def _of_one_kind(self, what: str, writer: Any, reader: Any) -> Decoder:
        if what in PRIMITIVES:
            return PRIMITIVES[what]
        if what == "array":
            return array(self.of(writer["items"], reader["items"]))
        if what == "map":
            return map_(self.of(writer["values"], reader["values"]))
        _same_name(writer, reader)
        if what == "record":
            return self._record(writer, reader)
        return _enum(writer, reader) if what == "enum" else _fixed(writer, reader)

    def _of_union(self, writer: list[Any], reader: Any) -> Decoder:
        branches = [self._attempt(part, reader) for part in writer]
        if all(branch is None for branch in branches):
            raise Invalid(Problem("", "one of the types that are expected was never written"))
        decoders = [
            branch or refused(f"a type other than {kind(part)} expected")
            for part, branch in zip(writer, branches, strict=True)
        ]
        return optional(decoders[1]) if len(decoders) == 2 and decoders[0] is null else union(decoders)

    def _into_union(self, writer: Any, reader: list[Any]) -> Decoder:
        """The first type of the same kind that fits, else the first that fits at all."""
        for part in sorted(reader, key=lambda part: kind(_resolved(part, self._expected)) != kind(writer)):
            decoder = self._attempt(writer, part)
            if decoder is not None:
                return decoder
        raise Invalid(Problem("", f"a type other than {kind(writer)} expected"))

    def _attempt(self, writer: Any, reader: Any) -> Decoder | None:
        try:
            return self.of(writer, reader)
        except Invalid:
            return None

    def _record(self, writer: Mapping[str, Any], reader: Mapping[str, Any]) -> Decoder:
        by_name = {name: field for field in reader["fields"] for name in (*field.get("aliases", ()), field["name"])}
        fields = [self._field(field, by_name.get(field["name"])) for field in writer["fields"]]
        written = {name for name, _ in fields}
        lacking = [field for field in reader["fields"] if field["name"] not in written]
        required = [field["name"] for field in lacking if "default" not in field]
        if required:
            raise Invalid(*(Problem(f"/{name}", "was never written, and has no default") for name in required))
        return record(fields, {field["name"]: self._default(field) for field in lacking})

    def _field(self, writer: Mapping[str, Any], reader: Mapping[str, Any] | None) -> tuple[str | None, Decoder]:
        """The reader's name of a field, or `None` where it has no such field, and the decoder of its value."""
        if reader is None:
            return None, _Resolver(self._written, self._written).of(writer["type"], writer["type"])
        try:
            return reader["name"], self.of(writer["type"], reader["type"])
        except Invalid as error:
            problems = (Problem(f"/{reader['name']}{inner.field}", inner.message) for inner in error.problems)
            raise Invalid(*problems) from error

    def _default(self, field: Mapping[str, Any]) -> Any:
        """A field's default as a decoded value; JSON writes that of bytes as text."""
        what = kind(_resolved(field["type"], self._expected))
        value = field["default"]
        return value.encode("latin-1") if what in {"bytes", "fixed"} else value


def _resolved(schema: Any, names: Names) -> Any:
    if isinstance(schema, dict) and isinstance(schema.get("type"), dict | list):
        schema = schema["type"]
    return names.get(schema, schema) if isinstance(schema, str) else schema


def _widened(written: str, expected: str) -> Decoder:
    if (written, expected) not in _WIDER:
        raise Invalid(Problem("", f"{expected} expected, {written} was written"))
    read = PRIMITIVES[written]
    if expected == "long":
        return read
    if expected in {"float", "double"}:
        return _through(read, float)
    return _through(read, str.encode if expected == "bytes" else _text)


def _through(decode: Decoder, change: Callable[[Any], Any]) -> Decoder:
    def read(data: bytes, at: int) -> tuple[Any, int]:
        value, at = decode(data, at)
        return change(value), at

    return read


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise wrong("UTF-8 expected") from None


def _enum(writer: Mapping[str, Any], reader: Mapping[str, Any]) -> Decoder:
    symbols, default = set(reader["symbols"]), reader.get("default")
    return enum([symbol if symbol in symbols else default for symbol in writer["symbols"]])


def _fixed(writer: Mapping[str, Any], reader: Mapping[str, Any]) -> Decoder:
    if writer["size"] != reader["size"]:
        raise Invalid(Problem("", f"{reader['size']} bytes expected, {writer['size']} were written"))
    return fixed(writer["size"])


def _same_name(writer: Mapping[str, Any], reader: Mapping[str, Any]) -> None:
    """Names match without their namespace, or by one of the reader's aliases."""
    short = writer["name"].rpartition(".")[2]
    if short != reader["name"].rpartition(".")[2] and not {short, writer["name"]} & set(reader.get("aliases", ())):
        raise Invalid(Problem("", f"{reader['name']} expected, another name was written"))
