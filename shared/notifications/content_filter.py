"""The gate: no text leaves that holds a link, an address or an unlisted telephone number, however it is written.

A bank that never sends a link teaches its clients that a message with one is not the bank's. The gate looks at what was
rendered, so that no variable, and no two beside each other, can bring one in; in doubt it refuses. What it cannot know
is a number in words, or with letters among its digits, and a name that people would look up by themselves.
"""

import re

from shared.confusables import digits_view, has_invisible, skeleton, with_zeros

_DOT_BETWEEN = re.compile(r"[\[({<]\s*(?:\.|dot|punkt|point|punto|ponto)\s*[\])}>]")
_LABEL = r"[^\W\d_](?:[^\W\d_]|-)"  # how the last part of a domain begins
_SUFFIXES = "com|net|org|biz|io"
_MORE_SUFFIXES = (
    f"{_SUFFIXES}|info|app|xyz|top|online|site|shop|club|live|link|click|icu|vip|co|me|tv|cc|ly|eu|uk|us|ru|cn"
    "|de|fr|nl|be|at|ch|it|es|pl"
)

_LINKS = (
    ("a scheme", re.compile(r"//|[a-z][a-z0-9+.-]*\s*:\s*/")),
    ("a scheme", re.compile(r"\b(?:https?|hxxps?|ftps?|mailto|javascript|intent|smsto|callto|whatsapp)\s*:")),
    ("a scheme", re.compile(r"\b(?:tel|sms|data|file|about|market|geo|skype|facetime|upi|bitcoin|tg):(?=\S)")),
    ("a mail address", re.compile(r"@|\w\s*[\[({]\s*at\s*[\])}]\s*\w")),
    ("a domain", re.compile(r"xn--|\blocalhost\b")),
    ("a domain", re.compile(rf"[^\s.]\s*\.(?={_LABEL})")),  # evil.example, evil .example
    ("a domain", re.compile(rf"[^\s.]\s*\.\s+(?:{_SUFFIXES})\b")),  # evil. com
    ("a domain", re.compile(rf"[^\s.]\s+\.\s+{_LABEL}")),  # evil . example
    ("a domain", re.compile(rf"\w\s*\bdot\s*(?:{_MORE_SUFFIXES})\b")),  # evil dot example
    ("a domain", re.compile(rf"\w\s*\b(?:punkt|point|punto|ponto)\s*(?:{_SUFFIXES})\b")),
)
_ADDRESSES = (
    re.compile(r"(?<!\d)\d{1,3}(?:\s*\.\s*\d{1,3}){3}(?!\d)"),
    re.compile(r"\b0x[0-9a-f]{6,}"),
    re.compile(r"::|(?:[0-9a-f]{1,4}:){3}"),
)
_NUMBER = re.compile(r"\+[ +]*\d(?:[ +]*\d){3,}|\d(?:[ +]*\d){6,}")  # of what `counted` gives


def violation(text: str, loose: str, listed: frozenset[str] = frozenset()) -> str | None:
    """What `text` must not hold and does (`a scheme`, `a domain`…), or `None` where it may leave.

    `loose` is `text` without what only looks like a number of somebody (amounts, times); `listed` are telephone numbers
    that may be told, as `digits` gives them.
    """
    if has_invisible(text):
        return "a character that nobody sees"
    read, numbers = (_DOT_BETWEEN.sub(".", skeleton(view)) for view in (text, with_zeros(loose)))
    for what, pattern in _LINKS:
        if pattern.search(read):
            return what
    if any(pattern.search(numbers) for pattern in _ADDRESSES):
        return "an IP address"
    if any(digits(number[0]) not in listed for number in _NUMBER.finditer(digits_view(numbers))):
        return "a telephone number that is not listed"
    return None


def digits(number: str) -> str:
    """The digits of a telephone number, by which two writings of one are the same."""
    return "".join(character for character in number if character.isdecimal()).removeprefix("00")
