"""Decisions in plain words, from the decision log: what was asked and answered, which rules said so, on what values."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from local.replay.bank_service import Case
from shared.expressions.expression import references
from shared.risk.rules.rule import Rule
from shared.risk.rules.rule_set import RuleSet

_NOTHING_HIT = "no rule spoke against it"
_POLICY = "no rule hit: the rule set's policy for what is missing or stale says so"


def read_decisions(log: Path, operation_ids: Iterable[str]) -> dict[tuple[str, int], dict[str, Any]]:
    """The decision lines of those operation ids in a function's log, by id and attempt."""
    ids = {operation_id.encode(): operation_id for operation_id in operation_ids}
    by_attempt: dict[tuple[str, int], dict[str, Any]] = {}
    with log.open("rb") as lines:
        for line in lines:
            if b'"decision"' not in line or not any(operation in line for operation in ids):
                continue
            decision = msgspec.json.decode(line)
            if decision.get("kind") == "decision":
                by_attempt[decision["operation_id"], decision["attempt"]] = decision
    return by_attempt


def describe(case: Case, lines: Mapping[tuple[str, int], Mapping[str, Any]], rule_set: RuleSet) -> str:
    """A case as a short paragraph."""
    transaction = case.transaction
    recipient = transaction.shop.name or transaction.shop.id if transaction.shop else "another account"
    truth = f"fraud ({transaction.scenario})" if transaction.fraud else "genuine"
    city = f" in {transaction.location.city}" if transaction.location else ""
    moved = f"{transaction.amount.minor / 100:,.2f} {transaction.amount.currency}"
    head = (
        f"{transaction.at:%a %d %b %H:%M} UTC, {moved} by {transaction.channel}, {recipient}{city}; in truth {truth}."
    )
    answers = [_answer(answered.answer.advice, answered.answer.reasons) for answered in case.answers]
    line = lines.get((transaction.id, 1))
    return "\n".join([head, f"  {' Then '.join(answers)}", *_because(line, rule_set)])


def _answer(advice: str, reasons: Iterable[str]) -> str:
    because = ", ".join(reasons)
    return f"{advice}: {because}." if because else f"{advice}."


def _because(line: Mapping[str, Any] | None, rule_set: RuleSet) -> list[str]:
    if line is None:
        return ["  no decision is in the log: the answer was the declared one"]
    rules = {rule.id: rule for rule in (*rule_set.allow, *rule_set.rules)}
    hits = [rules[hit] for hit in line.get("hits", ()) if hit in rules]
    values = line.get("features", {})
    if hits:
        return [f"  - {_rule(rule, values)}" for rule in hits]
    return [f"  - {_POLICY if line.get('reasons') else _NOTHING_HIT}"]


def _rule(rule: Rule, values: Mapping[str, Any]) -> str:
    names = [variable.name for variable in references(rule.when.expression)]
    inputs = ", ".join(f"{name} = {_value(values[name])}" for name in names if name in values)
    effect = f"score {rule.score:+d}" if rule.outcome is None else rule.outcome.value
    return f"{rule.description or rule.id} [{rule.when.text}]" + (f" with {inputs}" if inputs else "") + f": {effect}"


def _value(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
