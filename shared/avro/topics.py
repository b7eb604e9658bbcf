"""What is agreed for each topic: how its messages are framed, which schemas write them, and what a record means.

Ours are the files `schemas/avro/{topic}.v{version}.avsc`: records are read as the newest version there; whatever
is framed says which version it was written with; a plain record cannot say, and is of version 1 for ever. A bank's own
records come with a mapping.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from shared import contracts
from shared.avro.framing import Framing
from shared.avro.schema import Schema, parse_json
from shared.avro.shapes import SHAPES
from shared.errors import Invalid, Misconfigured
from shared.events.events import Event


class Meaning(StrEnum):
    """What a message without a body, a tombstone, means."""

    FORGET_SNAPSHOT = "forget_snapshot"
    """Forget the snapshot of the client who is the message's key."""

    NOTHING = "nothing"
    """What happened cannot be made not to have happened: report it, and go on."""


class Topic(msgspec.Struct, frozen=True):
    """One topic's agreement. `expected` is what records are read as, `plain` what an unframed one was written with,
    `known` which schemas fingerprints stand for; `event` makes an event of a record, or raises `Invalid`.
    """

    name: str
    framing: Framing
    expected: Schema
    plain: Schema
    known: Mapping[bytes, Schema]
    event: Callable[[Mapping[str, Any]], Event]
    tombstone: Meaning


def topics(mappings: Iterable[str] = ()) -> dict[str, Topic]:
    """Every topic by name; `mappings` names those of `schemas/mappings/` that take the place of ours.

    Raises `Misconfigured` for a mapping that cannot be used, saying what is wrong with it.
    """
    found = {name: _ours(name) for name in SHAPES}
    for name in mappings:
        topic = _mapped(name)
        found[topic.name] = topic
    return found


@cache
def versions(topic: str) -> tuple[Schema, ...]:
    """The schemas of a topic of ours, from version 1 on."""
    paths = (contracts.ROOT / "avro").glob(f"{topic}.v*.avsc")
    return tuple(parse_json(path.read_bytes()) for path in sorted(paths, key=_version))


def _version(path: Path) -> int:
    return int(path.name.split(".")[-2].removeprefix("v"))


def _ours(name: str) -> Topic:
    schemas = versions(name)
    known = {schema.fingerprint: schema for schema in schemas}
    event, tombstone = SHAPES[name].read, _tombstone(name)
    return Topic(name, Framing.BY_FIRST_BYTES, schemas[-1], schemas[0], known, event, tombstone)


def _mapped(name: str) -> Topic:
    from shared.avro.mapping import check, mapping  # noqa: PLC0415 - loads a validator, where there is a mapping
    from shared.catalogue.yaml_files import content  # noqa: PLC0415 - loads PyYAML, where there is a mapping

    folder = contracts.ROOT / "mappings"
    try:
        document = content(folder / f"{name}.yaml")
        check(document)
        schema = parse_json((folder / document["schema"]).read_bytes())
        convert, shape = mapping(document, schema), SHAPES[document["topic"]]
    except (Invalid, OSError) as error:
        raise Misconfigured(f"the mapping {name} cannot be used: {error}") from error
    return Topic(
        name=document["topic"],
        framing=Framing(document["framing"]),
        expected=schema,
        plain=schema,
        known={schema.fingerprint: schema},
        event=lambda record: shape.read(convert(record)),
        tombstone=_tombstone(document["topic"]),
    )


def _tombstone(topic: str) -> Meaning:
    return Meaning.FORGET_SNAPSHOT if topic == "client-snapshots" else Meaning.NOTHING
