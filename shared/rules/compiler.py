"""Compiles a rule set, once per version, into one Python function from values to the outcome.

The function finds facts: a bit for each rule that hits, and for what is amiss (see `settle.Facts`). From the facts
`settle` makes the outcome, once for each set of facts seen: outcomes are values, so they are kept and shared.
With nothing missing the code tests nothing for `None`; else a second function is taken, whose rules ask both halves of
Kleene's question (see `code`). Bits are added up in words of 30, the ints that Python adds fastest.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from shared.rules import code, guards
from shared.rules.code import Coder, list_constant, local
from shared.rules.expression import Expression, references
from shared.rules.outcome import Outcome
from shared.rules.rule import Fallback, Rule
from shared.rules.rule_set import RuleSet
from shared.rules.settle import Facts, settle

WORD = 30
"""Bits in a word of facts: a CPython int of one digit."""

REMEMBERED = 4096
"""Sets of facts whose outcome is kept; with more, all are forgotten and found again."""

_REPEATED, _MISSING, _STALE, _FIRST_RULE = range(4)  # the places of the facts


class Decide(Protocol):
    """The compiled function."""

    def __call__(self, values: tuple[object, ...], missing: int, at: float, features_at: float = ..., /) -> Outcome:
        """The outcome for a vector of `values`, in the order of the rule set's variables.

        Bit i of `missing` is set exactly if `values[i]` is `None`; all other values are admitted by their variable.
        `at` is the time of the decision and `features_at` up to when the features are complete, in epoch seconds.
        """
        ...


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """A rule set, the function that decides by it, and that function's source for people to read."""

    rule_set: RuleSet
    decide: Decide
    source: str


def compile_rule_set(rule_set: RuleSet) -> CompiledRules:
    """The compiled form of `rule_set`, which must come from `parse_rule_set`."""
    source = "\n".join(
        [*_Writer(rule_set, partly=False).function(), "", *_Writer(rule_set, partly=True).function(), ""]
    )
    remembered: dict[tuple[int, ...], Outcome] = {}
    names = _namespace(rule_set) | {"_remembered": remembered, "_settle": _remembering(rule_set, remembered)}
    exec(compile(source, f"<rules {rule_set.name}>", "exec"), names)  # noqa: S102 - our own source, see `code`
    return CompiledRules(rule_set, names["_decide"], source)


def compile_condition(rule_set: RuleSet, rule: Rule) -> Callable[[tuple[object, ...], float], bool | None]:
    """One rule's condition alone, from values and time to true, false or `None` for unknown: what explaining needs."""
    expression = rule.when.expression
    read = {each.index for each in references(expression)}
    lines = [*_unpacked(rule_set, read), f"return {Coder(rule_set.lists).value(expression)}"]
    names = _namespace(rule_set)
    source = "\n".join(["def _condition(_values, _at, /):", *_indented(lines)])
    exec(compile(source, f"<rule {rule.id}>", "exec"), names)  # noqa: S102 - our own source, see `code`
    return names["_condition"]  # type: ignore[no-any-return] # what the source defines


def _namespace(rule_set: RuleSet) -> dict[str, Any]:
    """What the source can name: no builtins but these."""
    lists = {list_constant(name): dict(entries) for name, entries in rule_set.lists.items()}
    return {"__builtins__": {}, "KeyError": KeyError, "float": float, **code.RUNTIME, **lists}


def _unpacked(rule_set: RuleSet, read: set[int]) -> list[str]:
    """One assignment of the variables at the places `read`, which is faster than picking each where it is used."""
    if not read:
        return []
    names = (local(variable.name) if index in read else "_" for index, variable in enumerate(rule_set.variables))
    return [f"{', '.join(names)}, = _values"]


