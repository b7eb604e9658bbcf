"""Reads the text of a condition into a checked tree: the grammar of CEL's subset by precedence climbing.

    condition  = or [ "?" or ":" condition ]                  right-associative
    or         = and { "||" and }          and = relation { "&&" relation }
    relation   = sum { ("==" | "!=" | "<" | "<=" | ">" | ">=" | "in") sum }
    sum        = product { ("+" | "-") product }               product = unary { ("*" | "/" | "%") unary }
    unary      = { "!" | "-" } primary
    primary    = literal | name | "double" "(" condition ")" | "(" condition ")" | "[" condition { "," condition } "]"

Types are checked while reading, since every name is declared before.
"""

from collections.abc import Collection

import msgspec

from shared.expressions import checker
from shared.expressions.expression import Expression, Literal, NamedList, Reference
from shared.expressions.lexer import Token, problem, tokens, unquoted
from shared.expressions.variables import NAME, RESERVED, Type, Variables
from shared.suggestions import did_you_mean

MAX_LENGTH = 4_000
"""Characters of one condition."""

MAX_TOKENS = 600
"""Words of one condition."""

MAX_DEPTH = 24
"""Operators and parentheses within each other."""

_LISTS = "lists."
_BINARY = dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 3) | {"+": 4, "-": 4, "*": 5, "/": 5, "%": 5}
_LOGICAL = {"||": 1, "&&": 2}
_RELATION = 3


class Scope(msgspec.Struct, frozen=True):
    """What a condition may name: the variables, and the lists declared beside it."""

    variables: Variables
    lists: Collection[str] = ()


def parse_condition(text: str, scope: Scope) -> Expression:
    """The checked tree of `text`, of type bool.

    Raises `Invalid` with one `Problem` whose field is `line:column` and whose message says what was expected there.
    """
    if len(text) > MAX_LENGTH:
        raise problem(text, MAX_LENGTH, f"a condition has at most {MAX_LENGTH} characters")
    words = list(tokens(text))
    if len(words) > MAX_TOKENS:
        raise problem(text, words[MAX_TOKENS].at, f"a condition has at most {MAX_TOKENS} words")
    return _Parser(text, words, scope).condition()


