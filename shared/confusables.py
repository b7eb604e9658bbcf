"""What a text reads like to a person, whatever characters it is written with: the form in which links are looked for.

Compatibility forms (full width, circled, mathematical) become plain letters by Unicode's own NFKD; marks on letters go;
letters of other alphabets that look Latin become Latin; whatever looks like a dot, a colon or a slash becomes one. For
numbers there is a coarser form: digits however they are drawn, and nothing else that is between letters.
Source: https://www.unicode.org/reports/tr39/ (confusables), of which the marks and letters that links are made of.
"""

# ruff: noqa: RUF001 - what looks like something else is what is looked for

import re
import unicodedata

_DOTS = (
    "。·•‧∙⋅・ꞏ᛫⸱⸳܁܂۔ꓸ᐀ᐧ𐄁٠۰٫"
    "։።᙮᠃᠉⳹⳾⸼꓿꘎꛳𖫵𖺘𛲟𝪈"  # the full stops of other scripts
    "◦▪▫●⚫⬤∘⋄࢈﹅﹆﮲﮳𐩐𐫴𑁉𑗄𝅭"
    "⠁⠂⠄⠈⠐⠠⡀⢀"
)
_LOOSE_DOT = re.compile("\\s[\u0307\u0323\u0358\u05c5\u0740]")  # a mark that stands by itself; ˙ decomposes to one
_COLONS = "∶ː꞉׃⁚˸"
_SLASHES = "⁄∕⧸╱\\᜵"
_ZEROS = str.maketrans("٠۰", "00")  # they look like a dot: in a domain they are one, in a number a zero
_LETTERS = (
    "аaеeоoрpсcуyхxіiјjѕsһhԁdԛqԝwѵvвbкkмmнhтtпnгrӏl"  # Cyrillic
    "οoαaνvιiκkρpτtυuχxεeηnμm"  # Greek
    "օoսuոnհhցgԍg"  # Armenian
    "ıiɑaɡgʟlɪi"
)
_LOOKS = {
    **{ord(dot): "." for dot in _DOTS},
    **{ord(colon): ":" for colon in _COLONS},
    **{ord(slash): "/" for slash in _SLASHES},
    **{ord(other): latin for other, latin in zip(_LETTERS[::2], _LETTERS[1::2], strict=True)},
}

_UNSEEN = frozenset(["Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"])
_STROKES = "ㅡᅳ"  # letters that look like a dash
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")  # letters and a symbol by category, nothing to the eye
_MARKS = frozenset(["Mn", "Me", "Mc"])
_MAX_VALUE = 100  # what is drawn as one character and stands for digits is below: ❶, ⓿, ❿


def has_invisible(text: str) -> bool:
    """Whether `text` holds a character that nobody sees: a control, a direction, a joiner, a filler, half a pair."""
    return any(unicodedata.category(character) in _UNSEEN or character in _FILLERS for character in text)


def skeleton(text: str) -> str:
    """`text` in lower-case look-alikes; digits of all scripts are ASCII ones, dashes `-`, spaces ` `."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(_skeleton_of(character) for character in _LOOSE_DOT.sub(".", folded))


def described(character: str) -> str:
    """A character for a person who has to find it: itself if it can be seen, code point, name, what it looks like."""
    name = f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
    seen = character.isprintable() and unicodedata.category(character) not in _MARKS
    look = skeleton(character)
    alike = f", which looks like '{look}'" if look != character and look.isascii() and look.strip() else ""
    return f"'{character}' ({name}{alike})" if seen else f"a character that nobody sees ({name})"


def with_zeros(text: str) -> str:
    """`text` with the zeros in it that look like dots as zeros."""
    return text.translate(_ZEROS)


def digits_view(read: str) -> str:
    """`read`, which is plain, as somebody reads it who looks for a number: ASCII digits, `+` and letters, and a space
    for each other character; 一 is a 1, ー a dash.
    """
    return "".join(_counts(character) for character in read)


def _counts(character: str) -> str:
    if character == "+" or (character.isascii() and character.isalnum()):
        return character
    value = _value(character)
    if value is not None and value < 10:
        return str(value)
    return (
        character
        if character.isalpha() and unicodedata.category(character) != "Lm" and character not in _STROKES
        else " "
    )


def _value(character: str) -> int | None:
    """The whole number that a character is drawn for, if it is a small one."""
    value = unicodedata.numeric(character, -1.0)
    return int(value) if value == int(value) and 0 <= value < _MAX_VALUE else None


def _skeleton_of(character: str) -> str:
    look = _LOOKS.get(ord(character))
    if look is not None or character.isascii():
        return look or character
    category = unicodedata.category(character)
    if category in _MARKS:
        return ""
    if category[0] == "N":
        value = _value(character)
        return character if value is None else str(value)
    return "-" if category == "Pd" else " " if category == "Zs" else character
