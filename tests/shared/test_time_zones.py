"""Time zones by their names."""

from zoneinfo import ZoneInfo

import pytest

from shared.time_zones import zone


def test_a_zone_is_that_of_its_iana_name() -> None:
    assert zone("Europe/Brussels") == ZoneInfo("Europe/Brussels")


@pytest.mark.parametrize("name", ["", "Europe", "Europe/Nowhere", "../etc/passwd", "\0", "x" * 5000])
def test_a_name_that_names_no_zone_gives_none(name: str) -> None:
    assert zone(name) is None
