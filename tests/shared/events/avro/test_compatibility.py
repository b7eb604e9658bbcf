"""Every version of a topic's schema reads what every other wrote: by the rules, and actually done."""

import copy
from collections.abc import Callable
from io import BytesIO
from itertools import combinations
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import schema_files
from shared.events.avro.event_codecs import CODECS
from shared.events.avro.resolution import compile_decoder
from shared.events.avro.schema import Schema, parse
from shared.events.avro.topic_encoding import versions
from tests.shared.events.avro.test_resolution import by_fastavro, plain, read, written
from tests.support.avro_compatibility import broken
from tests.support.avro_generation import transactions, values

V1 = versions("transactions")[0]
DOCUMENT = schema_files.load("avro/transactions.v1.avsc")


def changed(change: Callable[[dict[str, dict[str, Any]], dict[str, Any]], None]) -> Schema:
    """Version 1 after `change`, which is given its fields by name, and the whole."""
    document = copy.deepcopy(DOCUMENT)
    change({field["name"]: field for field in document["fields"]}, document)
    return parse(document)


def example_v2(fields: dict[str, dict[str, Any]], document: dict[str, Any]) -> None:
    """What a version 2 might do: a new optional part, a new kind, a part gone, another order."""
    fields["kind"]["type"]["symbols"].insert(1, "interest")
    document["fields"].remove(fields["reverses_at"])
    document["fields"].reverse()
    document["fields"].insert(0, document["fields"].pop())
    wallet = {"name": "wallet", "type": ["null", "string"], "default": None, "doc": "…", "x-data-class": "pseudonymous"}
    document["fields"].insert(3, wallet)


V2 = changed(example_v2)
PAIRS = [(older, newer) for topic in CODECS for older, newer in combinations(versions(topic), 2)]


@pytest.mark.parametrize(("older", "newer"), [*PAIRS, (V1, V2)])
def test_a_later_version_keeps_the_rules(older: Schema, newer: Schema) -> None:
    assert broken(older, newer) == []


@pytest.mark.parametrize(("older", "newer"), [*PAIRS, (V1, V2)])
@settings(max_examples=30)
@given(data=st.data())
def test_each_version_reads_what_the_other_wrote(older: Schema, newer: Schema, data: st.DataObject) -> None:
    """As fastavro resolves it, both ways."""
    for writer, expected in ((older, newer), (newer, older)):
        body = written(writer, data.draw(values(writer)))
        assert read(writer, expected, body) == by_fastavro(writer, expected, body)


@given(transactions)
def test_an_event_written_with_the_example_version_2_is_the_same_event(event: Any) -> None:
    """But for what version 2 has no field for."""
    record = {**CODECS["transactions"].write(event), "reverses_at": None}
    body = BytesIO()
    fastavro.schemaless_writer(body, plain(V2.parsed), {**record, "wallet": "w"})
    decoded, _ = compile_decoder(V2, V1)(body.getvalue(), 0)
    assert decoded == record


def test_a_kind_that_only_version_2_knows_is_read_as_other() -> None:
    event = {field["name"]: field.get("default") for field in V2.parsed["fields"]}
    body = written(
        V2, {**event, "event_id": "e", "client": "c", "occurred_at": 1, "kind": "interest", "direction": "debit"}
    )
    assert read(V2, V1, body)["kind"] == "other"


def _without_default(fields: Any, document: Any) -> None:
    document["fields"].append({"name": "more", "type": "string"})


def _required_gone(fields: Any, document: Any) -> None:
    document["fields"].remove(fields["client"])


def _wider(fields: Any, document: Any) -> None:
    fields["latitude"]["type"] = ["null", "float"]


def _never_absent(fields: Any, document: Any) -> None:
    fields["account"].update(type="string", default="")


def _another_first(fields: Any, document: Any) -> None:
    document["fields"].reverse()


def _renamed(fields: Any, document: Any) -> None:
    document["namespace"] = "slacker.events.v2"


def _less_guarded(fields: Any, document: Any) -> None:
    fields["payee"]["x-data-class"] = "none"


def _another_unit(fields: Any, document: Any) -> None:
    fields["occurred_at"]["type"]["logicalType"] = "timestamp-millis"


def _symbol_without_default(fields: Any, document: Any) -> None:
    fields["direction"]["type"]["symbols"].append("neither")


def _within(fields: Any, document: Any) -> None:
    fields["amount"]["type"][1]["fields"].append({"name": "scale", "type": "int"})


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (_without_default, "/more is new, so it has a default"),
        (_required_gone, "/client had no default, so it stays"),
        (_wider, "/latitude keeps its type"),
        (_never_absent, "/account keeps its type"),
        (_another_first, "the first field stays, for framing relies on it"),
        (_renamed, "the record's full name stays"),
        (_less_guarded, "/payee is not guarded less than it was"),
        (_another_unit, "/occurred_at keeps its logical type"),
        (_symbol_without_default, "/direction has a default symbol, the same in both"),
        (_within, "/amount/scale is new, so it has a default"),
    ],
)
def test_a_change_that_others_could_not_read_breaks_a_rule(change: Any, word: str) -> None:
    assert word in broken(V1, changed(change))
