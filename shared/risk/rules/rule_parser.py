"""Reads the parts of a rule set that name variables, against the variables there are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.advice import Advice
from shared.errors import Invalid, Problem
from shared.expressions.parser import Scope, parse_condition
from shared.expressions.variables import NUMBERS, Variable, Variables
from shared.risk.rules.rule import Condition, Environment, Fallback, Fixtures, Limit, Rule, StepUpBeforeBlock
from shared.suggestions import did_you_mean


class RuleParser:
    """Reads parts whose shape was checked already; puts what is wrong into `problems` and goes on."""

    def __init__(self, variables: Variables, lists: Mapping[str, Mapping[str, float]], problems: list[Problem]) -> None:
        self.variables = variables
        self.lists = lists
        self._scope = Scope(variables, lists)
        self._problems = problems

    def refuse(self, where: str, message: str) -> None:
        """Note a problem."""
        self._problems.append(Problem(where, message))

    def rules(self, declared: Sequence[Mapping[str, Any]], where: str) -> tuple[Rule, ...]:
        """The rules under `/allow`, which all approve, or under `/rules`; without those whose condition is wrong."""
        return tuple(
            rule for index, document in enumerate(declared) for rule in self._rule(document, f"{where}/{index}")
        )

    def _rule(self, declared: Mapping[str, Any], where: str) -> Iterator[Rule]:
        outcome = Advice.APPROVE if where.startswith("/allow") else _advice(declared.get("outcome"))
        if (outcome is None) == ("score" not in declared):
            self.refuse(where, f"rule '{declared['id']}': expected either an outcome or a score")
        if "notify_client" in declared and outcome is None:
            self.refuse(f"{where}/notify_client", f"rule '{declared['id']}': expected an outcome beside it")
        fixtures = {
            kind: tuple(
                self.environment(environment, f"{where}/fixtures/{kind}/{index}")
                for index, environment in enumerate(environments)
            )
            for kind, environments in declared.get("fixtures", {}).items()
        }
        try:
            expression = parse_condition(declared["when"], self._scope)
        except Invalid as error:
            for problem in error.problems:
                self.refuse(f"{where}/when", f"rule '{declared['id']}', {problem.field}: {problem.message}")
            return
        unknown = declared.get("unknown", "ignore")
        yield Rule(
            id=declared["id"],
            when=Condition(declared["when"], expression),
            reason=declared["reason"],
            outcome=outcome,
            score=declared.get("score", 0),
            unknown=None if unknown in {"ignore", "hit"} else Advice(unknown),
            unknown_hits=unknown == "hit",
            notify_client=declared.get("notify_client"),
            description=declared.get("description", ""),
            fixtures=Fixtures(**fixtures),
        )

    def environment(self, declared: Environment, where: str) -> Environment:
        """Values by variable name, each of which its variable must admit."""
        for name, value in declared.items():
            variable = self._variable(name, f"{where}/{name}")
            if variable and value is not None and not variable.admits(value):
                span = f" from {variable.low} to {variable.high}" if variable.low is not None else ""
                self.refuse(f"{where}/{name}", f"expected {variable.type}{span}, or null for missing")
        return declared

    def names(self, declared: Sequence[str], where: str) -> tuple[str, ...]:
        """Names of variables."""
        for index, name in enumerate(declared):
            self._variable(name, f"{where}/{index}")
        return tuple(declared)

    def fallback(self, declared: Mapping[str, Any] | None, where: str) -> Fallback | None:
        """What an approval becomes where features are missing, or stale."""
        if declared is None:
            return None
        below = declared.get("approve_below")
        if below:
            self._number(below["variable"], f"{where}/approve_below/variable")
        limit = Limit(below["variable"], below["amount"]) if below else None
        return Fallback(Advice(declared["outcome"]), declared["reason"], limit)

    def step_up(self, declared: Mapping[str, Any] | None, known_reasons: set[str]) -> StepUpBeforeBlock | None:
        """The policy of a step-up before a block, whose reasons must be those of some rule or threshold."""
        where = "/stepup_before_block"
        if declared is None:
            return None
        self._number(declared["attempt"], f"{where}/attempt")
        if declared["reasons"] == "all":
            return StepUpBeforeBlock(declared["attempt"])
        for index, reason in enumerate(declared["reasons"]):
            if reason not in known_reasons:
                self.refuse(f"{where}/reasons/{index}", "no rule or threshold has this reason")
        return StepUpBeforeBlock(declared["attempt"], frozenset(declared["reasons"]))

    def _variable(self, name: str, where: str) -> Variable | None:
        if name in self.variables:
            return self.variables[self.variables.index(name)]
        self.refuse(where, f"there is no variable of this name{did_you_mean(name, self.variables.names)}")
        return None

    def _number(self, name: str, where: str) -> None:
        variable = self._variable(name, where)
        if variable and variable.type not in NUMBERS:
            self.refuse(where, f"expected an int or double variable, found {variable.type}")


def _advice(declared: str | None) -> Advice | None:
    return None if declared is None else Advice(declared)
