"""`messages`: what a client was told, as whoever answers the client's call reads it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.notifications import history
from shared.notifications.history import History, Status
from shared.storage.documents import Create
from tests.functions.operator_api.test_notification_history import CLIENT, entry
from tests.support.builders.operators import Desk, desk
from tests.support.deadlines import plenty


@pytest.fixture
def support(tmp_path: Path) -> Iterator[Desk]:
    """A desk where something was told to C-1."""
    with desk(tmp_path) as opened:
        stored = History(
            entries=(
                entry("a", Status.SENT, 0),
                entry("b", Status.SUPPRESSED, 5, "quiet_hours"),
                entry("c", Status.AMBIGUOUS, 9),
            )
        )
        write = Create(history.key(CLIENT), history.CODEC.encode(stored))
        opened.run(opened.office.documents.commit([write], plenty()))
        yield opened


def test_each_message_is_told_with_why_in_words(support: Desk) -> None:
    result = support.cli("messages", "C-1", "--why", "case 7", who="sue")
    assert result.exit_code == 0, result.output
    lines = [line for line in result.output.splitlines() if "payment_declined" in line]
    assert ["may have been sent" in lines[0], "quiet hours of the client" in lines[1], "sent" in lines[2]] == [True] * 3
    assert "C-1" not in result.output


def test_as_json_it_is_what_the_api_says(support: Desk) -> None:
    result = support.cli("messages", CLIENT, "--json", who="sue")
    assert [message["outcome"] for message in json.loads(result.output)["messages"]] == [
        "ambiguous",
        "suppressed",
        "sent",
    ]


def test_of_somebody_whom_nothing_was_told_it_says_so(support: Desk) -> None:
    assert "nothing was sent" in support.cli("messages", "C-9", who="sue").output


def test_who_is_not_support_is_refused_with_what_it_takes(support: Desk) -> None:
    result = support.cli("messages", "C-1", who="ana")
    assert (result.exit_code, "support" in result.output) == (1, True)
