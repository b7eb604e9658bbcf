"""Writes the Python source that a rule set is compiled to: readable when dumped, the same for the same rule set.

A function finds facts and adds up their bits: one for each rule that hits, and one for each thing that is amiss. It is
written twice: `_decide` tests nothing for `None`; where a value it needs is missing it hands over to `_decide_partly`,
whose rules ask both halves of Kleene's question (see `python_source`) and which also adds up what is unknown.
"""

from collections.abc import Iterable, Iterator

from shared.expressions import guard_tree
from shared.expressions.compiler import assignments, indented
from shared.expressions.expression import Expression, references
from shared.expressions.python_source import Coder, local
from shared.risk.rules.rule import Fallback
from shared.risk.rules.rule_set import RuleSet

WORD = 30
"""Bits in a word of facts: the CPython ints of one digit, which it adds fastest."""

REPEATED, MISSING, STALE, FIRST_RULE = range(4)
"""The bits of the facts: what is amiss (see `policy.Evaluation`), then the short cuts, then the rules."""


def words(rule_set: RuleSet) -> int:
    """How many words the facts of `rule_set` take."""
    return -(-(FIRST_RULE + len(rule_set.allow) + len(rule_set.rules)) // WORD)


def functions(rule_set: RuleSet) -> str:
    """The source of `_decide` and `_decide_partly`.

    They name what `python_source` says it names, and `_remembered`: outcomes by words of facts, `_settle`: the function
    that puts one there, `_nothing`: the outcome of no facts.
    """
    lines = [*_Writer(rule_set, partly=False).function(), "", *_Writer(rule_set, partly=True).function(), ""]
    return "\n".join(lines)


class _Writer:
    """Writes one of the two functions."""

    def __init__(self, rule_set: RuleSet, *, partly: bool) -> None:
        self._rule_set = rule_set
        self._partly = partly
        self._coder = Coder(rule_set.lists)
        self._hits = [f"_hits{word}" for word in range(words(rule_set))]
        self._unknowns = [f"_unknowns{word}" for word in range(words(rule_set))] if partly else []

    def function(self) -> Iterator[str]:
        name = "_decide_partly" if self._partly else "_decide"
        yield f"def {name}(_values, _missing, _at, _features_at=float('inf'), /):"
        yield from indented(self._body())

    def _body(self) -> Iterator[str]:
        read = _read(self._rule_set)
        if not self._partly:
            yield f"if _missing and _missing & {sum(1 << index for index in read):#x}:"
            yield "    return _decide_partly(_values, _missing, _at, _features_at)"
        yield from assignments(self._rule_set.variables, read)
        yield f"{' = '.join(self._hits + self._unknowns)} = 0"
        yield from self._amiss()
        for bit, rule in enumerate(self._rule_set.allow, FIRST_RULE):
            parts = guard_tree.conjuncts(rule.when.expression)
            yield from self._rule(bit, parts, parts, self._end())
        first = FIRST_RULE + len(self._rule_set.allow)
        for node in guard_tree.arrange([rule.when.expression for rule in self._rule_set.rules]):
            yield from self._node(node, first)
        yield from _if(" and ".join(f"not {word}" for word in self._hits + self._unknowns), ["return _nothing"])
        yield from self._end()

    def _amiss(self) -> Iterator[str]:
        rule_set = self._rule_set
        if rule_set.step_up_before_block:
            attempt = local(rule_set.step_up_before_block.attempt)
            yield from _if(f"{self._missing_or(attempt)}{attempt} > 1", [_added(self._hits, REPEATED)])
        if rule_set.when_missing and self._partly:
            required = f"_missing & {rule_set.variables.mask(rule_set.requires):#x}"
            yield from _if(self._unless_small(required, rule_set.when_missing), [_added(self._hits, MISSING)])
        if rule_set.when_stale:
            stale = f"not _at - _features_at <= {rule_set.stale_after!r}"  # so that NaN is stale
            yield from _if(self._unless_small(stale, rule_set.when_stale), [_added(self._hits, STALE)])

    def _unless_small(self, test: str, fallback: Fallback) -> str:
        if fallback.approve_below is None:
            return test
        amount = local(fallback.approve_below.variable)
        return f"{test} and ({self._missing_or(amount)}{amount} >= {fallback.approve_below.amount!r})"

    def _missing_or(self, name: str) -> str:
        return f"{name} is None or " if self._partly else ""

    def _node(self, node: guard_tree.Node, first: int) -> Iterable[str]:
        if isinstance(node, guard_tree.Leaf):
            return self._rule(first + node.rule, node.rest, node.conjuncts)
        return _if(self._test(node.test), (line for below in node.body for line in self._node(below, first)))

    def _rule(
        self, bit: int, rest: tuple[Expression, ...], whole: tuple[Expression, ...], then: Iterable[str] = ()
    ) -> Iterable[str]:
        """A rule of which `rest` is yet to be tested and `whole` is all; `then` is done after it was found to hit."""
        hit: Iterable[str] = [_added(self._hits, bit), *then]
        if self._partly:
            unknown = [_added(self._unknowns, bit)]
            hit = [*_if(self._coder.surely_given_possibly(whole), hit), "else:", *indented(unknown)]
        if not rest:
            return hit
        return _if(" and ".join(f"({self._test(part)})" for part in rest) if rest[1:] else self._test(rest[0]), hit)

    def _test(self, part: Expression) -> str:
        return self._coder.possibly(part) if self._partly else self._coder.if_known(part)

    def _end(self) -> Iterator[str]:
        key = ", ".join(self._hits + self._unknowns)
        yield "try:"
        yield f"    return _remembered[{key},]"
        yield "except KeyError:"
        yield f"    return _settle({key})"


def _read(rule_set: RuleSet) -> set[int]:
    """The indices of the variables that deciding reads or requires."""
    fallbacks = (rule_set.when_missing, rule_set.when_stale)
    named = {
        *rule_set.requires,
        *(fallback.approve_below.variable for fallback in fallbacks if fallback and fallback.approve_below),
    }
    if rule_set.step_up_before_block:
        named.add(rule_set.step_up_before_block.attempt)
    rules = (*rule_set.allow, *rule_set.rules)
    in_rules = {reference.index for rule in rules for reference in references(rule.when.expression)}
    return in_rules | {rule_set.variables.index(name) for name in named}


def _added(to: list[str], bit: int) -> str:
    return f"{to[bit // WORD]} += {1 << bit % WORD:#x}"


def _if(test: str, body: Iterable[str]) -> list[str]:
    return [f"if {test}:", *indented(body)]
