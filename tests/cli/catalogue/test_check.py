import json
from pathlib import Path

import pytest

from cli.catalogue.document_kind import OPERATION, RULES
from tests.cli.conftest import Cli, changed


def test_a_right_rule_set_is_summed_up(cli: Cli, rules_file: Path) -> None:
    result = cli("rules", "check", rules_file)

    assert (result.exit_code, result.stdout) == (0, f"{rules_file}: 2 rules, 1 list; 4 examples hold\n")


@pytest.mark.parametrize("kind", [RULES, OPERATION], ids=["rules", "operations"])
def test_what_ships_with_the_code_is_right(cli: Cli, kind: object) -> None:
    assert isinstance(kind, type(RULES))
    files = sorted(kind.bundled.glob("*.yaml"))

    result = cli(kind.command, "check", *files)

    assert files
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, len(files))


@pytest.mark.parametrize(
    ("old", "new", "position", "message"),
    [
        ("cards.country in", "cards.contry in", "18:11", "did you mean 'cards.country'"),
        ("&& operation.attempt < 5", "&& operation.attempt + 1", "26:", "rule 'large'"),
        ("cards.amount > 5000", "cards.amount > true", "25:", "rule 'large'"),
        ("score: 60", "score: sixty", "27:5", 'type "integer"'),
        ("    reason: LARGE\n", "", "23:5", "is required"),
        ("cards.amount: 5001", "cards.amount: 5000", "30:", "expected hit, found missed"),
        (', miss: [{}] }\n  - id: large', " }\n  - id: large", "22:5", "an example of a missed expected"),
        ("lists:", "list:", "1:1", "'list'"),
        ("name: cards", "name: Cards", "1:1", ""),
        ("lists:", "name: cards\nlists:", "7:1", "this key was given before"),
        ("lists:", "lists: [", "", "not YAML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_place_in_the_file(
    cli: Cli, rules_file: Path, old: str, new: str, position: str, message: str
) -> None:
    result = cli("rules", "check", changed(rules_file, old, new))

    assert result.exit_code == 1
    assert f"{rules_file}:{position}" in result.output
    assert message in result.output


@pytest.mark.parametrize("template", ["no_such_template", "reward_earned", "app_refresh"])
def test_a_message_to_the_client_that_could_not_be_sent_is_told(cli: Cli, rules_file: Path, template: str) -> None:
    """One that is not allow-listed, is not about security, or has variables."""
    rule = f"    outcome: REJECT\n    notify_client: {template}\n"

    result = cli("rules", "check", changed(rules_file, "    outcome: REJECT\n", rule))

    assert (result.exit_code, "payment_declined" in result.output, "'blocked_country'" in result.output) == (
        1,
        True,
        True,
    )


def test_problems_come_as_json_for_scripts(cli: Cli, rules_file: Path) -> None:
    good = rules_file.read_text()
    bad = rules_file.with_name("bad.yaml")
    bad.write_text(good.replace("score: 60", "score: sixty"))

    result = cli("rules", "check", rules_file, bad, "--json")

    assert result.exit_code == 1
    results = json.loads(result.output)
    assert [(result["file"], len(result["problems"])) for result in results] == [(str(rules_file), 0), (str(bad), 1)]
    assert results[1]["problems"][0]["place"] == f"{bad}:27:5"


def test_a_file_that_cannot_be_read_is_told_by_name(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"name: \xe9")

    result = cli("rules", "check", tmp_path / "none.yaml", tmp_path / "latin.yaml", tmp_path)

    assert result.exit_code == 1
    assert [line.split(": ", 1)[1].rsplit(": ", 1)[-1] for line in result.output.splitlines()] == [
        "No such file or directory",
        "UTF-8 expected",
        "Is a directory",
    ]


def test_a_wrong_operation_is_told_by_its_place(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "transaction.yaml"
    path.write_text((OPERATION.bundled / "transaction.yaml").read_text())

    result = cli("operations", "check", changed(path, "declared: STEPUP_NEEDED", "declared: MAYBE"))

    assert result.exit_code == 1
    assert f"{path}:18:7" in result.output
