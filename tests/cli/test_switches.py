"""Kill switches at the keyboard."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.builders.operators import Desk, desk


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "state") as opened:
        yield opened


def off(at: Desk) -> list[str]:
    listing = json.loads(at.cli("switches", "list", "--json").output)
    return [switch["name"] for switch in listing["switches"] if not switch["on"]]


def test_a_switch_is_turned_off_and_on_and_the_list_says_by_whom_and_why(at: Desk) -> None:
    assert at.cli("switches", "off", "notify_client.text", "--why", "sends twice").output == (
        "notify_client.text is off: its commands are parked\n"
    )
    [line] = [printed for printed in at.cli("switches", "list").output.splitlines() if "OFF" in printed]
    assert line.split() == [
        "notify_client.text", "OFF", "ana@x.example", "2026-11-22", "09:30:00Z", "sends", "twice",
    ]  # fmt: skip
    assert at.cli("switches", "on", "notify_client.text", "--why", "mended").output == (
        "notify_client.text is on: commands go through\n"
    )
    assert off(at) == []


def test_a_dry_run_changes_nothing(at: Desk) -> None:
    assert at.cli("switches", "off", "create_ticket", "--why", "x", "--dry-run").output == (
        "would turn create_ticket off\n"
    )
    assert (
        at.cli("switches", "on", "create_ticket", "--why", "x", "--dry-run").output == "create_ticket is on already\n"
    )
    assert (off(at), at.cli("switches", "off", "nonsense", "--why", "x", "--dry-run").exit_code) == ([], 2)


def test_a_switch_that_is_not_there_says_which_are(at: Desk) -> None:
    result = at.cli("switches", "off", "nonsense", "--why", "x")
    assert (result.exit_code, "create_ticket" in result.stderr) == (1, True)


def test_why_has_to_be_told(at: Desk) -> None:
    assert at.cli("switches", "off", "create_ticket").exit_code == 2
