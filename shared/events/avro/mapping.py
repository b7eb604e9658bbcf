"""Compiles a mapping, a document that says how a bank's own record becomes the record of an event.

Its form is `schemas/json/mapping.v1.json`. A mapping is checked when it is compiled: that pointers lead somewhere in
the bank's schema, that conversions fit, that events have the fields. Converting a record then only depends on its
values. Text is stripped of blanks around it, and is absent where nothing else is in it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from shared import schema_files
from shared.errors import Invalid, Problem
from shared.events.avro import conversions
from shared.events.avro.event_codecs import CODECS, EventCodec
from shared.events.avro.field_path import FieldPath, resolve
from shared.events.avro.fields import CURRENCY, Field, FieldType, mismatch
from shared.events.avro.schema import Schema
from shared.json_schema import JsonSchema
from shared.money import minor_digits

_WHOLE = re.compile("-?[0-9]{1,19}", re.ASCII)

Record = Mapping[str, Any]
Extractor = Callable[[Record], Any]
"""Takes the value of one field of an event out of a bank's record; `None` where there is none."""


def check(document: Any) -> None:
    """Return if `document` has a mapping's form; raise `Invalid` naming each field that is wrong."""
    JsonSchema(schema_files.load("json/mapping.v1.json")).validate(document)


def mapping(document: Mapping[str, Any], schema: Schema) -> Callable[[Record], dict[str, Any]]:
    """Compile a checked document for records of `schema`. Raises `Invalid`, naming each entry that is wrong.

    The result converts a bank's record into an event's, which has every field of the topic's events; it raises
    `Invalid`, naming each field whose value cannot be converted.
    """
    shape = CODECS[document["topic"]]
    extractors, problems = _extractors(document["fields"], shape, schema)
    if problems:
        raise Invalid(*problems)
    absent = dict.fromkeys([*shape.required, *shape.optional])

    def convert(record: Record) -> dict[str, Any]:
        values: dict[str, Any] = absent.copy()
        try:
            for name, extract in extractors:
                values[name] = extract(record)
        except Invalid:
            raise Invalid(*_problems(extractors, record)) from None
        return values

    return convert


def _extractors(
    fields: Mapping[str, Mapping[str, Any]], shape: EventCodec, schema: Schema
) -> tuple[list[tuple[str, Extractor]], list[Problem]]:
    event_fields = {**shape.required, **shape.optional}
    currency = fields.get("amount", {}).get("currency")
    extractors: list[tuple[str, Extractor]] = []
    problems = [Problem(f"/fields/{name}", "is required") for name in shape.required if name not in fields]
    for name, entry in fields.items():
        try:
            if name not in event_fields:
                raise mismatch(f"one of {', '.join(event_fields)} expected")
            default = {"currency": currency} if currency is not None and "constant" not in entry else {}
            extractors.append((name, _extractor({**default, **entry}, event_fields[name], schema)))
        except Invalid as error:
            problems += [Problem(f"/fields/{name}{problem.field}", problem.message) for problem in error.problems]
    return extractors, problems


def _problems(extractors: list[tuple[str, Extractor]], record: Record) -> list[Problem]:
    problems = []
    for name, extract in extractors:
        try:
            extract(record)
        except Invalid as error:
            problems += [Problem(f"/{name}{problem.field}", problem.message) for problem in error.problems]
    return problems


def _extractor(entry: Mapping[str, Any], field: Field, schema: Schema) -> Extractor:
    if "constant" in entry:
        constant = _checked(entry["constant"], field)
        return lambda _record: constant
    at = resolve(schema, entry["from"])
    if field.type in {FieldType.MINOR, FieldType.MONEY}:
        return _amount(entry, field, at, schema)
    get, convert = _reader(at), _conversion(entry, field, at)
    default = _checked(entry["default"], field) if "default" in entry else None

    def extract(record: Record) -> Any:
        value = get(record)
        if value is not None:
            value = convert(value)
        return default if value is None else value

    return extract


