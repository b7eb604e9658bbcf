"""A rule set as this function holds it: compiled once per version, with what the log may tell of it worked out."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from shared.expressions.expression import references
from shared.privacy import DataClass
from shared.risk.features.schema import features
from shared.risk.rules.compiler import CompiledRules, compile_rule_set
from shared.risk.rules.question_variables import compile_question
from shared.risk.rules.rule_set import parse_rule_set


class ActiveRules(msgspec.Struct, frozen=True):
    """One version of a rule set, ready to decide.

    `read_question` gives the values of the question's variables and a mask of what is missing; `question_from` is
    where they stand behind the features. `loggable` are names and places of the
    variables that the rules read and that hold no personal data.
    """

    rules: CompiledRules
    read_question: Callable[[Mapping[str, Any]], tuple[tuple[object, ...], int]]
    question_from: int
    loggable: tuple[tuple[str, int], ...]


def parse_rules(document: Mapping[str, Any]) -> ActiveRules:
    """The rule set in a document of `schemas/json/rule_set.v1.json`; raises `Invalid` naming rule and position."""
    rule_set = parse_rule_set(document, features())
    rules = (*rule_set.allow, *rule_set.rules)
    read = {variable.index for rule in rules for variable in references(rule.when.expression)}
    loggable = tuple(
        (variable.name, index)
        for index, variable in enumerate(rule_set.variables)
        if index in read and variable.data_class is DataClass.NONE
    )
    return ActiveRules(compile_rule_set(rule_set), compile_question(rule_set), rule_set.question_from, loggable)
