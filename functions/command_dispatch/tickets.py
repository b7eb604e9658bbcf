"""Tickets for people: what one says, and the port through which they are made and found again."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec

from shared.deadline import Deadline
from shared.errors import Invalid, Problem

Priority = Literal["low", "normal", "high"]


class Kind(msgspec.Struct, frozen=True):
    """Where tickets of a kind go, in the words of whoever keeps the tickets; empty `priorities`: it has none."""

    project: str
    issue_type: str
    labels: tuple[str, ...] = ()
    priorities: Mapping[str, str] | None = None


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket to be made for a command. Nothing in it is personal: `client` is a token, `link` leads to the review."""

    command_id: str
    kind: Kind
    summary: str
    priority: Priority = "normal"
    client: str = ""
    review: str = ""
    link: str = ""
    reasons: Sequence[str] = ()
    details: Sequence[tuple[str, str]] = ()


class Tickets(Protocol):
    """Where tickets are kept. What is made is found only after a while, so making one twice makes two.

    Raises what `shared.http.service_client` does, and `Invalid` for a ticket that is not taken.
    """

    async def create(self, ticket: Ticket, deadline: Deadline) -> str:
        """Make a ticket and give its key; raises `Uncertain` where it may have been made."""
        ...

    async def made_for(self, command_id: str, deadline: Deadline) -> Sequence[str]:
        """The keys of the tickets made for a command, the oldest first, of those that can be found by now."""
        ...


def kinds(document: Mapping[str, Any]) -> Mapping[str, Kind]:
    """The kinds of tickets by name, of a document that keeps `schemas/json/ticket_kinds.v1.json`."""
    return {
        name: Kind(fields["project"], fields["issue_type"], tuple(fields.get("labels", ())), fields.get("priorities"))
        for name, fields in document["kinds"].items()
    }


def kind_of(name: str, kinds_by_name: Mapping[str, Kind]) -> Kind:
    """The kind of that name; raises `Invalid`, naming those there are."""
    kind = kinds_by_name.get(name)
    if kind is None:
        raise Invalid(Problem("/payload/kind", f"one of {', '.join(sorted(kinds_by_name))} expected"))
    return kind
