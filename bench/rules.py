"""How long fifty rules of the kind that ships take, against the same rules written by hand in one Python function.

Every figure is over 256 different environments, so that neither branches nor hits repeat from one to the next. The
lowest of many rounds counts, ours and the floor's taking turns: what is above it is the machine doing something else.
"""

import random
import time
from collections.abc import Callable, Sequence
from itertools import islice

from bench.fifty_by_hand import fifty_by_hand
from bench.fifty_rules import VARIABLES, environments, fifty_rules
from bench.measurement import Measurement
from shared.risk.rules.compiler import CompiledRules

Case = tuple[tuple[object, ...], int]
"""A vector of values and the mask of what is missing in it."""

AT = 1_800_000_000.0
ENVIRONMENTS = 256
HITS = 16
ALARMS = 8  # suspicious things at once: with these, about 14 rules hit

_ROUNDS = 60
_PASSES = 8


def measure(_: float) -> list[Measurement]:
    """Microseconds a decision takes: no rule hits, sixteen do, a third of the features missing, facts first seen."""
    rules = fifty_rules()
    calm = [VARIABLES.vector(environment) for environment in islice(environments(seed=1, alarms=0), ENVIRONMENTS)]
    alarming = hitting(rules)
    for case in (*calm, *alarming):
        if sorted(fifty_by_hand(case[0])) != [int(hit.removeprefix("rule_")) for hit in decided(rules, case)]:
            raise AssertionError("the rules by hand are not the rules")
    return [
        _against_floor("rules_miss", rules, calm, 0.8),
        _against_floor("rules_hit", rules, alarming, 2.0),
        _missing("rules_missing", rules, without_a_third(calm + alarming), 5.0),
        _first_seen(rules, alarming),
    ]


def decided(rules: CompiledRules, case: Case) -> tuple[str, ...]:
    """The rules that hit."""
    return rules.decide(*case, AT).hits


def hitting(rules: CompiledRules) -> list[Case]:
    """Environments with exactly sixteen hits."""
    vectors = (VARIABLES.vector(environment) for environment in environments(seed=2, alarms=ALARMS))
    return list(islice((case for case in vectors if len(decided(rules, case)) == HITS), ENVIRONMENTS))


def without_a_third(cases: Sequence[Case]) -> list[Case]:
    """The same with a third of the features missing, others in each."""
    random_ = random.Random(3)  # noqa: S311 - test data
    features = [index for index, variable in enumerate(VARIABLES) if variable.pointer is None]
    incomplete = []
    for values, _ in cases:
        lost = set(random_.sample(features, len(features) // 3))
        left = tuple(None if index in lost else value for index, value in enumerate(values))
        incomplete.append((left, sum(1 << index for index in lost)))
    return incomplete


def _against_floor(name: str, rules: CompiledRules, cases: Sequence[Case], goal: float) -> Measurement:
    ours, floor = _fastest([lambda: _decide_all(rules, cases), lambda: _by_hand_all(cases)], len(cases))
    return Measurement(name, ours, "µs", floor, ours / floor, f"<= {goal:g} µs", ours <= goal)


def _missing(name: str, rules: CompiledRules, cases: Sequence[Case], goal: float) -> Measurement:
    (ours,) = _fastest([lambda: _decide_all(rules, cases)], len(cases))
    return Measurement(name, ours, "µs", None, None, f"<= {goal:g} µs", ours <= goal)


def _first_seen(rules: CompiledRules, cases: Sequence[Case]) -> Measurement:
    """As `rules_hit`, but every set of hits is met for the first time, so that each outcome has to be made."""

    def forgetful() -> None:
        for case in cases:
            remembered.clear()
            rules.decide(*case, AT)

    remembered = rules.decide.__globals__["_remembered"]  # type: ignore[attr-defined] # a function, seen as a protocol
    (ours,) = _fastest([forgetful], len(cases), passes=1)
    return Measurement("rules_hit_first_seen", ours, "µs", None, None, "informs", True)


def _fastest(jobs: Sequence[Callable[[], None]], count: int, passes: int = _PASSES) -> list[float]:
    """For each job the microseconds that one of its `count` pieces takes, in the fastest of many rounds."""
    best = [float("inf")] * len(jobs)
    for job in jobs:
        job()  # the interpreter specialises code that it has run
    for _ in range(_ROUNDS):
        for index, job in enumerate(jobs):
            start = time.perf_counter()
            for _ in range(passes):
                job()
            best[index] = min(best[index], (time.perf_counter() - start) / passes)
    return [seconds / count * 1e6 for seconds in best]


def _decide_all(rules: CompiledRules, cases: Sequence[Case]) -> None:
    decide = rules.decide
    for values, missing in cases:
        decide(values, missing, AT)


def _by_hand_all(cases: Sequence[Case]) -> None:
    for values, _ in cases:
        fifty_by_hand(values)


if __name__ == "__main__":
    for measurement in measure(0):
        floor = f", by hand {measurement.floor:.2f}" if measurement.floor else ""
        print(f"{measurement.name:<22}{measurement.value:6.2f} {measurement.unit}{floor}  ({measurement.goal})")  # noqa: T201 - a command's output
