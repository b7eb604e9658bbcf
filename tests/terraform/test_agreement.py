"""What Terraform says twice is what the code says: collections, settings, secrets, log lines, names of zips."""

import hashlib
import re
from pathlib import Path

import pytest
import yaml

from functions.command_dispatch.handlers import create_ticket, resolve_transaction
from functions.push_notification import senders
from release import zips
from shared import schema_files
from shared.composition.ports import REGISTRY_AUTHORIZATION, TOKEN_KEY
from shared.data_model.registry import COLLECTIONS
from shared.messaging.topics import topics
from shared.risk.reviews.signatures import EXPIRY, JUDGEMENT, OPENING
from tests.support.terraform_source import ROOT, TERRAFORM, functions, strings, text

MONITORING = sorted(TERRAFORM.glob("modules/monitoring/*.tf"))

ELSEWHERE = {
    "SLACKER_STATE": "of one machine",
    "SLACKER_BROKER": "of one machine",
    "SLACKER_REPLAY": "refused in production",
    "SLACKER_KMS": "Google's own address is the default",
    "SLACKER_FCM": "Google's own address is the default",
    "SLACKER_JIRA_SETTLING": "the default fits Jira Cloud",
    "SLACKER_TRANSACTIONS_SETTLING": "the default fits",
}
"""The settings that no deployment needs, and why."""


def settings(*folders: Path) -> set[str]:
    """The settings that the code below `folders` names."""
    sources = [path.read_text() for folder in folders for path in folder.rglob("*.py")]
    return {name for source in sources for name in re.findall(r'"(SLACKER_[A-Z_]+)"', source)}


def settings_given(entry: str) -> set[str]:
    """The settings that a piece of HCL gives."""
    return set(re.findall(r"\b(SLACKER_[A-Z_]+)\s+=", entry))


def test_every_function_of_the_tree_has_an_entry() -> None:
    assert sorted(functions()) == zips.functions(ROOT)


def test_every_collection_is_known_and_expires_if_it_should() -> None:
    expiring = {collection.name for collection in COLLECTIONS if collection.retention != "until deleted"}
    lasting = {collection.name for collection in COLLECTIONS} - expiring
    assert (strings("expiring", "main.tf"), strings("lasting", "main.tf")) == (expiring, lasting)


def test_every_setting_of_the_code_is_told_or_needs_not_to_be() -> None:
    assert settings_given(text("functions.tf")) | set(ELSEWHERE) == settings(ROOT / "functions", ROOT / "shared")


@pytest.mark.parametrize("function", sorted(functions()))
def test_a_function_is_told_what_it_reads_and_nothing_else(function: str) -> None:
    own = settings(ROOT / "functions" / function) - set(ELSEWHERE)
    shared = settings(ROOT / "shared")
    entry = functions()[function]
    of_events = settings_given(text("functions.tf").partition("of_events = {")[2].partition("}")[0])
    in_terraform = settings_given(entry) | (of_events if "local.of_events" in entry else set())
    assert (own - in_terraform - shared, in_terraform - own - shared) == (set(), set())


def test_the_secrets_are_those_that_the_code_names() -> None:
    named = {
        TOKEN_KEY,
        create_ticket.SECRET,
        resolve_transaction.SECRET,
        senders.BANK_TOKEN,
        senders.CONTACTS_TOKEN,
        senders.SMS_CREDENTIAL,
        REGISTRY_AUTHORIZATION,
    }
    assert strings("secrets", "main.tf") == named


def test_those_who_sign_are_functions_with_a_key() -> None:
    assert strings("signers", "signing.tf") == {OPENING.function, JUDGEMENT.function, EXPIRY.function}


def test_those_who_publish_and_subscribe_are_functions() -> None:
    named = {name for topic in topics().values() for name in (*topic.publishers, *topic.subscribers)}
    assert named - set(functions()) == set()


def test_the_object_of_a_zip_has_the_name_that_was_packed() -> None:
    pattern = r'name += "functions/\$\{var\.name\}-\$\{substr\(filesha256\(var\.zip\), 0, (\d+)\)\}\.zip"'
    match = re.search(pattern, (TERRAFORM / "modules/function/main.tf").read_text())
    assert match is not None
    built = zips.build(ROOT, "advice")
    assert f"advice-{hashlib.sha256(built.content).hexdigest()[: int(match.group(1))]}.zip" == built.filename


def test_the_fixtures_are_a_zip_of_each_function() -> None:
    packed = [path.name.rpartition("-")[0] for path in TERRAFORM.glob("tests/fixtures/zips/*.zip")]
    assert sorted(packed) == zips.functions(ROOT)


def test_what_is_counted_in_the_log_is_written_there() -> None:
    filters = (TERRAFORM / "modules/monitoring/lines.tf").read_text()
    kinds = set(re.findall(r'jsonPayload\.kind=\\"(\w+)\\"', filters))
    sources = "\n".join(
        path.read_text() for folder in ("functions", "shared") for path in ROOT.glob(f"{folder}/**/*.py")
    )
    written = set(re.findall(r'(?:write|write_exception)\(\s*"(\w+)"', sources))
    fields = set(re.findall(r"jsonPayload\.(\w+)", filters))
    described = set(schema_files.load("json/log_line.v1.json")["properties"])
    assert (kinds - written, fields - described, len(kinds) > 3) == (set(), set(), True)


def test_the_table_of_decisions_has_the_fields_of_a_log_line() -> None:
    view = (TERRAFORM / "modules/decision_log/view.sql").read_text()
    selected = set(re.findall(r"jsonPayload\.(\w+)", view))
    made = set(re.findall(r'"name": "(\w+)"', (TERRAFORM / "modules/decision_log/lines.json").read_text()))
    classes = schema_files.load("json/log_line.v1.json")["properties"]
    assert (selected - made, {classes[name]["x-data-class"] for name in selected}) == (set(), {"none"})


@pytest.mark.parametrize(
    "runbook", sorted({name for path in MONITORING for name in re.findall(r'"([\w-]+\.md)"', path.read_text())})
)
def test_an_alert_has_its_runbook(runbook: str) -> None:
    assert (ROOT / "docs/runbooks" / runbook).exists()


def test_kafka_connect_is_watched_as_a_banks_own_prometheus_would() -> None:
    queries = set(re.findall(r'^ +query += "(.+)"$', "\n".join(path.read_text() for path in MONITORING), re.MULTILINE))
    groups = yaml.safe_load((ROOT / "kafka_connect/alerts.yaml").read_text())["groups"]
    assert queries == {rule["expr"] for group in groups for rule in group["rules"]}
