"""Somewhere for the broker to push to."""

from collections.abc import AsyncIterator

import pytest

from tests.support.endpoint import Endpoint, listening


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    """An endpoint that acknowledges everything until told otherwise."""
    async with listening() as opened:
        yield opened
