import json
from pathlib import Path

from cli.catalogue.document_kind import OPERATION
from tests.cli.conftest import Cli, changed


def test_one_proposes_and_the_next_one_is_told_what_to_run(cli: Cli, rules_file: Path) -> None:
    result = cli("rules", "publish", rules_file, "--note", "first", "--as", "ana")

    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            "proposed cards@1: 2 rules, 1 list; 4 examples hold",
            "now another person runs: python -m cli rules approve cards 1",
        ],
    )


def test_a_rule_set_that_does_not_pass_the_check_is_not_proposed(cli: Cli, published: Path) -> None:
    changed(published, "cards.amount > 5000", "cards.amount > true")

    result = cli("rules", "publish", published, "--note", "x", "--as", "ana")

    assert result.exit_code == 1
    assert "error: " in result.output
    assert [row["version"] for row in json.loads(cli("rules", "list", "cards", "--json").output)] == [1]


def test_the_one_who_proposed_cannot_approve(cli: Cli, rules_file: Path) -> None:
    cli("rules", "publish", rules_file, "--note", "first", "--as", "ana")

    result = cli("rules", "approve", "cards", 1, "--as", "Ana")

    assert (result.exit_code, result.output.splitlines()[-1]) == (
        1,
        "error: cards@1 was proposed by ana: another person has to approve it",
    )


def test_an_approval_shows_what_it_changes_and_puts_it_in_force(cli: Cli, published: Path) -> None:
    cli("rules", "publish", changed(published, "5000", "4000"), "--note", "lower", "--as", "ana")

    result = cli("rules", "approve", "cards", 2, "--as", "ben")

    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            "cards@2, proposed by ana: lower",
            "against cards@1, in force now: +1 -1 lines",
            "cards@2 is in force: every running function takes it within 10 seconds",
        ],
    )


def test_every_step_is_safe_to_do_twice(cli: Cli, published: Path) -> None:
    again = cli("rules", "publish", published, "--note", "first", "--as", "ana")
    assert (again.exit_code, again.stdout) == (
        0, "nothing to do: cards@1 has this content already, proposed by ana\n",
    )  # fmt: skip
    again = cli("rules", "approve", "cards", 1, "--as", "eve")
    assert again.exit_code == 0
    assert again.stdout.startswith("nothing to do: cards@1 is in force, approved by ben at 2026-03-01")


def test_a_rollback_goes_back_once_however_many_people_do_it(cli: Cli, published: Path) -> None:
    for number, (old, new) in enumerate([("5000", "4000"), ("4000", "3000")], 2):
        cli("rules", "publish", changed(published, old, new), "--note", "lower", "--as", "ana")
        assert cli("rules", "approve", "cards", number, "--as", "ben").exit_code == 0

    first = cli("rules", "rollback", "cards", "--note", "too strict", "--as", "ana")
    second = cli("rules", "rollback", "cards", "--note", "too strict", "--as", "ben")

    assert first.stdout == "cards@2 is in force: every running function takes it within 10 seconds\n"
    assert second.stdout.splitlines()[1] == "to go further back: python -m cli rules rollback cards --to VERSION"
    assert cli("rules", "rollback", "cards", "--to", 1, "--note", "x", "--as", "ben").exit_code == 0
    assert json.loads(cli("rules", "list", "--json").output)[0]["active"] == 1


def test_dry_runs_tell_and_change_nothing(cli: Cli, published: Path) -> None:
    changed(published, "5000", "4000")

    result = cli("rules", "publish", published, "--note", "x", "--as", "ana", "--dry-run")
    assert result.stdout == "would propose cards@2: 2 rules, 1 list; 4 examples hold\n"
    cli("rules", "publish", published, "--note", "x", "--as", "ana")
    result = cli("rules", "approve", "cards", 2, "--as", "ben", "--dry-run")
    assert result.output.splitlines()[-1] == "would approve cards@2 as ben"
    assert json.loads(cli("rules", "list", "--json").output)[0]["active"] == 1
    cli("rules", "approve", "cards", 2, "--as", "ben")
    result = cli("rules", "rollback", "cards", "--note", "x", "--as", "ben", "--dry-run")
    assert result.stdout == "would leave cards@1 in force, as ben\n"
    assert json.loads(cli("rules", "list", "--json").output)[0]["active"] == 2


def test_an_approved_version_that_is_not_in_force_comes_back_by_a_rollback_only(cli: Cli, published: Path) -> None:
    cli("rules", "publish", changed(published, "5000", "4000"), "--note", "x", "--as", "ana")
    cli("rules", "approve", "cards", 2, "--as", "ben")

    result = cli("rules", "approve", "cards", 1, "--as", "ben")

    assert result.stdout.splitlines()[1] == (
        "version 1 was approved before; to go back to it: python -m cli rules rollback cards --to 1"
    )


def test_who_acts_comes_from_the_environment_too(cli: Cli, rules_file: Path) -> None:
    named = {"SLACKER_USER": "ana"}
    assert cli("rules", "publish", rules_file, "--note", "x", environment=named).exit_code == 0

    assert json.loads(cli("rules", "list", "cards", "--json").output)[0]["proposed_by"] == "ana"


def test_without_a_name_nothing_is_done(cli: Cli, rules_file: Path) -> None:
    result = cli("rules", "publish", rules_file, "--note", "x")

    assert result.exit_code == 2
    assert "say who you are: --as NAME" in result.output


def test_operations_are_published_in_the_same_way(cli: Cli) -> None:
    file = OPERATION.bundled / "transaction.yaml"

    cli("operations", "publish", file, "--note", "x", "--as", "ana")
    cli("operations", "approve", "transaction", 1, "--as", "ben")

    assert json.loads(cli("operations", "list", "--json").output)[0]["active"] == 1
    assert cli("operations", "diff", file).output == "no difference\n"
    assert cli("rules", "list", "--json").output.strip() == "[]"


def test_a_version_that_is_not_there_is_told(cli: Cli, published: Path) -> None:
    result = cli("rules", "approve", "cards", 9, "--as", "ben")

    assert (result.exit_code, result.output) == (1, "error: rule_sets has no cards@9\n")


def test_a_published_operation_holds_its_questions_schema_and_can_be_published_again(cli: Cli, tmp_path: Path) -> None:
    cli("operations", "publish", OPERATION.bundled / "transaction.yaml", "--note", "x", "--as", "ana")
    printed = tmp_path / "shown.yaml"
    printed.write_text(cli("operations", "show", "transaction", 1).output)

    again = cli("operations", "publish", printed, "--note", "x", "--as", "ana")

    assert "question_schema:" in printed.read_text()
    assert again.output.startswith("nothing to do: transaction@1 has this content already")
