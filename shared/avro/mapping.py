"""A mapping is data: how a bank's own record becomes the record of an event, settled once and then only followed.

Its form is `schemas/json/mapping.v1.json`. Everything that a mapping can get wrong is found when it is read: a pointer
that leads nowhere in the bank's schema, a conversion that does not fit, a part that no event has. What is left for
each record are its values. Blanks around text mean nothing, and text of blanks alone means that there is none.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from shared import contracts
from shared.avro import conversions
from shared.avro.parts import CURRENCY, Part, Sort, wrong
from shared.avro.schema import Schema
from shared.avro.shapes import SHAPES, Shape
from shared.avro.source import Source, source
from shared.errors import Invalid, Problem
from shared.json_schema import Checked
from shared.money import minor_digits

_WHOLE = re.compile("-?[0-9]{1,19}", re.ASCII)

Record = Mapping[str, Any]
Giving = Callable[[Record], Any]
"""Gives one part of an event out of a bank's record; `None` where there is none."""


def check(document: Any) -> None:
    """Return if `document` has a mapping's form; raise `Invalid` naming each field that is wrong."""
    Checked(contracts.load("json/mapping.v1.json")).check(document)


def mapping(document: Mapping[str, Any], schema: Schema) -> Callable[[Record], dict[str, Any]]:
    """The mapping in a checked document, of records that `schema` describes. Raises `Invalid` naming what is wrong.

    What it gives has every part of the topic's events; it raises `Invalid`, naming the parts that cannot be told.
    """
    shape = SHAPES[document["topic"]]
    givings, problems = _givings(document["fields"], shape, schema)
    if problems:
        raise Invalid(*problems)
    absent = dict.fromkeys([*shape.required, *shape.optional])

    def convert(record: Record) -> dict[str, Any]:
        found: dict[str, Any] = absent.copy()
        try:
            for name, give in givings:
                found[name] = give(record)
        except Invalid:
            raise Invalid(*_problems(givings, record)) from None
        return found

    return convert


def _givings(
    fields: Mapping[str, Mapping[str, Any]], shape: Shape, schema: Schema
) -> tuple[list[tuple[str, Giving]], list[Problem]]:
    parts = {**shape.required, **shape.optional}
    currency = fields.get("amount", {}).get("currency")
    givings: list[tuple[str, Giving]] = []
    problems = [Problem(f"/fields/{name}", "is required") for name in shape.required if name not in fields]
    for name, entry in fields.items():
        try:
            if name not in parts:
                raise wrong(f"one of {', '.join(parts)} expected")
            usual = {"currency": currency} if currency is not None and "constant" not in entry else {}
            givings.append((name, _giving({**usual, **entry}, parts[name], schema)))
        except Invalid as error:
            problems += [Problem(f"/fields/{name}{each.field}", each.message) for each in error.problems]
    return givings, problems


def _problems(givings: list[tuple[str, Giving]], record: Record) -> list[Problem]:
    found = []
    for name, give in givings:
        try:
            give(record)
        except Invalid as error:
            found += [Problem(f"/{name}{each.field}", each.message) for each in error.problems]
    return found


def _giving(entry: Mapping[str, Any], part: Part, schema: Schema) -> Giving:
    if "constant" in entry:
        constant = _known(entry["constant"], part)
        return lambda _record: constant
    at = source(schema, entry["from"])
    if part.sort in {Sort.MINOR, Sort.MONEY}:
        return _amount(entry, part, at, schema)
    get, convert = at.get, _conversion(entry, part, at)
    default = _known(entry["default"], part) if "default" in entry else None

    def give(record: Record) -> Any:
        value = get(record)
        if value is not None:
            value = convert(value)
        return default if value is None else value

    return give


def _conversion(entry: Mapping[str, Any], part: Part, at: Source) -> Callable[[Any], Any]:
    if "values" in entry:
        return _translation(entry, part, at)
    if isinstance(entry.get("sign"), dict):
        return _by_sign(entry["sign"], part, at)
    if part.sort is Sort.TIME:
        return conversions.time(at, entry.get("time"))
    if part.sort is Sort.DAY:
        return conversions.day(at, entry.get("day"))
    if part.sort in {Sort.TEXT, Sort.WORD} and at.is_one_of("int", "long"):
        return f"{{:0{entry.get('digits', 1)}d}}".format
    kinds = _TAKEN[part.sort]
    if not at.is_one_of(*kinds):
        raise wrong(f"{part.sort.value} expected, {at.pointer} is a {at.kind}")
    return _stripped if at.is_one_of("string") else _as_it_is


_TAKEN = {
    Sort.TEXT: ("string", "enum"),
    Sort.WORD: ("string", "enum"),
    Sort.FLAG: ("boolean",),
    Sort.INTEGER: ("int", "long"),
    Sort.NUMBER: ("int", "long", "double"),
}


def _as_it_is(value: Any) -> Any:
    return value


def _stripped(value: str) -> str | None:
    return value.strip() or None


def _translation(entry: Mapping[str, Any], part: Part, at: Source) -> Callable[[Any], Any]:
    meanings = {_theirs(word, at): _known(meaning, part) for word, meaning in entry["values"].items()}
    otherwise = _known(entry["otherwise"], part) if "otherwise" in entry else None

    def translate(value: Any) -> Any:
        meaning = meanings.get(value, otherwise)
        if meaning is None:
            raise wrong("a value that the mapping knows expected")
        return meaning

    if not at.is_one_of("string"):
        return translate
    return lambda value: translate(text) if (text := value.strip()) else None


def _theirs(word: str, at: Source) -> Any:
    """A value of the bank's, which the mapping writes as text."""
    if at.is_one_of("int", "long") and _WHOLE.fullmatch(word):
        return int(word)
    if at.is_one_of("boolean") and word in {"true", "false"}:
        return word == "true"
    if (at.is_one_of("enum") and word in at.symbols) or (at.is_one_of("string") and word.strip()):
        return word.strip()
    raise wrong(f"{at.pointer} is a {at.kind}, which is never {word}", "/values")


def _by_sign(sign: Mapping[str, str], part: Part, at: Source) -> Callable[[Any], Any]:
    below, above = _known(sign["negative"], part), _known(sign["positive"], part)
    negative = conversions.negative(at)
    return lambda value: below if negative(value) else above


def _amount(entry: Mapping[str, Any], part: Part, at: Source, schema: Schema) -> Giving:
    """An amount with its currency, or a balance, whose currency only says how many decimals it has."""
    if "currency" not in entry:
        raise wrong("is required", "/currency")
    get, convert, dropped = at.get, conversions.minor(at, entry.get("unit")), entry.get("sign") == "dropped"
    currency_of, whole = _giving(entry["currency"], CURRENCY, schema), part.sort is Sort.MONEY

    def give(record: Record) -> Any:
        value = get(record)
        if value is None:
            return None
        currency = currency_of(record)
        if currency is None:
            raise wrong("is required", "/currency")
        minor = convert(value, minor_digits(currency))
        if dropped:
            minor = abs(minor)
        return {"minor": minor, "currency": currency} if whole else minor

    return give


def _known(value: Any, part: Part) -> Any:
    """A value that the mapping itself gives, if the part may have it."""
    try:
        part.read(value)
    except TypeError:
        raise wrong(f"{part.sort.value} expected") from None
    if isinstance(value, bool) is not (part.sort is Sort.FLAG):
        raise wrong(f"{part.sort.value} expected")
    return value
