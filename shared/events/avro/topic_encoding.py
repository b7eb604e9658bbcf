"""How the events of each topic are encoded: framing, schemas, and how a record becomes an event.

Our own schemas are the files `schemas/avro/{topic}.v{version}.avsc`. Records are read as the newest version; a framed
record names the version it was written with, a plain one cannot, and is always of version 1. A bank's own records come
with a mapping.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from shared import schema_files
from shared.errors import Invalid, Misconfigured
from shared.events.avro.event_codecs import CODECS
from shared.events.avro.framing import Framing
from shared.events.avro.schema import Schema, parse_json
from shared.events.events import Event


class TombstoneMeaning(StrEnum):
    """What a tombstone, a message without a body, means in a topic."""

    FORGET_SNAPSHOT = "forget_snapshot"
    """Delete the snapshot of the client whose id is the message's key."""

    NOTHING = "nothing"
    """An event cannot be taken back: the tombstone is reported and acknowledged."""


class TopicEncoding(msgspec.Struct, frozen=True):
    """The encoding of one topic's events. `expected` is the schema records are read as, `plain` the one that wrote
    records without a frame, `schemas` those that frames may name, by fingerprint. `event` makes an event of a decoded
    record; it raises `Invalid`.
    """

    name: str
    framing: Framing
    expected: Schema
    plain: Schema
    schemas: Mapping[bytes, Schema]
    event: Callable[[Mapping[str, Any]], Event]
    tombstone: TombstoneMeaning


def topics(mappings: Iterable[str] = ()) -> dict[str, TopicEncoding]:
    """The encoding of every topic, by name; `mappings` names files of `schemas/mappings/`, which replace our own.

    Raises `Misconfigured` for a mapping that cannot be used, saying what is wrong with it.
    """
    by_name = {name: _ours(name) for name in CODECS}
    for name in mappings:
        topic = _mapped(name)
        by_name[topic.name] = topic
    return by_name


@cache
def versions(topic: str) -> tuple[Schema, ...]:
    """Our own schemas of a topic, in order of version, from 1 on."""
    paths = (schema_files.ROOT / "avro").glob(f"{topic}.v*.avsc")
    return tuple(parse_json(path.read_bytes()) for path in sorted(paths, key=_version))


def _version(path: Path) -> int:
    return int(path.name.split(".")[-2].removeprefix("v"))


def _ours(name: str) -> TopicEncoding:
    schemas = versions(name)
    by_fingerprint = {schema.fingerprint: schema for schema in schemas}
    event, tombstone = CODECS[name].read, _tombstone(name)
    return TopicEncoding(name, Framing.BY_FIRST_BYTES, schemas[-1], schemas[0], by_fingerprint, event, tombstone)


def _mapped(name: str) -> TopicEncoding:
    from shared.catalogue.yaml_files import content  # noqa: PLC0415 - loads PyYAML, where there is a mapping
    from shared.events.avro.mapping import check, mapping  # noqa: PLC0415 - loads a validator, where there is a mapping

    folder = schema_files.ROOT / "mappings"
    try:
        document = content(folder / f"{name}.yaml")
        check(document)
        schema = parse_json((folder / document["schema"]).read_bytes())
        convert, shape = mapping(document, schema), CODECS[document["topic"]]
    except (Invalid, OSError) as error:
        raise Misconfigured(f"the mapping {name} cannot be used: {error}") from error
    return TopicEncoding(
        name=document["topic"],
        framing=Framing(document["framing"]),
        expected=schema,
        plain=schema,
        schemas={schema.fingerprint: schema},
        event=lambda record: shape.read(convert(record)),
        tombstone=_tombstone(document["topic"]),
    )


def _tombstone(topic: str) -> TombstoneMeaning:
    return TombstoneMeaning.FORGET_SNAPSHOT if topic == "client-snapshots" else TombstoneMeaning.NOTHING
