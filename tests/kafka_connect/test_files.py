"""Connectors, rights, workers and alerts agree with each other, and with the one table of topics."""

import re
from typing import Any

import pytest
import yaml

from local.kafka import jars
from local.kafka.acls import connect_rights
from local.kafka.connect import HOME, USER, connectors, transformation
from local.kafka.properties import read
from local.kafka.stack import CONNECT_DEAD_LETTERS, FUNCTIONS
from local.stack.topology import subscribers
from shared import schema_files

BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter"
TEXT = "org.apache.kafka.connect.storage.StringConverter"
WORKERS = ("worker-distributed.properties", "worker-standalone.properties")


def of_kafka() -> list[str]:
    return sorted(name for name, topic in schema_files.load("topics.json").items() if topic["source"] == "kafka")


def names(kind: str, operation: str) -> set[str]:
    _, rights = connect_rights()
    return {
        name
        for right in rights
        if right["type"] == kind and operation in right["operations"]
        for name in right["names"]
    }


def config(**without: str) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in connector["config"].items() if key not in without} for connector in connectors()
    ]


def test_there_is_a_connector_for_each_topic_that_comes_from_kafka_and_no_other() -> None:
    assert [connector["config"]["topics"] for connector in connectors()] == of_kafka()


def test_the_stack_delivers_each_of_those_topics_to_the_functions_that_the_table_names() -> None:
    table = schema_files.load("topics.json")
    assert {topic: list(subscribers(FUNCTIONS)[topic]) for topic in of_kafka()} == {
        topic: table[topic]["subscribers"] for topic in of_kafka()
    }


def test_a_connector_its_file_and_its_topics_have_one_name() -> None:
    for path, connector in zip(sorted((HOME / "connectors").glob("*.json")), connectors(), strict=True):
        assert {path.stem, connector["name"], connector["config"]["topics"], connector["config"]["cps.topic"]} == {
            connector["name"]
        }


def test_connectors_differ_in_their_topic_alone() -> None:
    first, *others = config(**{"topics": "", "cps.topic": ""})
    assert others == [first] * len(others)


def test_a_connector_passes_bytes_through_and_publishes_no_headers() -> None:
    first = config()[0]
    assert (first["value.converter"], first["key.converter"]) == (BYTES, TEXT)
    assert (first["headers.publish"], first["metadata.publish"], first["orderingKeySource"]) == (
        "false",
        "true",
        "none",
    )
    assert [name for name in first if name.startswith("transforms")] == []


def test_connect_may_read_the_topics_of_its_connectors_and_write_none_of_the_banks() -> None:
    own = {f"slacker-connect-{what}" for what in ("configs", "offsets", "status")}
    assert names("topic", "READ") - own == set(of_kafka())
    assert names("topic", "WRITE") - own == {CONNECT_DEAD_LETTERS}
    assert names("group", "READ") == {"slacker-connect", *(f"connect-{topic}" for topic in of_kafka())}
    assert connect_rights()[0] == USER


def test_no_right_is_on_everything() -> None:
    _, rights = connect_rights()
    too_much = {"ALL", "ALTER", "DELETE"}
    assert [right for right in rights if "*" in right["names"] or too_much & set(right["operations"])] == []


def test_both_ways_of_running_a_worker_differ_in_where_they_keep_what_they_know() -> None:
    distributed, standalone = (read(HOME / name) for name in WORKERS)
    differing = {name for name in {*distributed, *standalone} if distributed.get(name) != standalone.get(name)}
    assert {name.partition(".")[0] for name in differing} == {"group", "config", "offset", "status", "scheduled"}


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_speaks_tls_with_a_password_to_the_broker_in_all_that_it_does(worker: str) -> None:
    settings = read(HOME / worker)
    for prefix in ("", "consumer.", "producer.", "admin."):
        assert settings[f"{prefix}security.protocol"] == "SASL_SSL"
        assert settings[f"{prefix}sasl.jaas.config"] == "${env:SLACKER_KAFKA_LOGIN}"
    assert "password" not in (HOME / worker).read_text().replace("a password", "")
    assert settings["listeners"].startswith("http://127.0.0.1:")


def test_the_example_adds_removes_and_modifies_a_field_on_a_topic_of_its_own() -> None:
    example = transformation()["config"]
    kinds = [example[f"transforms.{name}.type"].rpartition(".")[2] for name in example["transforms"].split(",")]
    assert kinds == ["InsertField$Value", "ReplaceField$Value", "MaskField$Value", "Flatten$Value"]
    assert example["topics"] not in of_kafka()


def test_alerts_are_on_metrics_that_are_exported_and_lead_to_a_runbook_that_exists() -> None:
    exported = {rule["name"] for rule in yaml.safe_load((HOME / "metrics.yaml").read_text())["rules"]}
    [group] = yaml.safe_load((HOME / "alerts.yaml").read_text())["groups"]
    alerting = {name for rule in group["rules"] for name in re.findall(r"kafka_connect_\w+", rule["expr"])}
    assert alerting == exported
    assert all((HOME.parent / rule["annotations"]["runbook"]).is_file() for rule in group["rules"])


def test_the_lock_pins_what_pom_xml_asks_for_each_in_a_profile() -> None:
    pom = (HOME / "pom.xml").read_text()
    required = re.findall(r"<artifactId>([\w.-]+)</artifactId>\s*<version>([\w.]+)</version>", pom)[1:]
    pinned = {(jar.coordinate.split(":")[1], jar.coordinate.split(":")[-1]) for jar in jars.read()}
    assert [artifact for artifact in required if artifact not in pinned] == []
    assert {jar.profile for jar in jars.read()} == set(jars.PROFILE_FOLDERS)
    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in jars.read())