def _reader(at: FieldPath) -> Callable[[Record], Any]:
    """Reads the value at a path, `None` where there is none. Blanks around text mean nothing, whatever it becomes."""
    if not at.is_one_of("string"):
        return at.get

    def read(record: Record) -> str | None:
        text = at.get(record)
        return None if text is None else text.strip() or None

    return read


def _conversion(entry: Mapping[str, Any], field: Field, at: FieldPath) -> Callable[[Any], Any]:
    if "values" in entry:
        return _translation(entry, field, at)
    if isinstance(entry.get("sign"), dict):
        return _by_sign(entry["sign"], field, at)
    if field.type is FieldType.TIME:
        return conversions.time(at, entry.get("time"))
    if field.type is FieldType.DAY:
        return conversions.day(at, entry.get("day"))
    if field.type in {FieldType.TEXT, FieldType.WORD} and at.is_one_of("int", "long"):
        return f"{{:0{entry.get('digits', 1)}d}}".format
    kinds = _TAKEN[field.type]
    if not at.is_one_of(*kinds):
        raise mismatch(f"{field.type.value} expected, {at.pointer} is a {at.kind}")
    return _as_it_is


_TAKEN = {
    FieldType.TEXT: ("string", "enum"),
    FieldType.WORD: ("string", "enum"),
    FieldType.FLAG: ("boolean",),
    FieldType.INTEGER: ("int", "long"),
    FieldType.NUMBER: ("int", "long", "double"),
}


def _as_it_is(value: Any) -> Any:
    return value


def _translation(entry: Mapping[str, Any], field: Field, at: FieldPath) -> Callable[[Any], Any]:
    meanings = {_decoded(word, at): _checked(meaning, field) for word, meaning in entry["values"].items()}
    otherwise = _checked(entry["otherwise"], field) if "otherwise" in entry else None

    def translate(value: Any) -> Any:
        meaning = meanings.get(value, otherwise)
        if meaning is None:
            raise mismatch("a value that the mapping knows expected")
        return meaning

    return translate


def _decoded(word: str, at: FieldPath) -> Any:
    """A value of the bank's as decoded, from the text that the mapping writes for it."""
    if at.is_one_of("int", "long") and _WHOLE.fullmatch(word):
        return int(word)
    if at.is_one_of("boolean") and word in {"true", "false"}:
        return word == "true"
    if (at.is_one_of("enum") and word in at.symbols) or (at.is_one_of("string") and word.strip()):
        return word.strip()
    raise mismatch(f"{at.pointer} is a {at.kind}, which is never {word}", "/values")


def _by_sign(sign: Mapping[str, str], field: Field, at: FieldPath) -> Callable[[Any], Any]:
    below, above = _checked(sign["negative"], field), _checked(sign["positive"], field)
    negative = conversions.negative(at)
    return lambda value: below if negative(value) else above


def _amount(entry: Mapping[str, Any], field: Field, at: FieldPath, schema: Schema) -> Extractor:
    """Extracts an amount with its currency, or a balance in minor units (whose currency tells the decimals)."""
    if "currency" not in entry:
        raise mismatch("is required", "/currency")
    get, convert, dropped = _reader(at), conversions.minor(at, entry.get("unit")), entry.get("sign") == "dropped"
    currency_of, whole = _extractor(entry["currency"], CURRENCY, schema), field.type is FieldType.MONEY

    def extract(record: Record) -> Any:
        value = get(record)
        if value is None:
            return None
        currency = currency_of(record)
        if currency is None:
            raise mismatch("is required", "/currency")
        minor = convert(value, minor_digits(currency))
        if dropped:
            minor = abs(minor)
        return {"minor": minor, "currency": currency} if whole else minor

    return extract


def _checked(value: Any, field: Field) -> Any:
    """A value written in the mapping itself; raises `Invalid` where the field may not have it."""
    try:
        field.read(value)
    except TypeError:
        raise mismatch(f"{field.type.value} expected") from None
    if isinstance(value, bool) is not (field.type is FieldType.FLAG):
        raise mismatch(f"{field.type.value} expected")
    return value
