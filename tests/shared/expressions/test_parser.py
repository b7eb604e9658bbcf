"""What is a condition, what is not, and what the analyst is told then."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.expressions.expression import Expression, Operation
from shared.expressions.lexer import Token, tokens, unquoted
from shared.expressions.parser import MAX_DEPTH, MAX_LENGTH, MAX_TOKENS, Scope, parse_condition
from shared.expressions.variables import Type, Variable, Variables
from tests.shared.expressions.generation import EXAMPLES

SCOPE = Scope(
    Variables(
        [
            Variable("client.count_1h", Type.INT, 0, 1000),
            Variable("client.limit", Type.INT, 1, 2**62),
            Variable("client.debt", Type.INT, -(2**63), 2**63 - 1),
            Variable("client.mean", Type.DOUBLE, 0, 1e12),
            Variable("client.country", Type.STRING),
            Variable("client.payees", Type.LIST_STRING),
            Variable("client.hours", Type.LIST_INT, 0, 23),
            Variable("device.new", Type.BOOL),
        ]
    ),
    {"trusted"},
)

ELSEWHERE = "cannot stand here; expected a name, a number, a text in quotes or an operator"
CYRILLIC = "'\u0441' (U+0441 CYRILLIC SMALL LETTER ES, which looks like 'c')"
DIVISOR = "can be 0 by its range; declare the variable from 1 on, or divide doubles: double(a) / double(b)"

REFUSED = [
    # the words
    ("client.country == 'CZ", "1:19: a string begins here that does not end on its line"),
    ("device.new & device.new", "1:12: '&' is no operator; did you mean '&&'?"),
    ("device.new | device.new", "1:12: '|' is no operator; did you mean '||'?"),
    ("client.count_1h = 3", "1:17: '=' is no operator; did you mean '=='?"),
    ("client.count_1h > 3u", "1:20: a number ends here, but a letter follows; unsigned and hexadecimal do not exist"),
    ("client.count_1h > 0x1F", "1:20: a number ends here, but a letter follows; unsigned and hexadecimal do not exist"),
    ("client.country == 'a\\q'", "1:21: no such escape; a backslash itself is written \\\\"),
    ("client.country == '\\ud800'", "1:20: no such escape; a backslash itself is written \\\\"),
    ("client.count_1h > 3 #", f"1:21: '#' {ELSEWHERE}"),
    ("client.count_1h >\n  ~3", f"2:3: '~' {ELSEWHERE}"),
    ("\u0441lient.count_1h > 3", f"1:1: {CYRILLIC} {ELSEWHERE}"),
    (
        "client.\u0441\u043eunt_1h > 3",
        f"1:8: {CYRILLIC} {ELSEWHERE}",
    ),
    ("client.count_1h > ٣", f"1:19: '٣' (U+0663 ARABIC-INDIC DIGIT THREE, which looks like '3') {ELSEWHERE}"),
    ("client.count_1h >\u200b3", f"1:18: a character that nobody sees (U+200B ZERO WIDTH SPACE) {ELSEWHERE}"),
    ("client.count_1h > 3\x1b[2J", f"1:20: a character that nobody sees (U+001B) {ELSEWHERE}"),
    ("client.count_1h ≥ 3", "1:17: '≥' (U+2265 GREATER-THAN OR EQUAL TO) cannot stand here; did you mean '>='?"),
    (
        "merchant.category in [“a”]",
        "1:23: '“' (U+201C LEFT DOUBLE QUOTATION MARK) cannot stand here; did you mean '\"'?",
    ),
    # the grammar
    ("", "1:1: expected a value, found the end"),
    ("client.count_1h >", "1:18: expected a value, found the end"),
    ("(client.count_1h > 3", "1:21: expected ')', found the end"),
    ("client.count_1h > 3 device.new", "1:21: expected an operator or the end, found device.new"),
    ("device.new ? device.new", "1:24: expected ':', found the end"),
    ("client.payees[0] == 'a'", "1:14: expected an operator or the end, found ["),
    ("client.country in ['a' 'b']", "1:24: expected ',', found 'b'"),
    ("size(client.payees) > 3", "1:1: there is no function 'size'; the only one is double()"),
    (
        "client.country.startsWith('C')",
        "1:1: there is no function 'client.country.startsWith'; the only one is double()",
    ),
    # names
    ("client.cuont_1h > 3", "1:1: there is no variable 'client.cuont_1h'; did you mean 'client.count_1h'?"),
    ("merchant.id in lists.trustde", "1:1: there is no variable 'merchant.id'"),
    ("client.country in lists.trustde", "1:19: there is no list 'trustde'; did you mean 'trusted'?"),
    ("null == null", "1:1: there is no variable 'null'"),
    # types
    ("client.count_1h", "1:1: a condition is a bool; expected bool, found int"),
    ("client.count_1h > 3.0", "1:17: '>' after an int expected int, found double; write double(…) around the int"),
    ("client.mean > 3", "1:13: '>' after a double expected double, found int; write 3.0"),
    (
        "client.mean > client.count_1h",
        "1:13: '>' after a double expected double, found int 'client.count_1h'; write double(…) around it",
    ),
    ("client.country + 'a' == 'b'", "1:16: '+' expected int or double, found string 'client.country'"),
    ("client.mean % 2.0 > 1.0", "1:13: '%' expected int, found double 'client.mean'; write double(…) around the int"),
    ("!client.count_1h", "1:1: '!' expected bool, found int 'client.count_1h'"),
    ("-client.country == 'a'", "1:1: '-' expected int or double, found string 'client.country'"),
    ("device.new && client.country", "1:12: '&&' expected bool, found string 'client.country'"),
    ("device.new < true", "1:12: '<' expected int or double or string, found bool 'device.new'"),
    (
        "client.payees == client.payees",
        "1:15: '==' expected bool or int or double or string, found list(string) 'client.payees'",
    ),
    ("client.country in client.country", "1:16: 'in' expected a list on its right, found string 'client.country'"),
    (
        "client.count_1h in client.payees",
        "1:17: 'in' before a list(string) expected string, found int 'client.count_1h'",
    ),
    ("client.country in []", "1:19: expected a list of constants, all strings or all ints, at least one"),
    ("client.country in ['a', 1]", "1:19: expected a list of constants, all strings or all ints, at least one"),
    ("client.mean in [1.0]", "1:16: expected a list of constants, all strings or all ints, at least one"),
    ("client.country in [client.country]", "1:19: expected a list of constants, all strings or all ints, at least one"),
    (
        "client.count_1h ? device.new : device.new",
        "1:17: '?' after its condition expected bool, found int 'client.count_1h'",
    ),
    ("device.new ? 1 : 2.0", "1:12: ':' after an int expected int, found double; write double(…) around the int"),
    ("double(client.country) > 1.0", "1:1: 'double()' expected int or double, found string 'client.country'"),
    # proofs
    (
        "client.count_1h / client.count_1h > 1",
        f"1:17: the divisor of int '/' {DIVISOR}",
    ),
    (
        "client.count_1h % (client.count_1h - 3) > 1",
        f"1:17: the divisor of int '%' {DIVISOR}",
    ),
    (
        "client.limit + client.limit > 1",
        "1:14: this can overflow an int of 64 bits by the ranges of its variables; use double()",
    ),
    ("-client.debt > 1", "1:1: this can overflow an int of 64 bits by the ranges of its variables; use double()"),
    ("client.debt / -1 > 1", "1:13: this can overflow an int of 64 bits by the ranges of its variables; use double()"),
    ("client.count_1h < 9223372036854775808", "1:19: this number is too large for an int, expected one of 64 bits"),
    ("client.mean < 1e999", "1:15: this number is too large for a double, expected at most 1.79e308"),
    # bounds
    ("!" * (MAX_DEPTH + 1) + "device.new", "1:25: nested deeper than 24; split the rule or use '&&' and '||'"),
    ("(" * 200 + "device.new" + ")" * 200, "1:25: nested deeper than 24; split the rule or use '&&' and '||'"),
    ("1" + "+1" * 30 + "> 1", "1:50: nested deeper than 24; split the rule or use '&&' and '||'"),
    ("device.new ? device.new : " * 30 + "true", "1:636: nested deeper than 24; split the rule or use '&&' and '||'"),
    ("1<2&&" * MAX_TOKENS + "true", "1:751: a condition has at most 600 words"),
    (" " * (MAX_LENGTH + 1), "1:4001: a condition has at most 4000 characters"),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED, ids=[text[:40] for text, _ in REFUSED])
def test_what_is_no_condition_is_refused_with_its_place_and_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_condition(text, SCOPE)
    assert str(refused.value) == expected


ACCEPTED = [
    "client.count_1h > 3 // three is enough\n && device.new",
    "client.limit % 100 == 0",
    "client.limit / client.limit > 1",
    "double(client.count_1h) / double(client.limit) > 0.5",
    "double(client.mean) > 1.0",
    "client.debt > -9223372036854775808",
    "client.debt <= 9223372036854775807",
    "-client.count_1h < -3",
    "client.count_1h in [1, -2]",
    "client.count_1h in client.hours && client.country in lists.trusted",
    "client.country < 'D' == device.new",
    "(device.new ? client.count_1h : 3) > 2",
    ("device.new && " * 200) + "true",
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_is_a_condition_is_taken(text: str) -> None:
    assert parse_condition(text, SCOPE).type is Type.BOOL


def shape(expression: Expression) -> str:
    """The tree of an expression, bracketed in full."""
    if isinstance(expression, Operation):
        return f"({expression.operator} {' '.join(map(shape, expression.operands))})"
    return str(getattr(expression, "value", getattr(expression, "name", "list")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true || true && false", "(|| True (&& True False))"),
        ("true && true && false", "(&& True True False)"),
        ("true && (true && false)", "(&& True (&& True False))"),
        ("1 - 2 - 3 == 4", "(== (- (- 1 2) 3) 4)"),
        ("1 + 2 * 3 == 7", "(== (+ 1 (* 2 3)) 7)"),
        ("(1 + 2) * 3 == 9", "(== (* (+ 1 2) 3) 9)"),
        ("1 - -1 == 2", "(== (- 1 -1) 2)"),
        ("-(1) == - 1", "(== (neg 1) -1)"),
        ("!device.new == true", "(== (! device.new) True)"),
        ("1 < 2 == true", "(== (< 1 2) True)"),
        ("true ? false : true ? false : true", "(?: True False (?: True False True))"),
        ("true || false ? true && false : true", "(?: (|| True False) (&& True False) True)"),
        ("client.country in ['a'] && true", "(&& (in client.country list) True)"),
    ],
)
def test_operators_bind_as_in_cel(text: str, expected: str) -> None:
    assert shape(parse_condition(text, SCOPE)) == expected


def test_conditions_that_say_the_same_in_different_places_are_equal() -> None:
    assert parse_condition("client.count_1h>3", SCOPE) == parse_condition("  (client.count_1h  > 3)", SCOPE)


@pytest.mark.parametrize(("left", "right"), [("1.0 / 0.0 > 0.0", "1.0 / -0.0 > 0.0"), ("1 < 2", "1.0 < 2.0")])
def test_literals_that_python_calls_equal_are_told_apart(left: str, right: str) -> None:
    assert parse_condition(left, SCOPE) != parse_condition(right, SCOPE)


@EXAMPLES
@given(st.text(alphabet=st.sampled_from("client.ount_1hdevw()[]&|!=<>+-*/%?:,'\"\\ 019.eE\n"), max_size=40))
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    try:
        parse_condition(text, SCOPE)
    except Invalid as refused:
        problems = refused.problems
    else:
        return
    assert len(problems) == 1


def test_every_escape_of_cel_is_known() -> None:
    text = r"""'\a\b\f\n\r\t\v\\\'\"\`\?\x41\X42\103\u00e9\U0001F600'"""
    assert unquoted(text, next(tokens(text))) == "\a\b\f\n\r\t\v\\'\"`?ABCé\U0001f600"


def test_words_carry_their_place() -> None:
    assert list(tokens("a.b  >=.5")) == [
        Token("name", "a.b", 0),
        Token("symbol", ">=", 5),
        Token("double", ".5", 7),
        Token("end", "the end", 9),
    ]
