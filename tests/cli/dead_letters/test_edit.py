"""The JSON Merge Patch that is typed as FIELD=VALUE."""

from typing import Any

import click
import pytest

from cli.dead_letters.edit import patch


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (("payload.kind=fraud",), {"payload": {"kind": "fraud"}}),
        (("payload.priority=null",), {"payload": {"priority": None}}),
        (('payload.reasons=["BIG"]', "payload.amount=7"), {"payload": {"reasons": ["BIG"], "amount": 7}}),
        (("payload.text=a=b",), {"payload": {"text": "a=b"}}),
        (("kind=",), {"kind": ""}),
    ],
)
def test_a_field_is_a_path_and_a_value_is_json_or_else_a_text(typed: tuple[str, ...], meant: dict[str, Any]) -> None:
    assert patch(typed) == meant


@pytest.mark.parametrize("typed", ["payload.kind", "=fraud", "payload..kind=fraud"])
def test_anything_else_says_what_is_expected(typed: str) -> None:
    with pytest.raises(click.UsageError, match="FIELD=VALUE expected"):
        patch((typed,))


def test_a_field_below_one_that_has_a_value_is_refused() -> None:
    with pytest.raises(click.UsageError, match="kind has a value already"):
        patch(("kind=1", "kind.of=2"))
