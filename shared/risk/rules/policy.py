"""From the rules that hit or are unknown to the outcome: how rules, scores and policies add up."""

from collections.abc import Sequence

import msgspec

from shared.advice import Advice
from shared.expressions.expression import references
from shared.risk.rules.outcome import Outcome
from shared.risk.rules.rule import Fallback, Rule, Threshold
from shared.risk.rules.rule_set import RuleSet


class Evaluation(msgspec.Struct, frozen=True):
    """What evaluation found: which rules hit and which are unknown, in their order, and what is amiss.

    `repeated`: this is no first attempt, so that no step-up goes before a block. `missing`, `stale`: features are, and
    the operation is not below the limit under which that is accepted.
    """

    hits: Sequence[Rule] = ()
    unknowns: Sequence[Rule] = ()
    repeated: bool = False
    missing: bool = False
    stale: bool = False


class _Verdict(msgspec.Struct, frozen=True):
    advice: Advice
    causes: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    score: int = 0
    notify: str | None = None


def settle_outcome(rule_set: RuleSet, facts: Evaluation) -> Outcome:
    """The outcome that follows from `facts`."""
    short_cut = next((rule for rule in facts.hits if rule.outcome is Advice.APPROVE), None)
    verdict = _Verdict(Advice.APPROVE, (short_cut.reason,)) if short_cut else _by_rules(rule_set, facts)
    advice, reasons, notify = verdict.advice, verdict.causes + verdict.details, verdict.notify
    if advice is Advice.APPROVE and not (short_cut and _stands_alone(rule_set, short_cut)):
        advice, more = _downgraded(rule_set, facts)
        reasons += more
    elif advice is Advice.REJECT and not facts.repeated and _may_step_up(rule_set, verdict.causes):
        advice, notify = Advice.STEPUP_NEEDED, None
    return Outcome(
        advice,
        verdict.score,
        tuple(dict.fromkeys(reasons)),
        tuple(rule.id for rule in facts.hits),
        tuple(rule.id for rule in facts.unknowns),
        notify,
    )


def _by_rules(rule_set: RuleSet, facts: Evaluation) -> _Verdict:
    """The strictest of what the rules and the score ask for, and everything that asks for it."""
    unknown = {rule.id for rule in facts.unknowns}
    hit = {rule.id for rule in facts.hits} | {rule.id for rule in facts.unknowns if rule.unknown_hits}
    counted = [rule for rule in rule_set.rules if rule.id in hit]
    demands = [
        (rule, rule.outcome if rule.id in hit else rule.unknown)
        for rule in rule_set.rules
        if rule.id in hit or rule.id in unknown
    ]
    score = sum(rule.score for rule in counted)
    threshold = _reached(rule_set.thresholds, score)
    outcomes = {outcome for _, outcome in demands} | {threshold.outcome if threshold else None}
    advice = next((advice for advice in rule_set.order if advice in outcomes), Advice.APPROVE)
    if advice is Advice.APPROVE:
        return _Verdict(advice, score=score)
    causes = tuple(rule.reason for rule, outcome in demands if outcome is advice)
    if threshold is None or threshold.outcome is not advice:
        templates = [rule.notify_client if rule.id in hit else None for rule, outcome in demands if outcome is advice]
        # One cause that the client must not hear of silences the others: a message would tip them off.
        return _Verdict(advice, causes, (), score, templates[0] if all(templates) else None)
    details = tuple(rule.reason for rule in counted if rule.score)
    return _Verdict(advice, (*causes, threshold.reason), details, score)


def _reached(thresholds: Sequence[Threshold], score: int) -> Threshold | None:
    reached = [threshold for threshold in thresholds if threshold.at_least <= score]
    return max(reached, key=lambda threshold: threshold.at_least, default=None)


def _may_step_up(rule_set: RuleSet, causes: tuple[str, ...]) -> bool:
    policy = rule_set.step_up_before_block
    return policy is not None and (policy.reasons is None or policy.reasons.issuperset(causes))


def _stands_alone(rule_set: RuleSet, short_cut: Rule) -> bool:
    """Whether a short cut reads the question alone, so that no feature could change the outcome."""
    return all(reference.index >= rule_set.question_from for reference in references(short_cut.when.expression))


def _downgraded(rule_set: RuleSet, facts: Evaluation) -> tuple[Advice, tuple[str, ...]]:
    """What an approval becomes where features are missing or stale: the stricter, if both are."""
    fallbacks: list[Fallback] = []
    if facts.missing and rule_set.when_missing:
        fallbacks.append(rule_set.when_missing)
    if facts.stale and rule_set.when_stale:
        fallbacks.append(rule_set.when_stale)
    if not fallbacks:
        return Advice.APPROVE, ()
    advice = min((fallback.outcome for fallback in fallbacks), key=rule_set.order.index)
    return advice, tuple(fallback.reason for fallback in fallbacks if fallback.outcome is advice)
