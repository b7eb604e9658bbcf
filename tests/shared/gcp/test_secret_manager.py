"""Secret Manager's adapter against a server that fails in every way."""

from collections.abc import AsyncIterator

import pytest
from grpc import StatusCode

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Forbidden, NotFound, SlackerError, Unavailable
from shared.gcp.secret_manager import SecretManager
from tests.support.deadlines import plenty
from tests.support.emulators import free_port
from tests.support.secret_manager_server import SecretManagerServer


@pytest.fixture
async def server() -> AsyncIterator[SecretManagerServer]:
    async with SecretManagerServer("bank", {("key", 1): b"payload"}) as running:
        yield running


@pytest.fixture
async def secrets(server: SecretManagerServer) -> AsyncIterator[SecretManager]:
    store = SecretManager("bank", server.address)
    yield store
    await store.close()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (StatusCode.PERMISSION_DENIED, Forbidden),
        (StatusCode.UNAUTHENTICATED, Forbidden),
        (StatusCode.FAILED_PRECONDITION, NotFound),
        (StatusCode.INVALID_ARGUMENT, Unavailable),
    ],
)
async def test_a_refusal_is_raised_at_once_without_the_servers_text(
    server: SecretManagerServer, secrets: SecretManager, status: StatusCode, error: type[SlackerError]
) -> None:
    server.fail_with = [status]
    with pytest.raises(error) as raised:
        await secrets.access("key", 1, plenty())
    assert server.calls == 1
    assert "the name of a secret" not in str(raised.value)


async def test_a_server_that_is_away_for_a_moment_is_asked_again(
    server: SecretManagerServer, secrets: SecretManager
) -> None:
    server.fail_with = [StatusCode.UNAVAILABLE, StatusCode.INTERNAL]
    assert await secrets.access("key", 1, plenty()) == b"payload"
    assert server.calls == 3


async def test_a_server_that_stays_away_is_asked_three_times(
    server: SecretManagerServer, secrets: SecretManager
) -> None:
    server.fail_with = [StatusCode.UNAVAILABLE] * 4
    with pytest.raises(Unavailable):
        await secrets.access("key", 1, plenty())
    assert server.calls == 3


async def test_a_server_that_hangs_costs_the_deadline_and_no_more(
    server: SecretManagerServer, secrets: SecretManager
) -> None:
    await secrets.access("key", 1, plenty())
    server.hang = True
    with pytest.raises(DeadlineExceeded):
        await secrets.access("key", 1, Deadline.after(0.2))


async def test_a_payload_damaged_on_its_way_is_refused(server: SecretManagerServer, secrets: SecretManager) -> None:
    server.damage = True
    with pytest.raises(Unavailable):
        await secrets.access("key", 1, plenty())


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    secrets = SecretManager("bank", f"127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable):
        await secrets.access("key", 1, plenty())
    await secrets.close()
