"""Where the windows of features begin."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from shared.risk.features.windows import window_starts
from shared.times import microseconds
from tests.support import feature_oracle


@given(at=st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)))  # noqa: DTZ001 # made aware below
def test_windows_begin_with_a_bucket_and_never_reach_back_further_than_their_names(at: datetime) -> None:
    """Equal to the calendar's arithmetic."""
    moment = at.replace(tzinfo=UTC)
    begins = [feature_oracle.start(window, moment) for window in ("1h", "24h", "7d", "30d")]
    assert list(window_starts(microseconds(moment))) == [microseconds(begin) for begin in begins]
    assert all(moment - begin < span for begin, (span, _) in zip(begins, feature_oracle.WINDOWS.values(), strict=True))
