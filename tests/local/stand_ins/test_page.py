"""The page of a stand-in: what it holds, written so that nothing in it is markup, and which switches are on."""

import re

import pytest

from local.stand_ins.faults import PRESETS, switches
from local.stand_ins.page import page
from local.stand_ins.service import Table


class Holding:
    """A stand-in that holds one table. Implements what a page wants of `local.stand_ins.service.Service`."""

    name = "jira & co"

    def __init__(self, *rows: tuple[str, ...]) -> None:
        self._rows = list(rows)

    def tables(self) -> list[Table]:
        """The one table."""
        return [Table("tickets", ("key", "text"), self._rows)]


def rendered(*rows: tuple[str, ...], on: str = "well") -> str:
    """The page's text."""
    return page(Holding(*rows), PRESETS[on])  # type: ignore[arg-type]


def test_what_it_holds_is_no_markup() -> None:
    assert "<td>&lt;b&gt;</td>" in rendered(("T-1", "<b>"))
    assert "<h1>jira &amp; co, a stand-in</h1>" in rendered()


def test_an_empty_table_says_so() -> None:
    assert "<h2>tickets</h2><p>none yet</p>" in rendered()


def test_a_long_table_is_counted_whole_and_shown_in_part() -> None:
    text = rendered(*((f"T-{number}", "x") for number in range(1234)))
    assert ("tickets · 1,234" in text, text.count("<tr>")) == (True, 201)


@pytest.mark.parametrize("on", PRESETS)
def test_the_button_of_what_is_on_is_marked(on: str) -> None:
    assert re.findall(r'class="on">(\w+)<', rendered(on=on)) == [on]


def test_switches_that_have_no_name_mark_no_button() -> None:
    assert 'class="on"' not in page(Holding(), switches(latency_ms=7))  # type: ignore[arg-type]
