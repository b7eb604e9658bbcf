"""What names things across domains."""

import msgspec


class OperationRef(msgspec.Struct, frozen=True):
    """One attempt at an operation: the question that was asked, and whatever follows from its answer."""

    name: str
    id: str
    attempt: int

    @property
    def key(self) -> str:
        """`{name}.{id}.{attempt}`: the id of the answer's record and of its review, and how its commands' begin."""
        return f"{self.name}.{self.id}.{self.attempt}"