class _Parser:
    def __init__(self, text: str, words: list[Token], scope: Scope) -> None:
        self._text = text
        self._words = words
        self._scope = scope
        self._next = 0
        self._depth = 0

    def condition(self) -> Expression:
        whole = self._conditional()
        if self._word.kind != "end":
            raise self._refuse(self._word, f"expected an operator or the end, found {self._word.text}")
        if whole.type is not Type.BOOL:
            raise self._refuse(self._words[0], f"a condition is a bool; expected bool, found {whole.type}")
        return whole

    @property
    def _word(self) -> Token:
        return self._words[self._next]

    def _take(self) -> Token:
        word = self._words[self._next]
        self._next += 1
        return word

    def _taken(self, symbol: str) -> bool:
        if self._word.kind == "symbol" and self._word.text == symbol:
            self._next += 1
            return True
        return False

    def _need(self, symbol: str) -> None:
        if not self._taken(symbol):
            raise self._refuse(self._word, f"expected '{symbol}', found {self._word.text}")

    def _refuse(self, word: Token, message: str) -> Exception:
        return problem(self._text, word.at, message)

    def _deeper(self, word: Token) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._refuse(word, f"nested deeper than {MAX_DEPTH}; split the rule or use '&&' and '||'")

    def _conditional(self) -> Expression:
        test = self._binary(1)
        mark = self._word
        if not self._taken("?"):
            return test
        self._deeper(mark)
        then = self._binary(1)
        self._need(":")
        otherwise = self._conditional()
        self._depth -= 1
        return checker.conditional(test, then, otherwise, lambda message: self._refuse(mark, message))

    def _binary(self, least: int) -> Expression:
        """Operators of at least the precedence `least`; `&&` and `||` take any number of operands at once."""
        depth = self._depth
        left = self._unary()
        while True:
            mark = self._word
            operator = mark.text if mark.kind in {"symbol", "name"} else ""
            if operator in _LOGICAL and (binding := _LOGICAL[operator]) >= least:
                left = self._logical(operator, binding, left)
            elif operator in _BINARY and (binding := _BINARY[operator]) >= least:
                self._take()
                self._deeper(mark)  # what stands to the left gets one level deeper with each operator
                right = self._binary(binding + 1)
                make = checker.comparison if binding == _RELATION else checker.arithmetic
                left = make(operator, left, right, lambda message, mark=mark: self._refuse(mark, message))  # type: ignore[misc] # bound now: `mark` moves on
            else:
                self._depth = depth
                return left

    def _logical(self, operator: str, binding: int, left: Expression) -> Expression:
        mark = self._word
        operands = [left]
        depth = self._depth
        self._deeper(mark)
        while self._taken(operator):
            operands.append(self._binary(binding + 1))
        self._depth = depth
        return checker.logical(operator, operands, lambda message: self._refuse(mark, message))

    def _unary(self) -> Expression:
        mark = self._word
        if self._taken("!"):
            self._deeper(mark)
            operand = self._unary()
            self._depth -= 1
            return checker.logical("!", [operand], lambda message: self._refuse(mark, message))
        if self._taken("-"):
            if self._word.kind in {"int", "double"}:
                return self._number(self._take(), "-")
            self._deeper(mark)
            operand = self._unary()
            self._depth -= 1
            return checker.negation(operand, lambda message: self._refuse(mark, message))
        return self._primary()

    def _primary(self) -> Expression:
        word = self._take()
        if word.kind in {"int", "double"}:
            return self._number(word)
        if word.kind == "string":
            value = unquoted(self._text, word)
            return Literal(Type.STRING, value, repr(value))
        if word.kind == "name":
            return self._name(word)
        if word.text == "(":
            return self._closed(word, ")")
        if word.text == "[":
            return self._items(word)
        raise self._refuse(word, f"expected a value, found {word.text}")

    def _number(self, word: Token, sign: str = "") -> Literal:
        def refuse(message: str) -> Exception:
            return self._refuse(word, message)

        if word.kind == "int":
            return checker.int_literal(int(sign + word.text), refuse)
        return checker.double_literal(float(sign + word.text), refuse)

    def _closed(self, word: Token, closing: str) -> Expression:
        self._deeper(word)
        inner = self._conditional()
        self._need(closing)
        self._depth -= 1
        return inner

    def _items(self, word: Token) -> Expression:
        self._deeper(word)
        elements: list[Expression] = []
        while not self._taken("]"):
            if elements:
                self._need(",")
            elements.append(self._conditional())
        self._depth -= 1
        return checker.items(elements, lambda message: self._refuse(word, message))

    def _name(self, word: Token) -> Expression:
        name = word.text
        if name in {"true", "false"}:
            return Literal(Type.BOOL, name == "true", repr(name == "true"))
        if self._taken("("):
            if name != "double":
                raise self._refuse(word, f"there is no function '{name}'; the only one is double()")
            inner = self._closed(word, ")")
            return checker.to_double(inner, lambda message: self._refuse(word, message))
        if name.startswith(_LISTS):
            return self._named_list(word)
        if name not in self._scope.variables:
            raise self._refuse(word, f"there is no variable '{name}'{_suggestion(name, self._scope.variables.names)}")
        index = self._scope.variables.index(name)
        variable = self._scope.variables[index]
        return Reference(variable.type, index, name, variable.range)

    def _named_list(self, word: Token) -> Expression:
        name = word.text.removeprefix(_LISTS)
        if name not in self._scope.lists:
            raise self._refuse(word, f"there is no list '{name}'{_suggestion(name, self._scope.lists)}")
        return NamedList(Type.LIST_STRING, name)


def _suggestion(name: str, names: Collection[str]) -> str:
    if RESERVED.fullmatch(name) or not NAME.fullmatch(name):
        return ""
    return did_you_mean(name, names)
