"""The rules by which a schema may follow another: each reads what the other wrote (FULL), and means the same by it."""

from collections.abc import Iterator
from typing import Any

from shared.errors import Invalid
from shared.events.avro.resolution import compile_decoder
from shared.events.avro.schema import Schema, kind
from shared.privacy import ANNOTATION, DataClass

GUARDED = list(DataClass)


def broken(older: Schema, newer: Schema) -> list[str]:
    """What `newer` does that a later version may not, in words."""
    problems = [f"version {which} cannot read the other: {error}" for which, error in _unread(older, newer)]
    if older.name != newer.name:
        problems.append("the record's full name stays")
    return problems + list(_fields(older, newer, older.parsed, newer.parsed, ""))


def _unread(older: Schema, newer: Schema) -> Iterator[tuple[str, Invalid]]:
    for which, writer, expected in (("new", older, newer), ("old", newer, older)):
        try:
            compile_decoder(writer, expected)
        except Invalid as error:
            yield which, error


def _fields(older: Schema, newer: Schema, o: Any, n: Any, at: str) -> Iterator[str]:
    was = {field["name"]: field for field in o["fields"]}
    now = {field["name"]: field for field in n["fields"]}
    if not at and o["fields"][0] != n["fields"][0]:
        yield "the first field stays, for framing relies on it"
    for name in was.keys() - now.keys():
        yield from [] if "default" in was[name] else [f"{at}/{name} had no default, so it stays"]
    for name, field in now.items():
        if name not in was:
            yield from [] if "default" in field else [f"{at}/{name} is new, so it has a default"]
            continue
        before, after = was[name].get(ANNOTATION), field.get(ANNOTATION)
        if before and after and GUARDED.index(DataClass(after)) < GUARDED.index(DataClass(before)):
            yield f"{at}/{name} is not guarded less than it was"
        yield from _types(older, newer, was[name]["type"], field["type"], f"{at}/{name}")


def _types(older: Schema, newer: Schema, o: Any, n: Any, at: str) -> Iterator[str]:
    kept, present = dict(_parts(older, o)), dict(_parts(newer, n))
    if kept.keys() != present.keys():
        yield f"{at} keeps its type"
    for what in kept.keys() & present.keys():
        if what == "record":
            yield from _fields(older, newer, kept[what], present[what], at)
        if what == "enum" and set(kept[what]["symbols"]) != set(present[what]["symbols"]):
            defaults = {kept[what].get("default"), present[what].get("default")}
            yield from (
                [] if len(defaults) == 1 and None not in defaults else [f"{at} has a default symbol, the same in both"]
            )
        if (kept[what] if isinstance(kept[what], dict) else {}).get("logicalType") != (
            present[what] if isinstance(present[what], dict) else {}
        ).get("logicalType"):
            yield f"{at} keeps its logical type"


def _parts(schema: Schema, part: Any) -> Iterator[tuple[str, Any]]:
    """The types that a value may have, by kind."""
    part = schema.names.get(part, part) if isinstance(part, str) else part
    if isinstance(part, list):
        for inner in part:
            yield from _parts(schema, inner)
    elif isinstance(part, dict) and isinstance(part["type"], dict | list):
        yield from _parts(schema, part["type"])
    else:
        yield kind(part), part
