"""The tables of `docs/events.md` are those of the schemas, and what it promises is so."""

import re
from pathlib import Path
from typing import Any

import pytest

from shared.events.avro.event_codecs import CODECS
from shared.events.avro.registry import CachedRegistry, NoRegistry
from shared.events.avro.schema import Schema, kind
from shared.events.avro.topic_encoding import versions
from shared.privacy import ANNOTATION

TEXT = (Path(__file__).parents[4] / "docs" / "events.md").read_text("utf-8")
ROW = re.compile(r"\| `([a-z_.]+)` \| ([a-z, -]+) \| ([a-z]+) \| (.+) \|")


def rows(schema: Schema, fields: list[dict[str, Any]], within: str = "", about: str = "", more: str = "") -> list[Any]:
    """Name, type, data class and meaning of each field; those of a record within another by both names."""
    listed = []
    for field in fields:
        optional = ", optional" if isinstance(field["type"], list) else more
        inner = field["type"][1] if isinstance(field["type"], list) else field["type"]
        inner = schema.names.get(inner, inner) if isinstance(inner, str) else inner
        name, meaning = f"{within}{field['name']}", f"{about}{field['doc']}"
        if kind(inner) == "record":
            listed += rows(schema, inner["fields"], f"{name}.", f"{meaning} ", optional)
            continue
        logical = inner.get("logicalType") if isinstance(inner, dict) else None
        listed.append((name, f"{logical or kind(inner)}{optional}", field[ANNOTATION], meaning))
    return listed


@pytest.mark.parametrize("topic", sorted(CODECS))
def test_the_fields_of_a_topic_are_told_as_they_are(topic: str) -> None:
    section = TEXT.split(f"### `{topic}`")[1].split("###")[0]
    schema = versions(topic)[-1]
    assert ROW.findall(section) == rows(schema, schema.parsed["fields"])
    assert schema.parsed["doc"] in section


def test_a_failure_of_the_registry_is_remembered_as_long_as_told() -> None:
    registry = CachedRegistry(NoRegistry())
    assert (registry._longest, registry._moment) == (2.0, 1.0)
    assert "is remembered for one second" in TEXT
    assert "a question takes two seconds at most" in TEXT
