"""Who asks, and how a function proves who it is to the next one: two ports.

Cloud Run verifies a token before the code sees it and forwards it with its signature replaced, so nothing here
verifies: it reads the `email` claim, and the caller is authorised against what it asks for.
"""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from shared.deadline import Deadline


class Caller(msgspec.Struct, frozen=True):
    """An authenticated service account or person, by e-mail address."""

    email: str


class Callers(Protocol):
    """Reads who asks from a request that the platform has already authenticated."""

    def identify(self, headers: Mapping[str, str]) -> Caller:
        """The caller that the token in a request's headers names; raises `Unauthenticated` without a readable one.

        `headers` are looked up in lower case.
        """
        ...


class Identity(Protocol):
    """Proves who this function is."""

    async def token(self, audience: str, deadline: Deadline) -> str:
        """A bearer token for the service at `audience` (its URL). Raises `Unavailable` or `DeadlineExceeded`."""
        ...

    async def close(self) -> None:
        """Give back what is held open."""
        ...
