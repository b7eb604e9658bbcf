"""The secrets port: a secret is read by name and version, so that a rotation is a visible change of settings."""

from typing import Protocol

from shared.deadline import Deadline


class Secrets(Protocol):
    """Reads secrets. Raises `NotFound` for an unknown name or version, `Forbidden` where this function may not
    read it, `DeadlineExceeded` or `Unavailable` when it cannot be done in time.
    """

    async def access(self, name: str, version: int, deadline: Deadline) -> bytes:
        """The payload of one version; immutable, so callers may cache it."""
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...
