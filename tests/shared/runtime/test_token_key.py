"""The token key: read once, by whoever needs it first, and again after a failure."""

import asyncio

import pytest

from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.errors import Forbidden, Misconfigured, NotFound, Unavailable
from shared.privacy import Pseudonymiser
from shared.runtime.token_key import TokenKeyCache

TOKENS = Pseudonymiser(b"k" * 32, 1)


class Source:
    """Fails as often as told, then gives the key."""

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.reads = failures, 0

    async def read(self, deadline: Deadline) -> Pseudonymiser:
        self.reads += 1
        await asyncio.sleep(0)
        if self.reads <= self.failures:
            raise Unavailable("no secrets")
        return TOKENS


async def test_concurrent_requests_read_it_once() -> None:
    source = Source()
    key = TokenKeyCache(source.read)
    tokens = await asyncio.gather(*(key.tokens() for _ in range(5)))
    assert (tokens, source.reads) == ([TOKENS] * 5, 1)


async def test_a_failure_is_told_once_and_the_next_try_is_a_second_away() -> None:
    source, clock = Source(failures=1), ManualClock()
    key = TokenKeyCache(source.read, clock)
    with pytest.raises(Unavailable):
        await key.tokens()
    results = []
    for passed in (0.75, 0.25, 0.5):
        await clock.advance(passed)
        results.append((await key.tokens(), source.reads))
    assert results == [(None, 1), (TOKENS, 2), (TOKENS, 2)]


@pytest.mark.parametrize(
    ("failure", "error"),
    [(NotFound("none"), Misconfigured), (Forbidden("not ours"), Misconfigured), (Unavailable("down"), Unavailable)],
)
async def test_who_cannot_do_without_it_learns_why_it_is_not_there(failure: Exception, error: type[Exception]) -> None:
    async def read(deadline: Deadline) -> Pseudonymiser:
        raise failure

    key = TokenKeyCache(read, ManualClock())
    with pytest.raises(error):
        await key.required()
    with pytest.raises(Unavailable, match="not read just now"):
        await key.required()


async def test_who_cannot_do_without_it_gets_it() -> None:
    assert await TokenKeyCache(Source().read).required() is TOKENS
