"""A template: what may be said to a client, word by word; nothing else is ever sent.

A text holds placeholders, `{name}`; what stands for them is put in once and not read again.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

import msgspec

from shared.errors import Invalid, Problem
from shared.notifications.formatting import FALLBACK
from shared.notifications.notification import Category, Channel
from shared.notifications.variables import Type

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Route(StrEnum):
    """The places in the app that a push may lead to: never an address, so that nobody learns to follow one."""

    HOME = "home"
    PAYMENT = "payment"
    CARD = "card"
    REWARDS = "rewards"


class Text(msgspec.Struct, frozen=True):
    """What is said in one language; a text message has the body alone."""

    title: str
    body: str


class Template(msgspec.Struct, frozen=True):
    """One version of a template. Of pushes with the same `collapse` (not empty) a device shows the latest alone; a
    `silent` one wakes the app, shows nothing and has no `texts`, which are by language otherwise.
    """

    name: str
    version: int
    category: Category
    channels: frozenset[Channel]
    silent: bool
    route: Route
    collapse: str
    variables: Mapping[str, Type]
    texts: Mapping[str, Text]

    @property
    def label(self) -> str:
        """How it is told: `name@version`."""
        return f"{self.name}@{self.version}"


def check(template: Template) -> None:
    """Raise `Invalid` unless every language says the same things: the last resort is there, each has all variables."""
    problems = []
    if template.silent:
        if template.texts or template.variables or template.channels != {Channel.PUSH}:
            problems.append(Problem("/texts", "a silent template has no text and no variables, and is for push alone"))
    elif FALLBACK not in template.texts:
        problems.append(Problem("/texts", f"{FALLBACK} expected, as the last resort"))
    for language, text in template.texts.items():
        whole = f"{text.title}\n{text.body}"
        if set(PLACEHOLDER.findall(whole)) != set(template.variables):
            problems.append(Problem(f"/texts/{language}", "each variable expected in it, and no other"))
        if set("{}") & set(PLACEHOLDER.sub("", whole)):
            problems.append(Problem(f"/texts/{language}", "a brace is for a {placeholder} alone"))
        if PLACEHOLDER.search(text.title) and Channel.TEXT in template.channels:
            problems.append(Problem(f"/texts/{language}/title", "text messages have no title: variables in the body"))
    if problems:
        raise Invalid(*problems)
