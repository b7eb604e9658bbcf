"""What to do about a text that YAML reads otherwise than the person who wrote it, or not at all."""

import re

import yaml

from shared.confusables import described
from shared.errors import Problem

_INDICATED = re.compile(r"""(?P<key>[^\s:{},\[\]"']+): +(?:(?P<first>[!&*@`%|>"'])|(?P<pair>[^"'|>{\[].*: ))""")
"""A value on its line that begins with an indicator (https://yaml.org/spec/1.2.2/#53-indicator-characters), or in which
a second `: ` stands."""


def unprintable(text: str, source: str) -> Problem | None:
    """The first character that may not stand in YAML at all, if there is one."""
    character = yaml.SafeLoader.NON_PRINTABLE.search(text)
    if character is None:
        return None
    above = text[: character.start()].split("\n")
    position = f"{source}:{len(above)}:{len(above[-1]) + 1}"
    return Problem(position, f"{described(character.group())} may not stand in YAML")


def needs_quotes(line: str) -> str:
    """The end of a message about a line: the value in it that YAML does not take as the text it was meant to be."""
    value = _INDICATED.search(line)
    if value is None:
        return ""
    reason = f"begins with {value['first']}" if value["first"] else "has ': ' in it"
    return f"; the value of {value['key']} {reason}, which YAML reads in its own way: put quotes around the whole"
