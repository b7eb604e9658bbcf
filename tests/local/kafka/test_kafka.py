"""The command, as a person types it: from a real Kafka to advice, with everything that can go wrong on the way."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from local.kafka import prerequisites
from local.kafka.faults import FAULTS
from local.stack.process import ROOT
from tests.support.processes import of_state

WITHIN = 600.0
"""Seconds: two minutes on two cores that have nothing else to do, fetching what runs on Java not counted."""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The figures of one run of the command."""
    missing = prerequisites.missing()
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"Kafka is needed in CI: {'; '.join(missing)}", pytrace=False)
    if missing:
        pytest.skip(f"no Kafka here: {'; '.join(missing)}")
    state = tmp_path_factory.mktemp("kafka") / "state"
    command = [sys.executable, "-m", "local", "kafka", "--faults", "--json", "--limit", "200", "--clients", "100"]
    done = subprocess.run(
        [*command, "--state", str(state)], cwd=ROOT, capture_output=True, text=True, timeout=WITHIN, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert not of_state(state)
    assert list(state.glob("kafka-*")) == []
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def fault(result: dict[str, Any], name: str) -> dict[str, Any]:
    fault_outcome: dict[str, Any] = next(outcome for outcome in result["faults"] if outcome["fault"] == name)
    return fault_outcome


def test_every_record_framed_or_plain_is_one_message_and_acknowledged_by_all_who_get_it(result: dict[str, Any]) -> None:
    for topic in result["topics"]:
        assert topic["messages"] == topic["records"] > topic["framed"] > 0
        assert topic["acknowledged"] == topic["due"] > 0


def test_the_features_are_those_of_the_same_events_folded_in_order(result: dict[str, Any]) -> None:
    assert (result["exact"], result["counted"]) == (True, 200)


def test_advice_is_decided_on_what_came_by_kafka(result: dict[str, Any]) -> None:
    decided = [answer for answer in result["advised"] if answer["decided_by"] == "risk_function"]
    assert decided
    assert all(answer["known"] > 0 and answer["features"]["client.known"] is True for answer in decided)


def test_connect_may_read_its_topics_and_nothing_else(result: dict[str, Any]) -> None:
    rights = dict(result["rights"])
    assert rights.pop("comes without TLS") in {"_TRANSPORT", "_ALL_BROKERS_DOWN"}
    assert rights == {
        "reads transactions": "",
        "reads payroll": "TOPIC_AUTHORIZATION_FAILED",
        "writes transactions": "TOPIC_AUTHORIZATION_FAILED",
        "comes with a wrong password": "_AUTHENTICATION",
    }


def test_a_transformation_adds_removes_and_modifies_and_leaves_attributes_without_a_body(
    result: dict[str, Any],
) -> None:
    before, after = result["transformed"]["before"], result["transformed"]["after"]
    assert (after["bank"], after["account"], after["event_id"]) == ("example", "masked", before["event_id"])
    assert {"latitude", "longitude"} & set(before) == {"latitude", "longitude"}
    assert {"latitude", "longitude"} & set(after) == set()
    assert after["amount_minor"] == str(before["amount"]["minor"])
    assert result["transformed"]["bytes"] == 0


def test_a_record_that_cannot_be_converted_is_a_dead_letter_of_connect(result: dict[str, Any]) -> None:
    assert result["transformed"]["dead_letters"] == 1


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_lost_and_nothing_counts_twice(result: dict[str, Any], name: str) -> None:
    outcome = fault(result, name)
    assert (outcome["counted"], outcome["exact"]) == (outcome["countable"], True)
    assert outcome["messages"] >= outcome["records"] >= outcome["countable"] > 0


@pytest.mark.parametrize("name", ["none", "poison record", "null value", "null header"])
def test_without_a_loss_there_are_no_duplicates(result: dict[str, Any], name: str) -> None:
    assert fault(result, name)["duplicates"] == 0


@pytest.mark.parametrize(("name", "letters"), [("poison record", 2), ("null value", 2), ("null header", 0)])
def test_what_is_no_event_is_a_dead_letter_of_each_receiver(result: dict[str, Any], name: str, letters: int) -> None:
    assert fault(result, name)["dead_letters"] == letters


def test_a_dead_task_is_told_by_the_metric_that_the_alert_is_on(result: dict[str, Any]) -> None:
    assert "failed, told by the metric" in fault(result, "dead task")["told"]
    assert ": 0 failed" not in fault(result, "dead task")["told"]
