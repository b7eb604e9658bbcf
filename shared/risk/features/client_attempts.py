"""What was asked about a client before, whether or not money moved: answers given, rejections among them."""

from bisect import bisect_left

from shared.risk.features import client as c
from shared.risk.features.client_view import ClientAsOf, FeatureVector


def attempts(view: ClientAsOf) -> tuple[FeatureVector, int]:
    """`client.attempts_1h`, `client.attempts_24h`, `client.rejected_24h`: never missing, for none is zero."""
    columns = view.state.attempts.columns
    if not columns[c.TIME]:
        return (0, 0, 0), 0
    times = memoryview(columns[c.TIME]).cast("q")
    end = bisect_left(times, view.time)
    day = bisect_left(times, view.starts.day, 0, end)
    hour = bisect_left(times, view.starts.hour, day, end)
    return (end - hour, end - day, columns[c.REJECTED].count(1, day, end)), 0
