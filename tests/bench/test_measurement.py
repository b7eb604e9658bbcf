"""A goal holds or does not, and says so."""

from bench.load import Load
from bench.measurement import ratio_at_least, ratio_at_most, value_at_most


def test_a_value_at_its_goal_holds_and_one_above_does_not() -> None:
    assert [value_at_most("decide", value, "µs", 2.0).holds for value in (2.0, 2.1)] == [True, False]


def test_a_ratio_is_of_the_value_to_its_floor() -> None:
    slow, fast = ratio_at_most("p99", 3.0, 2.0, "ms", 1.3), ratio_at_least("rate", 600.0, 1000.0, "requests/s", 0.6)
    assert [(m.ratio, m.holds) for m in (slow, fast)] == [(1.5, False), (0.6, True)]


def test_a_percentile_is_the_latency_that_so_many_did_not_exceed() -> None:
    latencies = [number / 1000 for number in range(1, 101)]
    load = Load(2.0, latencies, [])
    assert (load.rate, load.percentile(0.5), load.percentile(0.99)) == (50.0, 0.051, 0.1)
