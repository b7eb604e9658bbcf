"""`rules try`: what a rule set says about one question, rule by rule, before it says it to a client."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from cli.catalogue.document_kind import RULES, check_rule_set
from cli.catalogue.references import against, beside, in_store
from cli.catalogue.show import chosen, is_file
from cli.catalogue.try_question import read_question
from cli.json_input import read_object, typed_value
from cli.output import as_json, echo, print_json, print_table
from cli.session import Session
from cli.trace.log_lines import opened
from cli.trace.timeline import tell
from shared.advice import Advice
from shared.command_line import Finite
from shared.errors import Invalid, NotFound, Problem
from shared.expressions.variables import Variable
from shared.risk.features.schema import features
from shared.risk.legal_answers import nearest_legal
from shared.risk.question import Question
from shared.risk.rules.compiler import compile_rule_set
from shared.risk.rules.explain import Verdict, explain
from shared.risk.rules.outcome import Outcome
from shared.risk.rules.question_variables import compile_question
from shared.risk.rules.rule_set import RuleSet, parse_rule_set
from shared.suggestions import did_you_mean
from shared.times import shifted, span


@dataclass(frozen=True, slots=True)
class TriedRule:
    """One rule's verdict, what it gives when it hits, and the values it read (`None`: missing)."""

    rule: str
    verdict: Verdict
    gives: str
    reason: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it: the outcome, each rule in the order of evaluation, and the variables they missed.

    With a question, the operation it was read by, and the answer: where its case does not admit the outcome, another.
    """

    rule_set: str
    outcome: Outcome
    rules: list[TriedRule]
    missing: list[str]
    operation: str | None = None
    answer: Advice | None = None


@click.command("try")
@click.argument("target", metavar="FILE|NAME")
@click.argument("values", nargs=-1, metavar="[VARIABLE=VALUE]...")
@click.option("--version", type=click.IntRange(min=1), help="Of NAME; the one in force if you give none.")
@click.option("--question", type=click.Path(path_type=Path), help="A question as a bank service sends it, in JSON.")
@against
@click.option("--values", "values_file", type=click.Path(path_type=Path), help="Values by variable name, in JSON.")
@click.option("--operation", "operation_id", metavar="OPERATION_ID", help="Start from the values of a logged decision.")
@click.option("--base", is_flag=True, help="Start from the values that the rule set's own examples start from.")
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]), help="When, in UTC; now if not given.")
@click.option("--features-age", type=Finite(min=0), default=0, help="Seconds since features were complete.")
@click.option("--fixtures", is_flag=True, help="Try every rule on its own examples instead.")
@click.option("--all", "show_all", is_flag=True, help="Show the rules that missed, too.")
@as_json
@click.pass_context
def try_(context: click.Context, /, target: str, version: int | None, **options: Any) -> None:
    r"""What would a rule set say? Each rule's verdict with the values it read, the score, the outcome.

    \b
      python -m cli rules try my.yaml --fixtures
      python -m cli rules try my.yaml --base client.payments_1h=9
      python -m cli rules try my.yaml --question question.json --values features.json
      python -m cli rules try my.yaml --operation op-4711
      python -m cli rules try transaction --version 6 --question question.json

    A value is JSON (9, 2.5, true, "shop", ["a"]); what is no JSON is a text; null is a missing value. What nobody
    gives is missing: that is how a rule set behaves when features are late.
    """
    session: Session = context.obj
    label, content = _content(session, target, version)
    if options["fixtures"]:
        try:
            echo(f"{label}: {check_rule_set(content)}")
        except Invalid as error:
            for problem in error.problems:
                echo(f"{label}{problem.field}: {problem.message}")
            context.exit(1)
        return
    rule_set = parse_rule_set(content, features())
    at = options["at"].replace(tzinfo=UTC) if options["at"] else session.now()
    question = _question(session, target, content, options, at)
    if question is not None:
        at = question.at
    start = _logged(session, options["operation_id"], rule_set) if options["operation_id"] else {}
    features_at = shifted(at, span(-options["features_age"]))
    trial = _tried(label, rule_set, start | _environment(rule_set, options, question), at, features_at)
    if question is not None:
        answer = nearest_legal(trial.outcome.advice, frozenset(question.case.legal))
        trial = replace(trial, operation=question.version, answer=answer)
    if options["as_json"]:
        print_json(trial)
    else:
        _print(trial, show_all=options["show_all"])


def _content(session: Session, target: str, version: int | None) -> tuple[str, Mapping[str, Any]]:
    if is_file(target):
        if version is not None:
            raise click.UsageError("--version goes with a published NAME, not with a FILE")
        return target, RULES.read(Path(target)).content
    published = session.in_catalogue(
        RULES.collection, lambda catalogue, deadline: chosen(catalogue, target, version, deadline)
    )
    return published.label, published.content


def _question(
    session: Session, target: str, content: Mapping[str, Any], options: Mapping[str, Any], at: datetime
) -> Question | None:
    """The question as its operation reads it: the one in the file that is named, the published one beside a published
    rule set, or the one that comes with the code.
    """
    if options["question"] is None:
        return None
    local = options["others"] or is_file(target)
    operations = beside(RULES, content, options["others"]) if local else in_store(session, RULES, content)
    return read_question(options["question"], content, operations, at)


def _logged(session: Session, operation_id: str, rule_set: RuleSet) -> dict[str, object]:
    """The values of the last decision about an operation that its log line has: those without personal data."""
    lines = [line for request in tell(operation_id, opened(session)) for line in request.lines]
    decisions = [line for line in lines if line.kind == "decision" and isinstance(line.fields.get("features"), dict)]
    if not decisions:
        raise NotFound(f"no decision about {operation_id} is in the logs")
    logged = max(decisions, key=lambda line: line.at).fields["features"]
    return {name: value for name, value in logged.items() if name in rule_set.variables}


def _environment(rule_set: RuleSet, options: Mapping[str, Any], question: Question | None) -> dict[str, object]:
    """The values by name, the more explicit ones last. Raises `Invalid` for a name or a value that cannot be."""
    environment: dict[str, object] = dict(rule_set.base) if options["base"] else {}
    if question is not None:
        values, _ = compile_question(rule_set)(question.body)
        environment |= dict(zip(rule_set.variables.names[rule_set.question_from :], values, strict=True))
    explicit = read_object(options["values_file"]) if options["values_file"] is not None else {}
    explicit |= dict(_assignment(text) for text in options["values"])
    problems = [problem for name, value in explicit.items() if (problem := _problem(rule_set, name, value))]
    if problems:
        raise Invalid(*problems)
    return environment | explicit


def _assignment(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"VARIABLE=VALUE expected, not '{text}'")
    return name, typed_value(name, value)


def _problem(rule_set: RuleSet, name: str, value: object) -> Problem | None:
    if name not in rule_set.variables:
        return Problem(name, f"there is no variable of this name{did_you_mean(name, rule_set.variables.names)}")
    variable = rule_set.variables[rule_set.variables.index(name)]
    if value is not None and not variable.admits(value):
        return Problem(name, f"expected {_admitted(variable)}, or null for missing")
    return None


def _admitted(variable: Variable) -> str:
    return str(variable.type) + (f" from {variable.low} to {variable.high}" if variable.low is not None else "")


def _tried(
    label: str, rule_set: RuleSet, environment: Mapping[str, object], at: datetime, features_at: datetime
) -> Trial:
    values, missing = rule_set.variables.vector(environment)
    outcome = compile_rule_set(rule_set).decide(values, missing, at.timestamp(), features_at.timestamp())
    rules = [
        TriedRule(
            explained.rule.id,
            explained.verdict,
            explained.rule.outcome or f"score {explained.rule.score:+d}",
            explained.rule.reason,
            dict(sorted(explained.values.items())),
        )
        for explained in explain(rule_set, values, at.timestamp())
    ]
    read = sorted({name for rule in rules for name, value in rule.values.items() if value is None})
    return Trial(label, outcome, rules, read)


def _print(trial: Trial, *, show_all: bool) -> None:
    listed = [rule for rule in trial.rules if show_all or rule.verdict is not Verdict.MISSED]
    if listed:
        print_table(
            ["rule", "verdict", "gives", "reason", "values"],
            [[rule.rule, rule.verdict, rule.gives, rule.reason, _values_text(rule.values)] for rule in listed],
        )
        echo()
    if missed := len(trial.rules) - len(listed):
        echo(f"{missed} rules missed (--all shows them)")
    if trial.missing:
        echo(f"missing: {', '.join(trial.missing)}")
    outcome = trial.outcome
    reasons = ", ".join(outcome.reasons) or "no reason"
    echo(f"{trial.rule_set}: {outcome.advice}, score {outcome.score}, {reasons}")
    if trial.answer is not None:
        illegal = "" if trial.answer == outcome.advice else f": {outcome.advice} is not legal in this case"
        echo(f"{trial.operation}: {trial.answer}{illegal}")


def _values_text(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={'missing' if value is None else json.dumps(value)}" for name, value in values.items())
