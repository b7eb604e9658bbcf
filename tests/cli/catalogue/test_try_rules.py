import io
import json
from pathlib import Path
from typing import Any

import pytest

from shared.runtime.log import Log
from tests.cli.conftest import Cli, changed


def tried(cli: Cli, *arguments: object) -> dict[str, Any]:
    result = cli("rules", "try", *arguments, "--json")
    assert result.exit_code == 0, result.output
    trial: dict[str, Any] = json.loads(result.output)
    return trial


def verdicts(trial: dict[str, Any]) -> dict[str, str]:
    return {rule["rule"]: rule["verdict"] for rule in trial["rules"]}


OPERATION = """\
name: cards
risk_function: risk_decision
callers: [cards@bank.example]
deadline_ms: 200
reserve_ms: 60
record: none
retention_days: 30
occurred_at: {{ pointer: /occurred_at, tolerance_seconds: {tolerance} }}
answers:
  cases:
    default: {{ legal: [APPROVE, REJECT, STEPUP_NEEDED], declared: STEPUP_NEEDED }}
question_schema:
  type: object
  additionalProperties: false
  required: [operation_id, occurred_at]
  properties:
    operation_id: {{ type: string, x-data-class: none }}
    occurred_at: {{ type: string, x-data-class: none }}
    attempt: {{ type: integer, x-data-class: none }}
    previous_attempt: {{ type: integer, x-data-class: none }}
    amount: {{ type: integer, x-data-class: none }}
    country: {{ type: string, x-data-class: none }}
"""


def operation_file(folder: Path, tolerance: int = 300) -> Path:
    """The operation that the rule set of these tests decides about."""
    path = folder / "operation.yaml"
    path.write_text(OPERATION.format(tolerance=tolerance))
    return path


def written_question(folder: Path, **changes: object) -> Path:
    """A question about it, in a file."""
    path = folder / "question.json"
    body = {"operation_id": "op-1", "occurred_at": "2026-03-01T12:00:00Z", "amount": 100, "country": "CZ"}
    path.write_text(json.dumps({**body, **changes}))
    return path


def test_each_rule_is_told_with_the_values_it_read(cli: Cli, rules_file: Path) -> None:
    trial = tried(cli, rules_file, "--base", "cards.amount=5001")

    assert verdicts(trial) == {"blocked_country": "missed", "large": "hit"}
    assert trial["rules"][1]["values"] == {"cards.amount": 5001, "operation.attempt": 1}
    assert trial["rules"][1]["gives"] == "score +60"
    assert (trial["outcome"]["advice"], trial["outcome"]["score"]) == ("STEPUP_NEEDED", 60)
    assert trial["missing"] == []


def test_what_nobody_gives_is_missing(cli: Cli, rules_file: Path) -> None:
    trial = tried(cli, rules_file, "operation.attempt=1")

    assert verdicts(trial) == {"blocked_country": "unknown", "large": "unknown"}
    assert trial["missing"] == ["cards.amount", "cards.country"]


def test_a_question_is_read_as_a_function_reads_it(cli: Cli, rules_file: Path, tmp_path: Path) -> None:
    question, operation = written_question(tmp_path, country="NO"), operation_file(tmp_path)

    trial = tried(cli, rules_file, "--question", question, "--against", operation)

    assert (trial["outcome"]["advice"], trial["outcome"]["reasons"]) == ("REJECT", ["BLOCKED_COUNTRY"])
    assert trial["operation"] == str(operation)


def test_a_question_has_the_defaults_and_numbers_that_the_service_gives_it(
    cli: Cli, rules_file: Path, tmp_path: Path
) -> None:
    """Without an attempt it is the first, and 6e3 is a whole number."""
    question = tmp_path / "question.json"
    question.write_text(written_question(tmp_path).read_text().replace('"amount": 100', '"amount": 6e3'))

    trial = tried(cli, rules_file, "--question", question, "--against", operation_file(tmp_path))

    assert trial["missing"] == []
    assert trial["rules"][1]["values"] == {"cards.amount": 6000, "operation.attempt": 1}
    assert trial["outcome"]["score"] == 60


