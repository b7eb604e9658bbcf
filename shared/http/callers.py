"""Two ports: `Callers` tells who calls this function, `ServiceIdentity` proves to others who it is.

Cloud Run verifies a token before the code sees it and forwards it with its signature replaced. So nothing is verified
here: the `email` claim is read, and each function decides what that caller may do.
"""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from shared.deadline import Deadline


class Caller(msgspec.Struct, frozen=True):
    """An authenticated service account or person, by e-mail address."""

    email: str


class Callers(Protocol):
    """Tells the caller of a request that the platform has authenticated."""

    def identify(self, headers: Mapping[str, str]) -> Caller:
        """The caller that the token in a request's headers names; raises `Unauthenticated` without a readable one.

        `headers` are looked up in lower case.
        """
        ...


class ServiceIdentity(Protocol):
    """Proves who this function is."""

    async def token(self, audience: str, deadline: Deadline) -> str:
        """A bearer token for the service at `audience` (its URL). Raises `Unavailable` or `DeadlineExceeded`."""
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...