def _remembering(rule_set: RuleSet, remembered: dict[tuple[int, ...], Outcome]) -> Callable[..., Outcome]:
    rules = (*rule_set.allow, *rule_set.rules)
    words = _words(rule_set)

    def found(facts: Sequence[int]) -> list[Rule]:
        return [rule for place, rule in enumerate(rules, _FIRST_RULE) if facts[place // WORD] >> place % WORD & 1]

    def outcome(*key: int) -> Outcome:
        facts = Facts(
            hits=found(key[:words]),
            unknowns=found(key[words:]) if len(key) > words else (),
            repeated=bool(key[0] >> _REPEATED & 1),
            missing=bool(key[0] >> _MISSING & 1),
            stale=bool(key[0] >> _STALE & 1),
        )
        if len(remembered) >= REMEMBERED:
            remembered.clear()
        return remembered.setdefault(key, settle(rule_set, facts))

    return outcome


def _words(rule_set: RuleSet) -> int:
    return (_FIRST_RULE + len(rule_set.allow) + len(rule_set.rules) + WORD - 1) // WORD


class _Writer:
    """Writes one of the two functions."""

    def __init__(self, rule_set: RuleSet, *, partly: bool) -> None:
        self._rule_set = rule_set
        self._partly = partly
        self._coder = Coder(rule_set.lists)
        self._hits = [f"_hits{word}" for word in range(_words(rule_set))]
        self._unknowns = [f"_unknown{word}" for word in range(_words(rule_set))] if partly else []

    def function(self) -> list[str]:
        """The lines of the function."""
        name = "_decide_partly" if self._partly else "_decide"
        lines = [
            *self._unpacked(),
            *self._start(),
            *self._amiss(),
            *self._short_cuts(),
            *self._all_rules(),
            *self._end(),
        ]
        return [f"def {name}(_values, _missing, _at, _features_at=float('inf'), /):", *_indented(lines)]

    def _read(self) -> set[int]:
        """The places of the variables that anything here reads."""
        rule_set = self._rule_set
        named = set(rule_set.requires)
        named |= {
            each.approve_below.variable
            for each in (rule_set.when_missing, rule_set.when_stale)
            if each and each.approve_below
        }
        named |= {rule_set.step_up_before_block.attempt} if rule_set.step_up_before_block else set()
        indexes = {rule_set.variables.index(name) for name in named}
        rules = (*rule_set.allow, *rule_set.rules)
        return indexes | {reference.index for rule in rules for reference in references(rule.when.expression)}

    def _unpacked(self) -> Iterator[str]:
        read = self._read()
        if not self._partly:
            yield f"if _missing and _missing & {sum(1 << index for index in read):#x}:"
            yield "    return _decide_partly(_values, _missing, _at, _features_at)"
        yield from _unpacked(self._rule_set, read)

    def _start(self) -> Iterator[str]:
        yield f"{' = '.join(self._hits + self._unknowns)} = 0"

    def _amiss(self) -> Iterator[str]:
        rule_set = self._rule_set
        if rule_set.step_up_before_block:
            attempt = local(rule_set.step_up_before_block.attempt)
            test = f"{attempt} is None or {attempt} > 1" if self._partly else f"{attempt} > 1"
            yield from self._found(self._hits, _REPEATED, test)
        if rule_set.when_missing and self._partly:
            required = rule_set.variables.mask(rule_set.requires)
            yield from self._found(
                self._hits, _MISSING, self._unless_small(f"_missing & {required:#x}", rule_set.when_missing)
            )
        if rule_set.when_stale:
            stale = f"_at - _features_at > {rule_set.stale_after!r}"
            yield from self._found(self._hits, _STALE, self._unless_small(stale, rule_set.when_stale))

    def _unless_small(self, test: str, fallback: Fallback) -> str:
        if fallback.approve_below is None:
            return test
        amount = local(fallback.approve_below.variable)
        known = f"{amount} is None or " if self._partly else ""
        return f"{test} and ({known}{amount} >= {fallback.approve_below.amount!r})"

    def _short_cuts(self) -> Iterator[str]:
        for place, rule in enumerate(self._rule_set.allow, _FIRST_RULE):
            leaf = guards.Leaf(place, *[guards.conjuncts(rule.when.expression)] * 2)
            yield from self._rule(leaf, place, ends=True)

    def _all_rules(self) -> Iterator[str]:
        first = _FIRST_RULE + len(self._rule_set.allow)
        for node in guards.arrange([rule.when.expression for rule in self._rule_set.rules]):
            yield from self._node(node, first)

    def _node(self, node: guards.Node, first: int) -> Iterator[str]:
        if isinstance(node, guards.Leaf):
            yield from self._rule(node, first + node.rule, ends=False)
            return
        yield f"if {self._test(node.test)}:"
        for below in node.body:
            yield from _indented(self._node(below, first))

    def _rule(self, leaf: guards.Leaf, place: int, *, ends: bool) -> Iterator[str]:
        test = (
            " and ".join(f"({self._test(part)})" for part in leaf.rest)
            if len(leaf.rest) > 1
            else "".join(map(self._test, leaf.rest))
        )
        hit = [_added(self._hits, place), *(self._end() if ends else ())]
        if self._partly:
            settled = self._coder.settled(leaf.conjuncts)
            hit = [f"if {settled}:", *_indented(hit), "else:", *_indented([_added(self._unknowns, place)])]
        yield from [f"if {test}:", *_indented(hit)] if test else hit

    def _test(self, part: Expression) -> str:
        return self._coder.may(part) if self._partly else self._coder.known(part)

    def _found(self, words: list[str], place: int, test: str) -> Iterator[str]:
        yield f"if {test}:"
        yield f"    {_added(words, place)}"

    def _end(self) -> Iterator[str]:
        key = ", ".join(self._hits + self._unknowns)
        yield "try:"
        yield f"    return _remembered[{key},]"
        yield "except KeyError:"
        yield f"    return _settle({key})"


def _added(words: list[str], place: int) -> str:
    return f"{words[place // WORD]} += {1 << place % WORD:#x}"


def _indented(lines: Iterator[str] | Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
