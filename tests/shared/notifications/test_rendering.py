"""What a template and its variables become; whatever a variable holds, nothing leaves that leads somewhere."""

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared import schema_files
from shared.errors import Invalid
from shared.json_schema import JsonSchema
from shared.notifications.content_filter import violation
from shared.notifications.notification import from_command
from shared.notifications.rendering import PreparedNotification, prepare, render
from shared.notifications.template import Template
from shared.notifications.templates import read
from tests.support.builders.push_notification import command

SCHEMA = JsonSchema(schema_files.load("json/template.v1.json"))
DOCUMENT: dict[str, Any] = {
    "name": "spent",
    "version": 2,
    "category": "service",
    "channels": ["push", "text"],
    "silent": False,
    "route": "payment",
    "collapse": "",
    "variables": {
        "shop": "text",
        "paid": "money",
        "when": "moment",
        "card": "last_four",
        "points": "integer",
        "on": "day",
    },
    "texts": {
        "en": {"title": "Spent", "body": "{paid} at {shop}{card} on {when}: {points} points by {on}"},
        "de": {"title": "Bezahlt", "body": "{paid} bei {shop} ({card}) am {when}: {points} Punkte bis {on}"},
    },
}
GOOD: dict[str, Any] = {
    "shop": "Café", "paid": {"minor": 123450, "currency": "EUR"}, "when": "2026-11-20T23:30:00Z", "card": "1234",
    "points": 1200, "on": "2026-11-20T23:30:00+00:00",
}  # fmt: skip


def template(**changes: Any) -> Template:
    return read({**DOCUMENT, **changes}, SCHEMA)


def prepared(variables: Any, of: Template | None = None) -> PreparedNotification:
    encoded = command(template="spent", category="service", variables=variables)
    return prepare(from_command(encoded, encoded.encoded()), of or template(), frozenset())


def test_a_text_is_written_in_its_language_and_the_clients_time_zone() -> None:
    text = render(prepared(GOOD), "de", ZoneInfo("Europe/Berlin"))
    assert text.title == "Bezahlt"
    assert text.body == "1.234,50\u00a0EUR bei Café (1234) am 21.11.2026, 00:30: 1.200 Punkte bis 21.11.2026"


WRONG: list[tuple[str, Any]] = [
    ("shop", ""),
    ("shop", " "),
    ("shop", "x" * 61),
    ("shop", 5),
    ("shop", True),
    ("shop", {"a": 1}),
    ("paid", 5),
    ("paid", {"minor": 1.5, "currency": "EUR"}),
    ("paid", {"minor": 1, "currency": "eur"}),
    ("paid", {"minor": -1, "currency": "EUR"}),
    ("paid", {"minor": 1, "currency": "EUR", "note": "http://evil.example"}),
    ("paid", {"minor": True, "currency": "EUR"}),
    ("when", "yesterday"),
    ("when", "2026-11-20T23:30:00"),
    ("when", 5),
    ("when", "9999-12-31T23:59:59-23:00"),
    ("card", "12345"),
    ("card", "12a4"),
    ("card", 1234),
    ("card", "١٢٣٤"),
    ("points", -1),
    ("points", 1_000_000),
    ("points", 1.5),
    ("points", True),
    ("on", ""),
    ("extra", "x"),
    ("shop", "evil.example"),
    ("shop", "https://evil.example"),
    ("shop", "+44 7700 900123"),
    ("shop", "e\u200bvil"),
    ("shop", "a\nb"),
    ("shop", "{paid}.example"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_variable_that_is_not_of_its_type_is_told_by_its_name_and_not_its_value(name: str, value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        prepared({**GOOD, name: value})
    assert [problem.field for problem in caught.value.problems] == [f"/payload/variables/{name}"]
    assert not isinstance(value, str) or len(value) < 4 or value not in str(caught.value)


def test_every_missing_variable_is_told() -> None:
    with pytest.raises(Invalid) as caught:
        prepared({})
    assert [problem.field for problem in caught.value.problems] == [
        f"/payload/variables/{name}" for name in sorted(GOOD)
    ]


def test_two_harmless_variables_beside_each_other_bring_no_number_in() -> None:
    """The text in English has the shop and the card side by side."""
    with pytest.raises(Invalid, match="telephone number"):
        prepared({**GOOD, "shop": "call 0170"})


def test_a_placeholder_in_a_variable_stays_as_it_is() -> None:
    assert "{card}" in render(prepared({**GOOD, "shop": "{card}"}), "en", UTC).body


def test_what_is_too_long_in_any_language_is_refused() -> None:
    long = {"en": {"title": "t", "body": "{shop} " + "x" * 380}}
    with pytest.raises(Invalid, match="400 characters"):
        prepared({"shop": "y" * 30}, template(variables={"shop": "text"}, texts=long))


ANY = st.one_of(
    st.text(max_size=70),
    st.integers(),
    st.floats(allow_nan=False),
    st.booleans(),
    st.none(),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
    st.lists(st.integers(), max_size=2),
    st.sampled_from(
        [
            "http://evil.example",
            "evil。com",
            "+447700900123",
            "{shop}",
            "%s",
            "${x}",
            "<a href>",
            "\u202e",
            "2026-01-01T00:00:00Z",
        ]
    ),
    st.builds(
        lambda *parts: "".join(parts),
        *[st.sampled_from(["evil", ".", "。", "com", " ", "dot", "+44", "7700", "900123", "//", ":", "@"])] * 4,
    ),
)


LOOSE = template(
    variables={name: DOCUMENT["variables"][name] for name in ("shop", "card", "points")},
    texts={"en": {"title": "Spent", "body": "x at {shop}{card} on x: {points} points by x"}},
)
"""The template without what is written by us: amounts and times."""


@given(hostile=st.dictionaries(st.sampled_from([*GOOD, "shop"]), ANY, max_size=2))
def test_whatever_the_variables_hold_what_is_rendered_passes_the_gate(hostile: dict[str, Any]) -> None:
    try:
        notification = prepared({**GOOD, **hostile})
    except Invalid as error:
        fields = {problem.field.removeprefix("/payload/variables") for problem in error.problems}
        assert fields <= {"", *(f"/{name}" for name in GOOD)}
        return
    text, loose = render(notification, "en", UTC), render(replace(notification, template=LOOSE), "en", UTC)
    assert violation(text.body, loose.body) is None


def test_a_command_of_another_type_or_too_long_is_no_notification() -> None:
    encoded = command()
    with pytest.raises(Invalid, match="8000 bytes"):
        from_command(encoded, b"x" * 8001)
    with pytest.raises(Invalid, match="notify_client expected"):
        from_command(replace(encoded, type="open_review"), b"x")