def test_a_question_is_decided_for_its_own_time_as_far_as_the_operation_lets_it(
    cli: Cli, rules_file: Path, tmp_path: Path
) -> None:
    changed(rules_file, "[KP, NO]", "[KP, { value: NO, expires: 2026-03-01T11:00:00Z }]")
    question = written_question(tmp_path, country="NO", occurred_at="2026-03-01T10:00:00Z")

    trials = [
        tried(cli, rules_file, "--question", question, "--against", operation_file(tmp_path, tolerance))
        for tolerance in (300, 86_400)
    ]

    assert [trial["outcome"]["advice"] for trial in trials] == ["APPROVE", "REJECT"]


def test_an_outcome_that_the_case_does_not_admit_is_answered_as_the_service_would(
    cli: Cli, rules_file: Path, tmp_path: Path
) -> None:
    operation = changed(operation_file(tmp_path), "[APPROVE, REJECT, STEPUP_NEEDED]", "[APPROVE, STEPUP_NEEDED]")
    arguments = ("--question", written_question(tmp_path, country="NO"), "--against", operation)

    assert tried(cli, rules_file, *arguments)["answer"] == "STEPUP_NEEDED"
    output = cli("rules", "try", rules_file, *arguments).output
    assert output.splitlines()[-1] == f"{operation}: STEPUP_NEEDED: REJECT is not legal in this case"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"a": ' + "[" * 20_000, "a JSON object expected: the body is not JSON"),
        ('{"a": "' + "x" * 70_000 + '"}', "error: the body is larger than 65536 bytes"),
        ("{}", "question.json/operation_id: is required"),
        ('{"operation_id": "op-1", "amount": 1e400}', "question.json/amount: a number of at most 1.79e308 expected"),
    ],
)
def test_a_question_that_the_service_would_refuse_is_refused_with_its_reason(
    cli: Cli, rules_file: Path, tmp_path: Path, content: str, message: str
) -> None:
    question = tmp_path / "question.json"
    question.write_text(content)

    result = cli("rules", "try", rules_file, "--question", question, "--against", operation_file(tmp_path))

    assert (result.exit_code, message in result.output) == (1, True)


def test_beside_a_published_rule_set_the_published_operation_reads_the_question(
    cli: Cli, published: Path, tmp_path: Path
) -> None:
    question = written_question(tmp_path)
    unknown = cli("rules", "try", "cards", "--question", question)
    cli("operations", "publish", operation_file(tmp_path), "--note", "x", "--as", "ana")

    assert tried(cli, "cards", "--question", question)["operation"] == "cards@1"
    message = "error: no operation cards is known to read the question by: --against FILE names one\n"
    assert (unknown.exit_code, unknown.output) == (1, message)


def test_values_come_from_a_file_and_what_is_typed_wins(cli: Cli, rules_file: Path, tmp_path: Path) -> None:
    values = tmp_path / "values.json"
    values.write_text(json.dumps({"operation.attempt": 1, "cards.amount": 9000, "cards.country": "CZ"}))

    assert tried(cli, rules_file, "--values", values)["outcome"]["score"] == 60
    assert tried(cli, rules_file, "--values", values, "cards.amount=5")["outcome"]["score"] == 0


def test_any_published_version_can_be_tried(cli: Cli, published: Path) -> None:
    cli("rules", "publish", changed(published, "score: 60", "score: 10"), "--note", "x", "--as", "ana")

    assert tried(cli, "cards", "--base", "cards.amount=5001")["outcome"]["score"] == 60
    assert tried(cli, "cards", "--version", 2, "--base", "cards.amount=5001")["outcome"]["score"] == 10


