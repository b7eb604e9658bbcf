"""A rule set and an operation are held against each other where both are known, in files and in the store."""

from pathlib import Path

import pytest

from tests.cli.conftest import Cli, changed

SHIPPED = Path(__file__).parents[3] / "functions"
UNKNOWN = "no operation cards is known, its question is not looked at"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The shipped rule set of transactions, to be changed."""
    path = tmp_path / "rules.yaml"
    path.write_text((SHIPPED / "risk_decision/rule_sets/transaction.yaml").read_text())
    return path


@pytest.fixture
def operation(tmp_path: Path) -> Path:
    """The shipped operation, to be changed."""
    path = tmp_path / "operation.yaml"
    path.write_text((SHIPPED / "advice/operations/transaction.yaml").read_text())
    return path


@pytest.mark.parametrize("command", [("check",), ("publish", "--note", "x", "--as", "ana")])
def test_a_pointer_that_leads_nowhere_is_an_error_at_its_place_in_the_file(
    cli: Cli, rules: Path, command: tuple[str, ...]
) -> None:
    result = cli("rules", command[0], changed(rules, "/posting/amount/minor", "/posting/amuont/minor"), *command[1:])

    problem = "leads nowhere in the question of transaction@bundled; did you mean '/posting/amount/minor'?"
    assert result.exit_code == 1
    assert f"{rules}:11:36: {problem}" in result.output


def test_an_operation_that_is_not_known_is_a_warning(cli: Cli, rules: Path, rules_file: Path) -> None:
    misspelt = cli("rules", "check", changed(rules, "operation: transaction\n", "operation: transactoin\n"))
    new = cli("rules", "check", rules_file)

    assert (misspelt.exit_code, misspelt.stderr.splitlines()) == (
        0,
        [
            f"warning: {rules}:2:1: never asked about it: decides about the operation transaction",
            f"warning: {rules}:2:1: {UNKNOWN.replace('cards', 'transactoin')}; did you mean 'transaction'?",
        ],
    )
    assert (new.exit_code, new.stderr) == (0, f"warning: {rules_file}:2:1: {UNKNOWN}\n")


def test_warnings_are_apart_from_problems_in_json(cli: Cli, rules_file: Path) -> None:
    result = cli("rules", "check", rules_file, "--json")

    assert f'"message": "{UNKNOWN}"' in result.output
    assert '"problems": []' in result.output


def test_an_operation_in_a_file_is_held_against_before_it_is_published(cli: Cli) -> None:
    example = SHIPPED.parent / "examples/payee_change"
    for kind, file, other in (("rules", "rule_set", "operation"), ("operations", "operation", "rule_set")):
        result = cli(kind, "check", example / f"{file}.yaml", "--against", example / f"{other}.yaml")
        assert (result.exit_code, result.stderr) == (0, "")


def test_a_pointer_of_an_operation_into_its_question_is_an_error(cli: Cli, operation: Path) -> None:
    result = cli("operations", "check", changed(operation, "client: /context/client_id", "client: /context/client"))

    assert result.exit_code == 1
    assert f"{operation}:11:1: leads nowhere in the question; did you mean '/context/client_id'?" in result.output


def test_a_risk_function_of_another_name_is_a_warning(cli: Cli, operation: Path) -> None:
    result = cli(
        "operations", "check", changed(operation, "risk_function: risk_decision", "risk_function: risk_decison")
    )

    assert result.exit_code == 0
    message = "no risk function risk_decison comes with the code; did you mean 'risk_decision'?"
    assert result.stderr == f"warning: {operation}:4:1: {message}\n"


def test_what_the_store_has_in_force_counts_more_than_what_comes_with_the_code(
    cli: Cli, rules: Path, operation: Path
) -> None:
    example = SHIPPED.parent / "examples/payee_change"
    published = example / "operation.yaml"
    assert cli("operations", "publish", published, "--note", "x", "--as", "ana").exit_code == 0
    copy = rules.with_name("payees.yaml")
    copy.write_text((example / "rule_set.yaml").read_text())

    result = cli("rules", "publish", changed(copy, "/change/kind", "/change/kinds"), "--note", "x", "--as", "ana")

    problem = "leads nowhere in the question of payee_change@1; did you mean '/change/kind'?"
    assert (result.exit_code, problem in result.output) == (1, True)


def test_what_is_published_first_may_be_proposed_with_a_warning_and_the_second_is_held_against_it(
    cli: Cli, tmp_path: Path
) -> None:
    example = SHIPPED.parent / "examples/payee_change"
    copy = tmp_path / "payees.yaml"
    copy.write_text((example / "rule_set.yaml").read_text())
    changed(copy, "/change/kind", "/change/kinds")
    first = cli("rules", "publish", copy, "--note", "x", "--as", "ana")
    second = cli("operations", "publish", example / "operation.yaml", "--note", "x", "--as", "ana")
    approval = cli("rules", "approve", "payee_change", 1, "--as", "ben", "--dry-run")

    warning = "no operation payee_change is known, its question is not looked at"
    assert (first.exit_code, first.stderr) == (0, f"warning: {copy}:2:1: {warning}\n")
    assert (approval.exit_code, approval.stderr) == (0, f"warning: /operation: {warning}\n")
    problem = "payee_change@1/variables/change.kind/pointer leads nowhere in the question of this operation"
    assert (second.exit_code, problem in second.output) == (1, True)
