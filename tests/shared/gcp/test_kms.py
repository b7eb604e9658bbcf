"""Whatever Cloud KMS answers, nothing is taken for a signature or a key that is none."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from local.stand_ins import kms as stand_in
from local.stand_ins.faults import Fault, Switches
from local.stand_ins.server import StandIn
from local.stand_ins.service import Request
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.errors import Misconfigured, NotFound, Transient, Unavailable
from shared.gcp.kms import KmsPublicKeys, KmsSigner
from shared.http.service_client import Answer, ServiceClient
from shared.signing.verifier import key_version
from tests.support.deadlines import plenty
from tests.support.eventually import eventually

KEY = key_version("projects/bank/locations/europe-west1/keyRings/slacker", "operator_api", 1)


async def authorise(_: Deadline) -> dict[str, str]:
    return {"authorization": "Bearer ya29.x"}


@pytest.fixture
async def served() -> AsyncIterator[tuple[StandIn, ServiceClient]]:
    async with StandIn(stand_in.Kms(), {"Bearer ya29.x"}) as service:
        client = ServiceClient("Cloud KMS", service.url, authorise)
        yield service, client
        await client.close()


@pytest.mark.parametrize(
    "fault", [Fault("status", 500), Fault("status", 429), Fault("disconnect"), Fault("garbage")], ids=str
)
async def test_in_trouble_it_may_work_later(served: tuple[StandIn, ServiceClient], fault: Fault) -> None:
    service, client = served
    service.switches = Switches(faults=[fault])
    with pytest.raises(Transient):
        await KmsSigner(client, KEY).sign("kind", b"{}", plenty())
    with pytest.raises(Transient):
        await KmsPublicKeys(client).pem(KEY, plenty())


async def test_what_hangs_is_given_up_at_the_deadline(served: tuple[StandIn, ServiceClient]) -> None:
    service, client = served
    service.switches = Switches(faults=[Fault("hang")])
    clock = ManualClock()
    signing = asyncio.ensure_future(KmsSigner(client, KEY).sign("kind", b"{}", Deadline.after(5, clock)))
    await eventually(lambda: service.calls == 1)
    await clock.advance(5)
    with pytest.raises(Unavailable, match="in time"):
        await signing


@pytest.mark.parametrize("status", [401, 403])
async def test_who_may_not_is_misconfigured(served: tuple[StandIn, ServiceClient], status: int) -> None:
    service, client = served
    service.switches = Switches(faults=[Fault("status", status)])
    with pytest.raises(Misconfigured):
        await KmsSigner(client, KEY).sign("kind", b"{}", plenty())


async def test_a_version_that_is_disabled_signs_no_more_and_is_not_trusted() -> None:
    service = stand_in.Kms()
    service.disabled.add(KEY)
    async with StandIn(service, {"Bearer ya29.x"}) as standing:
        client = ServiceClient("Cloud KMS", standing.url, authorise)
        with pytest.raises(Misconfigured, match="cannot sign"):
            await KmsSigner(client, KEY).sign("kind", b"{}", plenty())
        with pytest.raises(NotFound):
            await KmsPublicKeys(client).pem(KEY, plenty())
        await client.close()


class Answering(ServiceClient):
    """Gives the stand-in's answer with some of its fields changed."""

    def __init__(self, **changes: Any) -> None:
        self._service = stand_in.Kms()
        self._changes = changes

    async def request(self, method: str, path: str, deadline: Deadline, **options: Any) -> Answer:
        body = msgspec.json.encode(options.get("json"))
        reply = self._service.handle(Request(method, path, {}, {}, body), Switches(), 0.0)
        return Answer(reply.status, {**reply.body, **self._changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"name": KEY.replace("operator", "evil")}, {"signature": "AAAA"}, {"signature": "%"}, {"signature": 1},
        {"signatureCrc32c": "1"}, {"verifiedDigestCrc32c": False}, {"signature": None},
    ],
    ids=str,
)  # fmt: skip
async def test_what_is_no_signature_of_this_digest_by_this_key_is_not_taken(changes: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        await KmsSigner(Answering(**changes), KEY).sign("kind", b"{}", plenty())


@pytest.mark.parametrize("changes", [{"name": "another"}, {"pem": "x"}, {"pemCrc32c": "1"}, {"pem": None}], ids=str)
async def test_what_is_no_whole_key_of_this_name_is_not_taken(changes: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        await KmsPublicKeys(Answering(**changes)).pem(KEY, plenty())


async def test_a_key_for_something_else_is_misconfigured() -> None:
    with pytest.raises(Misconfigured, match="RSA_DECRYPT_OAEP_2048_SHA256"):
        await KmsPublicKeys(Answering(algorithm="RSA_DECRYPT_OAEP_2048_SHA256")).pem(KEY, plenty())
