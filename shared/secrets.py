"""The secrets port: a secret is read by name and version, so that a rotation is a change of configuration one can
see.
"""

from typing import Protocol

from shared.deadline import Deadline


class Secrets(Protocol):
    """Where secrets live. Raises `NotFound` for an unknown name or version, `Forbidden` where this function may not
    read it, `DeadlineExceeded` or `Unavailable` when it cannot be done in time.
    """

    async def access(self, name: str, version: int, deadline: Deadline) -> bytes:
        """The payload of one version; immutable, so callers keep it as long as they like."""
        ...

    async def close(self) -> None:
        """Give back what is held open."""
        ...
