"""Whatever comes by a topic of commands is accepted, or a dead letter with a reason that a person understands."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared.commands.types import command_topics
from tests.support.builders.command_dispatch import Dispatch, command, notification

CANARY = "jane-doe-4111111111111111"
"""A value: none is told. The name of a field that should not be there is."""

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=20) | st.just(CANARY)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("id", "type", "version", "issued_at", "issued_by", "not_after", "operation", "traceparent", "payload", "more")
TOPICS = sorted(topic.name for topic in command_topics().values())
PAYLOAD = ("kind", "summary", "reasons", "client_id", "channel", "template", "variables", "category", "more")


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A command with some fields of it or of its payload replaced or left out; in an encoding that may be wrong."""
    document: dict[str, Any] = json.loads(draw(st.sampled_from((command(), notification()))).encoded())
    for name in draw(st.lists(st.sampled_from(FIELDS), max_size=2)):
        document[name] = draw(VALUES)
    if isinstance(document["payload"], dict):
        for name in draw(st.lists(st.sampled_from(PAYLOAD), max_size=2)):
            document["payload"][name] = draw(VALUES)
    for name in draw(st.lists(st.sampled_from(FIELDS), max_size=1)):
        document.pop(name, None)
    encoding = draw(st.sampled_from(("utf-8",) * 6 + ("utf-16", "utf-7")))
    return json.dumps(document).encode(encoding, "surrogatepass")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=bodies() | st.binary(max_size=200), topic=st.sampled_from(TOPICS))
@example(data=b"", topic="commands-open-review")
@example(data=b'{"id":' * 20_000, topic="commands-open-review")
@example(data=b'{"payload":"' + b"x" * 9_000_000 + b'"}', topic="commands-open-review")
async def test_nothing_is_lost_and_nothing_is_refused_for_ever(tmp_path: Path, data: bytes, topic: str) -> None:
    dispatch = Dispatch(tmp_path)
    assert await dispatch.deliver(data, topic) == 204
    entries = await dispatch.entries()
    letters = dispatch.letters()
    assert len(entries) + len(letters) == 1
    for letter in letters:
        assert letter.attributes["slacker-code"] in {"invalid", "malformed", "too_large"}
        assert letter.attributes["slacker-reason"]
        assert CANARY not in str(letter.attributes)
    assert CANARY not in dispatch.printed.getvalue().decode().replace(f'"command_id":"{CANARY}"', "")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"message": {"data": "!"}, "subscription": "s"}', 400),
        (b"x" * 17_000_000, 413),
    ],
)
async def test_what_is_no_push_is_refused_and_nothing_is_made_of_it(tmp_path: Path, body: bytes, status: int) -> None:
    dispatch = Dispatch(tmp_path)
    assert await dispatch.push(body) == status
    assert (dispatch.letters(), await dispatch.entries()) == ([], [])


async def test_every_type_of_command_has_a_handler_and_a_schema() -> None:
    """So that adding one is a schema, a handler and a line in the table."""
    root = Path(__file__).parents[3]
    for kind, topic in command_topics().items():
        assert (root / f"functions/command_dispatch/handlers/{kind}.py").exists()
        assert (root / f"schemas/json/commands/{kind}.v1.json").exists()
        assert topic.subscribers == ("command_dispatch",)
        assert topic.dead_letters == "commands-dead-letter"
        assert msgspec.json.decode((root / f"schemas/json/commands/{kind}.v1.json").read_bytes())["type"] == "object"
