"""Identifiers that several domains share."""

import hashlib

import msgspec


class OperationRef(msgspec.Struct, frozen=True):
    """One attempt at an operation, to which a question, its answer and what follows from it belong."""

    name: str
    id: str
    attempt: int

    @property
    def key(self) -> str:
        """`{name}.{id}.{attempt}`: the id of the answer's record and of its review, and how its commands' begin."""
        return f"{self.name}.{self.id}.{self.attempt}"


def event_digest(event_id: str) -> int:
    """64 bits of an event's id: among the events of one state, no two meet by chance."""
    return int.from_bytes(hashlib.blake2b(event_id.encode(), digest_size=8).digest(), "little")
