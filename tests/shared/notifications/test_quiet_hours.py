"""Quiet hours end after they begin, in the client's own time zone, whatever clocks do that night."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.notifications.preferences import DEFAULT_QUIET, NEVER_QUIET, QuietHours
from shared.notifications.quiet_hours import quiet_until

BERLIN, TOKYO, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo"), ZoneInfo("Australia/Lord_Howe")


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """A time of the clock there, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-11-20 21:59", None),
        ("2026-11-20 22:00", "2026-11-21 07:00"),
        ("2026-11-21 06:59", "2026-11-21 07:00"),
        ("2026-11-21 07:00", None),
    ],
)
def test_the_night_is_from_ten_to_seven_by_the_clients_clock(now: str, ends: str | None) -> None:
    for zone in (BERLIN, TOKYO, LORD_HOWE):
        assert quiet_until(at(now, zone), DEFAULT_QUIET, zone) == (at(ends, zone) if ends else None)


def test_the_same_time_twice_is_no_time_at_all() -> None:
    assert quiet_until(at("2026-11-20 00:00"), NEVER_QUIET, BERLIN) is None


def test_hours_within_a_day_are_quiet_too() -> None:
    assert quiet_until(at("2026-11-20 13:00"), QuietHours("12:30", "14:00"), BERLIN) == at("2026-11-20 14:00")


def test_an_end_that_summer_time_leaves_out_comes_an_hour_later() -> None:
    ends = quiet_until(at("2026-03-29 01:00"), QuietHours("22:00", "02:30"), BERLIN)
    assert ends == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_of_an_end_that_comes_twice_the_next_counts() -> None:
    hours = QuietHours("22:00", "02:30")
    assert quiet_until(datetime(2026, 10, 25, 0, 10, tzinfo=UTC), hours, BERLIN) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )
    assert quiet_until(datetime(2026, 10, 25, 1, 10, tzinfo=UTC), hours, BERLIN) == datetime(
        2026, 10, 25, 1, 30, tzinfo=UTC
    )


CLOCK = st.times().map(lambda clock: f"{clock:%H:%M}")
ZONES = st.sampled_from(
    ["Europe/Berlin", "Asia/Tokyo", "America/St_Johns", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu"]
)


@given(
    now=st.integers(0, 2 * 365 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    hours=st.builds(QuietHours, CLOCK, CLOCK),
    name=ZONES,
)
def test_an_end_is_ahead_within_a_day_and_no_longer_quiet(now: datetime, hours: QuietHours, name: str) -> None:
    zone = ZoneInfo(name)
    ends = quiet_until(now, hours, zone)
    clock, start, end = now.astimezone(zone).time(), time.fromisoformat(hours.start), time.fromisoformat(hours.end)
    inside = start <= clock < end if start <= end else not end <= clock < start
    assert (ends is not None) == inside
    if ends is not None:
        assert now < ends <= now + timedelta(hours=25)
        assert quiet_until(ends, hours, zone) is None or ends.astimezone(zone).time() != end
