"""How often something happened in the last ten seconds."""

import pytest

from local.broker.rate_meter import SECONDS, RateMeter


@pytest.mark.parametrize(("later", "rate"), [(0.0, 3.0), (SECONDS - 1.0, 3.0), (float(SECONDS), 0.0), (1e6, 0.0)])
def test_what_happened_counts_for_ten_seconds(later: float, rate: float) -> None:
    meter = RateMeter()
    meter.add(30, 100.5)
    assert (meter.rate(100.5 + later), meter.total) == (rate, 30)


def test_each_second_is_forgotten_by_itself() -> None:
    meter = RateMeter()
    for second in range(20):
        meter.add(second, float(second))
    assert meter.rate(19.9) == sum(range(10, 20)) / SECONDS
