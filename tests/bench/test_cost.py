"""The estimate of cost: measured work times list prices."""

import json
import math

import pytest

from bench import cost
from tests.support.terraform_source import text

PRICES = {name: entry["price"] for name, entry in json.loads(cost.PRICES.read_text())["prices"].items()}
DONE = cost.Work(event_cpu=200e-6, event_reads=2.0, event_writes=1.5, decision_cpu=100e-6)


def test_work_is_read_from_the_figures_of_the_benchmarks() -> None:
    figures = {
        "features_push_cpu": 200.0, "features_push_read": 2.0, "features_push_written": 1.5, "risk_decision_rate": 1e4
    }  # fmt: skip
    assert cost.work(figures) == DONE


def test_an_instance_is_billed_for_a_tenth_of_a_second_at_least_and_for_its_cpu_at_least() -> None:
    assert cost.active(0.01, 0.001) == pytest.approx(0.001, rel=1e-3)
    assert cost.active(6_000.0, 100e-6) == pytest.approx(1.0)
    assert cost.active(30_000.0, 100e-6) == pytest.approx(5.0)


def test_documents_of_a_million_events_cost_what_is_read_and_written_by_two_functions() -> None:
    assert cost.of_events(DONE, PRICES)["documents"] * 1e6 == pytest.approx(2 * (2.0 * 0.6 + 1.5 * 1.8))


def test_a_month_is_its_events_its_questions_its_instances_and_what_is_always_there() -> None:
    month = cost.month(DONE, 3e6, 2e6, PRICES)
    per_event, per_question = cost.of_events(DONE, PRICES), cost.of_questions(DONE, PRICES)
    variable = 3e6 * math.fsum(per_event.values()) + 2e6 * math.fsum(per_question.values())
    rest = cost.fixed(PRICES) + cost.instances(DONE, 3e6, 2e6, PRICES)
    assert math.fsum(month.values()) == pytest.approx(variable + rest)


def test_an_idle_month_is_its_minimum_instances_waiting() -> None:
    second = PRICES["idle_cpu_second"] + 0.5 * PRICES["idle_memory_second"]
    assert cost.instances(DONE, 0, 0, PRICES) == pytest.approx(8 * cost.MONTH * second)


def test_the_minimum_instances_are_those_that_are_deployed() -> None:
    source = text("functions.tf").partition("functions = {")[2]
    deployed = [
        int(line.partition("min_instances = ")[2][0]) for line in source.splitlines() if "min_instances = " in line
    ]
    assert sum(deployed) == 8


def test_every_price_says_what_it_is_for_when_it_held_and_where_it_is_from() -> None:
    listed = json.loads(cost.PRICES.read_text())["prices"]
    assert [name for name, entry in listed.items() if set(entry) != {"price", "unit", "as_of", "seen", "source"}] == []
