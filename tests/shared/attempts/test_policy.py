"""A policy says until when an attempt may begin."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.shared.attempts.builders import NOT_AFTER, POLICY, SECOND


@pytest.mark.parametrize(("before", "too_late"), [(2 * SECOND, False), (SECOND, False), (timedelta(), True)])
def test_an_attempt_may_begin_while_the_least_time_is_left(before: timedelta, too_late: bool) -> None:
    assert replace(POLICY, min_time_left=SECOND).too_late(NOT_AFTER - before, NOT_AFTER) is too_late


def test_without_a_least_time_an_attempt_may_begin_at_the_very_end() -> None:
    assert [POLICY.too_late(at, NOT_AFTER) for at in (NOT_AFTER, NOT_AFTER + SECOND)] == [False, True]


def test_it_is_too_late_for_what_was_to_be_attempted_before_the_first_moment_of_all() -> None:
    earliest = datetime.min.replace(tzinfo=UTC)
    assert replace(POLICY, min_time_left=SECOND).too_late(NOT_AFTER, earliest) is True
