"""Waiting for another process: what it gives once it gives anything, or what did not happen."""

import asyncio

import pytest

from local.kafka.polling import wait_until
from shared.errors import Unavailable


async def test_it_looks_until_there_is_something() -> None:
    answers = iter([None, "", "there"])

    async def look() -> str | None:
        return next(answers)

    assert await wait_until(look, "the topic", within=60) == "there"


async def test_what_did_not_happen_is_told() -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Unavailable, match=r"the topic did not happen within 0\.01 s"):
        await wait_until(never, "the topic", within=0.01)
