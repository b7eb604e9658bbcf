"""The token key of an instance: read once, inside a request, and again a second later if that failed."""

import asyncio
from collections.abc import Awaitable, Callable

from shared.clock import SYSTEM, Clock
from shared.deadline import Deadline
from shared.errors import Forbidden, Misconfigured, NotFound, Unavailable
from shared.privacy import Pseudonymiser

_TIMEOUT = 0.1  # seconds a request waits for the key, and then goes on without
_PAUSE = 1.0  # seconds between two tries


class TokenKeyCache:
    """Caches the `Pseudonymiser` that `read` makes."""

    def __init__(self, read: Callable[[Deadline], Awaitable[Pseudonymiser]], clock: Clock = SYSTEM) -> None:
        self._read = read
        self._clock = clock
        self._reading = asyncio.Lock()
        self._tokens: Pseudonymiser | None = None
        self._again_at = float("-inf")

    async def tokens(self) -> Pseudonymiser | None:
        """The maker of tokens, or `None` while it is too soon to try again; raises what the secrets port does."""
        async with self._reading:
            if self._tokens is None and (now := self._clock.monotonic()) >= self._again_at:
                self._again_at = now + _PAUSE
                self._tokens = await self._read(Deadline.after(_TIMEOUT, self._clock))
            return self._tokens

    async def required(self) -> Pseudonymiser:
        """The maker of tokens, for what cannot be done without.

        Raises `Misconfigured` where the key is not there or not ours to read, else `Unavailable`, and what the secrets
        port does.
        """
        try:
            tokens = await self.tokens()
        except (NotFound, Forbidden) as error:
            raise Misconfigured("the token key cannot be read: see SLACKER_TOKEN_KEY_VERSION") from error
        if tokens is None:
            raise Unavailable("the token key was not read just now")
        return tokens
