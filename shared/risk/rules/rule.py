"""The parts of a rule set as typed values: rules with their fixtures, thresholds, and the policies around them."""

from collections.abc import Mapping

import msgspec

from shared.advice import Advice
from shared.expressions.expression import Expression

Environment = Mapping[str, object]
"""Values by variable name; `None`, or no entry, is a missing value."""


class Condition(msgspec.Struct, frozen=True):
    """A checked boolean expression and the text it was read from."""

    text: str
    expression: Expression


class Fixtures(msgspec.Struct, frozen=True):
    """Environments, laid over the rule set's base, for which a rule must hit, miss or be unknown."""

    hit: tuple[Environment, ...] = ()
    miss: tuple[Environment, ...] = ()
    unknown: tuple[Environment, ...] = ()


class Rule(msgspec.Struct, frozen=True):
    """One rule. It has an `outcome` or a `score`; a short cut (a rule under `allow`) has the outcome `APPROVE`.

    `unknown` is what it counts as when its condition is unknown: `None` nothing, its own `outcome` or score
    (`unknown_hits`), or another advice.
    """

    id: str
    when: Condition
    reason: str
    outcome: Advice | None = None
    score: int = 0
    unknown: Advice | None = None
    unknown_hits: bool = False
    notify_client: str | None = None
    description: str = ""
    fixtures: Fixtures = msgspec.field(default_factory=Fixtures)


class Threshold(msgspec.Struct, frozen=True):
    """From a total score of `at_least` on: this outcome, for this reason. The highest one reached counts."""

    at_least: int
    outcome: Advice
    reason: str


class StepUpBeforeBlock(msgspec.Struct, frozen=True):
    """On a first attempt (`attempt`, a variable, is at most 1) a rejection becomes a step-up.

    Only if every reason that led to it is one of `reasons`; `None` means any reason.
    """

    attempt: str
    reasons: frozenset[str] | None = None


class Limit(msgspec.Struct, frozen=True):
    """Below `amount` of `variable` an operation may be approved all the same; a missing variable is not below."""

    variable: str
    amount: int


class Fallback(msgspec.Struct, frozen=True):
    """What an approval becomes when features cannot be trusted, why, and below which limit it stays one."""

    outcome: Advice
    reason: str
    approve_below: Limit | None = None
