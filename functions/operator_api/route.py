"""One thing that operators can ask for: its place, who may, how the audit calls it, and what does it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.audit.act import Deed
from shared.deadline import Deadline
from shared.errors import Unavailable
from shared.privacy import Tokens
from shared.trace import Trace

from .roles import Role


@dataclass(frozen=True, slots=True)
class Asked:
    """A call of somebody who may: `by` is the e-mail address in lower case, `path` and `query` the parameters, `body`
    the JSON object, all held to what the OpenAPI description says of them; `key` makes tokens, while it can be read.
    """

    by: str
    action: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    key: Tokens | None
    trace: Trace
    deadline: Deadline
    now: datetime

    @property
    def tokens(self) -> Tokens:
        """What names clients; raises `Unavailable` without the key: then nothing about a client is shown or done."""
        if self.key is None:
            raise Unavailable("clients cannot be named by their tokens: the token key could not be read")
        return self.key

    def deed(self, why: str = "") -> Deed:
        """What the audit is told: who, what, when and why."""
        return Deed(self.by, self.action, self.now, why, self.trace)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is answered: `content` becomes JSON. Of what is only read, `targets` are the ids of what is shown and
    `subjects` the tokens of the clients it is about, for the audit.
    """

    content: Any
    targets: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """`path` has parameters in braces, as in OpenAPI. A GET reads, and the service puts that on record; any other
    method acts, and `handle` itself does so through `shared.audit`.
    """

    method: str
    path: str
    roles: frozenset[Role]
    action: str
    handle: Callable[[Asked], Awaitable[Shown]]

    def matches(self, path: str) -> dict[str, str] | None:
        """The parameters in `path` if it is this route's, else `None`."""
        wanted, given = self.path.split("/"), path.split("/")
        if len(wanted) != len(given):
            return None
        found: dict[str, str] = {}
        for pattern, part in zip(wanted, given, strict=True):
            if pattern.startswith("{"):
                if not part:
                    return None
                found[pattern.strip("{}")] = part
            elif pattern != part:
                return None
        return found
