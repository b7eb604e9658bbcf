"""The words of a condition: names, literals and operators as CEL spells them, each with its place in the text."""

import re
from collections.abc import Iterator

import msgspec

from shared.confusables import described
from shared.errors import Invalid, Problem

_TOKEN = re.compile(
    r"""
    (?P<space>  [ \t\r\n\f]+ | //[^\n]* )
  | (?P<double> (?: \d+\.\d+ | \.\d+ ) (?: [eE][+-]?\d+ )? | \d+[eE][+-]?\d+ )
  | (?P<int>    \d+ )
  | (?P<name>   [A-Za-z_]\w* (?: \.[A-Za-z_]\w* )* )
  | (?P<string> "(?: [^"\\\r\n] | \\[^\r\n] )*" | '(?: [^'\\\r\n] | \\[^\r\n] )*' )
  | (?P<symbol> && | \|\| | [=!<>]= | [-+*/%<>!?:()\[\],] )
    """,
    re.VERBOSE | re.ASCII,
)
_ESCAPE = re.compile(
    r"\\(?: ([abfnrtv\\'\"`?]) | [xX]([0-9a-fA-F]{2}) | u([0-9a-fA-F]{4}) | U([0-9a-fA-F]{8}) | ([0-3][0-7]{2}) )?",
    re.VERBOSE,
)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_MEANT = {"&": "&&", "|": "||", "=": "==", "≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/"}  # noqa: RUF001
_QUOTES, _DASHES = "“”„«»‘’‚`", "–—−"  # noqa: RUF001 - what text processors make of " and -
_MEANT |= dict.fromkeys(_QUOTES, '"') | dict.fromkeys(_DASHES, "-")


class Token(msgspec.Struct, frozen=True):
    """One word: `kind` is double, int, name, string, symbol or end; `text` as written; `at` its offset in the text."""

    kind: str
    text: str
    at: int


def tokens(text: str) -> Iterator[Token]:
    """The words of `text`, then one of kind `end`. Raises `Invalid`, naming the place, where no word can be read."""
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            at += text[at] == "." and not text[at + 1 : at + 2].isascii()  # a name goes on with a letter that is none
            raise problem(text, at, _unreadable(text[at]))
        kind = match.lastgroup or ""
        at = match.end()
        if kind in {"int", "double"} and text[at : at + 1].isidentifier():
            raise problem(text, at, "a number ends here, but a letter follows; unsigned and hexadecimal do not exist")
        if kind != "space":
            yield Token(kind, match.group(), match.start())
    yield Token("end", "the end", len(text))


def unquoted(text: str, token: Token) -> str:
    """What a string literal stands for, its escapes resolved."""

    def resolved(match: re.Match[str]) -> str:
        simple, byte, short, long, octal = match.groups()
        digits = byte or short or long
        if simple:
            return _SIMPLE.get(simple, simple)
        point = int(digits, 16) if digits else int(octal, 8) if octal else -1
        if not 0 <= point <= 0x10FFFF or 0xD800 <= point <= 0xDFFF:
            raise problem(text, token.at + 1 + match.start(), "no such escape; a backslash itself is written \\\\")
        return chr(point)

    return _ESCAPE.sub(resolved, token.text[1:-1])


def problem(text: str, at: int, message: str) -> Invalid:
    """The error at offset `at` of `text`, as `line:column`, both from 1."""
    line_start = text.rfind("\n", 0, at) + 1
    return Invalid(Problem(f"{text.count(chr(10), 0, at) + 1}:{at - line_start + 1}", message))


def _unreadable(character: str) -> str:
    if character in "\"'":
        return "a string begins here that does not end on its line"
    written = f"'{character}'" if "!" <= character <= "~" else described(character)
    meant = _MEANT.get(character)
    if meant is None:
        return f"{written} cannot stand here; expected a name, a number, a text in quotes or an operator"
    return f"{written} {'is no operator' if character.isascii() else 'cannot stand here'}; did you mean '{meant}'?"
