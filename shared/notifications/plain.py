"""What a text reads like to a person, whatever characters it is written with: the form in which links are looked for.

Compatibility forms (full width, circled, mathematical) become plain letters by Unicode's own NFKD; marks on letters go;
letters of other alphabets that look Latin become Latin; whatever looks like a dot, a colon or a slash becomes one.
Source: https://www.unicode.org/reports/tr39/ (confusables), of which the marks and letters that links are made of.
"""

# ruff: noqa: RUF001 - what looks like something else is what is looked for

import unicodedata

_DOTS = "。·•‧∙⋅・ꞏ᛫⸱⸳܁܂۔ꓸ᐀ᐧ𐄁٠۰٫"
_COLONS = "∶ː꞉։׃⁚˸"
_SLASHES = "⁄∕⧸╱\\᜵"
_LETTERS = (
    "аaеeоoрpсcуyхxіiјjѕsһhԁdԛqԝwѵvвbкkмmнhтtпnгrӏl"  # Cyrillic
    "οoαaνvιiκkρpτtυuχxεeηnμm"  # Greek
    "օoսuոnհhցgԍg"  # Armenian
    "ıiɑaɡgʟlɪi"
)
_LOOKS = {
    **{ord(one): "." for one in _DOTS},
    **{ord(one): ":" for one in _COLONS},
    **{ord(one): "/" for one in _SLASHES},
    **{ord(other): latin for other, latin in zip(_LETTERS[::2], _LETTERS[1::2], strict=True)},
}

_UNSEEN = frozenset(["Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"])
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")  # letters and a symbol by category, nothing to the eye
_MARKS = frozenset(["Mn", "Me"])


def unseen(text: str) -> bool:
    """Whether `text` holds a character that nobody sees: a control, a direction, a joiner, a filler, half a pair."""
    return any(unicodedata.category(one) in _UNSEEN or one in _FILLERS for one in text)


def plain(text: str) -> str:
    """`text` in lower-case look-alikes; digits of all scripts are ASCII ones, dashes `-`, spaces ` `."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(_looks(one) for one in folded)


def _looks(one: str) -> str:
    look = _LOOKS.get(ord(one))
    if look is not None or one.isascii():
        return look or one
    category = unicodedata.category(one)
    if category in _MARKS:
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(one))
    return "-" if category == "Pd" else " " if category == "Zs" else one
