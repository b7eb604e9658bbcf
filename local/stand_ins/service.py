"""The protocol of a stand-in: a service of the bank or of a vendor, which replies to requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from local.stand_ins.faults import Switches


@dataclass(frozen=True, slots=True)
class Request:
    """One request whose credential was good. Header names are in lower case; `path` is decoded, without the prefix that
    the stand-in is mounted at.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, parsed; raises `msgspec.DecodeError`, which is answered with a 400."""
        return msgspec.json.decode(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: a status and JSON (nothing for `None`)."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """What people see of it: a title, names of columns, and rows of text, the newest first."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


class Service(Protocol):
    """One service. It never blocks, and stores what it has done before it replies."""

    @property
    def name(self) -> str:
        """Its name, like `jira`."""
        ...

    def handle(self, request: Request, switches: Switches, now: float) -> Reply:
        """The reply; `now` in epoch seconds. A 404 for a path that it does not have."""
        ...

    def refusal(self, status: int) -> Reply:
        """An error of that status in its own shape: for faults, and for who is not authorised."""
        ...

    def tables(self) -> Sequence[Table]:
        """What it has stored, for its page."""
        ...

    def close(self) -> None:
        """Close what is open."""
        ...
