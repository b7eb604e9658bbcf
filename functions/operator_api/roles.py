"""Who may do what here: an e-mail address has roles, and a route says which of them it takes."""

import re
from collections.abc import Mapping
from enum import StrEnum

from shared.errors import Misconfigured

SETTING = "SLACKER_OPERATORS"

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")


class Role(StrEnum):
    """What somebody is here for."""

    REVIEWER = "reviewer"
    """Decides reviews."""
    ON_CALL = "on_call"
    """Turns kill switches, and looks after dead letters."""
    SUPPORT = "support"
    """Looks up what a client was told."""
    AUDITOR = "auditor"
    """Reads who did what."""


Operators = Mapping[str, frozenset[Role]]


def operators(text: str) -> Operators:
    """The roles by e-mail address, in lower case, from `reviewer=ana@bank.example ben@bank.example,on_call=…`.

    Raises `Misconfigured`, saying what to set.
    """
    roles: dict[str, frozenset[Role]] = {}
    for entry in filter(None, map(str.strip, text.split(","))):
        name, _, emails = entry.partition("=")
        if name not in set(Role) or not all(map(_EMAIL.fullmatch, emails.split())):
            raise Misconfigured(f"set {SETTING} to role=email email,role=email, the roles being {', '.join(Role)}")
        for email in emails.lower().split():
            roles[email] = roles.get(email, frozenset()) | {Role(name)}
    return roles
