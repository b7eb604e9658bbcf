"""A client's own choices: chosen, read back, and kept apart from everybody else's."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.builders.notification_preferences import CHOSEN, Function
from tests.support.event_streams import TOKENS

USUAL = {
    "push": {"service": True, "rewards": False}, "text": {"service": True, "rewards": False},
    "quiet_hours": {"start": "22:00", "end": "07:00"}, "language": None, "time_zone": None,
}  # fmt: skip


async def test_who_has_chosen_nothing_gets_service_and_no_rewards_and_quiet_nights(tmp_path: Path) -> None:
    assert await Function(tmp_path).call("GET", "/v1/preferences") == (200, USUAL)


async def test_what_is_chosen_is_read_back_by_the_same_client_alone(tmp_path: Path) -> None:
    function = Function(tmp_path)
    assert await function.call("PUT", "/v1/preferences", CHOSEN) == (200, CHOSEN)
    assert await function.call("PUT", "/v1/preferences", CHOSEN) == (200, CHOSEN)
    assert await function.call("GET", "/v1/preferences") == (200, CHOSEN)
    assert await function.call("GET", "/v1/preferences", client="C-2") == (200, USUAL)


async def test_without_quiet_hours_there_are_none(tmp_path: Path) -> None:
    function, loud = Function(tmp_path), {**CHOSEN, "quiet_hours": None}
    assert await function.call("PUT", "/v1/preferences", loud) == (200, loud)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "/time_zone"), ({"time_zone": "../../etc/passwd"}, "/time_zone"),
        ({"language": "german!"}, "/language"),
        ({"quiet_hours": {"start": "24:00", "end": "07:00"}}, "/quiet_hours/start"),
        ({"push": {"service": True}}, "/push/rewards"), ({"push": {"service": 1, "rewards": True}}, "/push/service"),
        ({"push": {"service": True, "rewards": True, "security": False}}, "/push"), ({"name": "x"}, ""),
    ],
)  # fmt: skip
async def test_a_choice_that_is_none_is_told_by_its_field(tmp_path: Path, changes: dict[str, Any], field: str) -> None:
    status, problem = await Function(tmp_path).call("PUT", "/v1/preferences", {**CHOSEN, **changes})
    assert (status, field in {each["field"] for each in problem["problems"]}) == (422, True)


async def test_a_line_of_the_log_names_the_client_by_a_token(tmp_path: Path) -> None:
    function = Function(tmp_path)
    await function.call("PUT", "/v1/preferences", CHOSEN)
    assert [(each["kind"], each["client"]) for each in function.lines()] == [
        ("preferences_changed", TOKENS.client("C-1"))
    ]