def test_features_that_are_old_make_it_behave_as_it_would(cli: Cli, rules_file: Path) -> None:
    assert tried(cli, rules_file, "--base", "--features-age", 59)["outcome"]["advice"] == "APPROVE"
    assert tried(cli, rules_file, "--base", "--features-age", 61)["outcome"]["reasons"] == ["FEATURES_STALE"]
    assert tried(cli, rules_file, "--base", "--features-age", 1e300)["outcome"]["reasons"] == ["FEATURES_STALE"]


def test_a_list_entry_expires_at_its_time_in_utc(cli: Cli, rules_file: Path) -> None:
    changed(rules_file, "[KP, NO]", "[NO, { value: KP, expires: 2026-01-31 }]")
    values = ("--base", "cards.country=KP")

    before = tried(cli, rules_file, *values, "--at", "2026-01-31T23:59:59")
    after = tried(cli, rules_file, *values, "--at", "2026-02-01")

    assert [before["outcome"]["advice"], after["outcome"]["advice"]] == ["REJECT", "APPROVE"]


def test_people_see_what_hit_and_how_it_ended(cli: Cli, rules_file: Path) -> None:
    output = cli("rules", "try", rules_file, "--base", "cards.amount=5001").output

    assert "large  hit      score +60  LARGE   cards.amount=5001, operation.attempt=1" in output
    assert "1 rules missed (--all shows them)" in output
    assert output.splitlines()[-1] == f"{rules_file}: STEPUP_NEEDED, score 60, SCORE_RAISED, LARGE"


def test_fixtures_are_run(cli: Cli, published: Path) -> None:
    assert cli("rules", "try", published, "--fixtures").output == f"{published}: 2 rules, 1 list; 4 examples hold\n"
    assert cli("rules", "try", "cards", "--fixtures").output == "cards@1: 2 rules, 1 list; 4 examples hold\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["cards.amont=1"], 1, "error: cards.amont: there is no variable of this name; did you mean 'cards.amount'?"),
        (["cards.amount=much"], 1, "error: cards.amount: expected int from 0 to 1000000, or null for missing"),
        (["cards.amount"], 2, "VARIABLE=VALUE expected"),
        (["--version", "1"], 2, "--version goes with a published NAME"),
        (["--features-age", "inf"], 2, "Invalid value for '--features-age': a finite number expected"),
        (["--features-age", "nan"], 2, "Invalid value for '--features-age': a finite number expected"),
        (["--question", "none.json"], 1, "error: none.json: No such file or directory"),
    ],
)
def test_a_slip_is_told_in_a_line(cli: Cli, rules_file: Path, arguments: list[str], code: int, message: str) -> None:
    result = cli("rules", "try", rules_file, *arguments)

    assert result.exit_code == code
    assert message in result.output


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_question_must_be_a_json_object(cli: Cli, rules_file: Path, tmp_path: Path, text: str) -> None:
    question = tmp_path / "question.json"
    question.write_text(text)

    result = cli("rules", "try", rules_file, "--question", question)

    assert result.exit_code == 1
    assert "expected" in result.output


def test_a_decision_that_was_made_is_tried_again_on_its_logged_values(cli: Cli, rules_file: Path, state: Path) -> None:
    (state / "logs").mkdir(parents=True)
    stream = io.BytesIO()
    features = {"cards.amount": 5001, "operation.attempt": 1, "gone.since": 3}
    Log("risk_decision", stream=stream).write("decision", "INFO", None, operation_id="op-1", features=features)
    (state / "logs" / "risk_decision.jsonl").write_bytes(stream.getvalue())

    trial = tried(cli, rules_file, "--operation", "op-1", "cards.country=CZ")

    assert (verdicts(trial), trial["missing"]) == ({"blocked_country": "missed", "large": "hit"}, [])
    nothing = cli("rules", "try", rules_file, "--operation", "op-2")
    assert (nothing.exit_code, nothing.output) == (1, "error: no decision about op-2 is in the logs\n")
