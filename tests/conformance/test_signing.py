"""What a function signs is verified as its own, by whatever keys: files of one machine, or Cloud KMS."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.stand_ins.kms import Kms
from local.stand_ins.server import StandIn
from shared.deadline import Deadline
from shared.embedded.file_signing import FilePublicKeys, FileSigner
from shared.errors import Forbidden, NotFound, Transient
from shared.gcp.kms import KmsPublicKeys, KmsSigner
from shared.http.service_client import ServiceClient
from shared.signing.signer import PublicKeys, Signer
from shared.signing.verifier import Verifier, key_version
from tests.support.deadlines import plenty

RING = "projects/bank/locations/europe-west1/keyRings/slacker"
KEY = key_version(RING, "operator_api", 1)
BEARER = "Bearer ya29.x"
KIND = "review-decision"


@dataclass
class Keys:
    """The keys of functions: a signer by the name of its key version, and the public ones."""

    signer: Callable[[str], Signer]
    public: PublicKeys

    @property
    def verifier(self) -> Verifier:
        return Verifier(RING, lambda: self.public)


@pytest.fixture(params=["file", "kms"])
async def keys(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Keys]:
    if request.param == "file":
        yield Keys(lambda key: FileSigner(tmp_path, key), FilePublicKeys(tmp_path))
        return

    async def authorise(_: Deadline) -> dict[str, str]:
        return {"authorization": BEARER}

    async with StandIn(Kms(), {BEARER}) as kms:
        client = ServiceClient("Cloud KMS", kms.url, authorise)
        yield Keys(lambda key: KmsSigner(client, key), KmsPublicKeys(client))
        await client.close()


@pytest.mark.parametrize("payload", [b"", b'{"verdict":"approve"}', bytes(range(256)) * 10])
async def test_what_a_function_signed_is_given_back_as_it_was(keys: Keys, payload: bytes) -> None:
    statement = await keys.signer(KEY).sign(KIND, payload, plenty())
    assert await keys.verifier.verify(statement, KIND, "operator_api", plenty()) == payload


async def test_a_statement_of_another_function_is_not_taken(keys: Keys) -> None:
    statement = await keys.signer(key_version(RING, "scheduled_work", 1)).sign(KIND, b"{}", plenty())
    with pytest.raises(Forbidden, match="no review-decision signed by operator_api"):
        await keys.verifier.verify(statement, KIND, "operator_api", plenty())


async def test_a_statement_of_another_kind_is_not_taken(keys: Keys) -> None:
    statement = await keys.signer(KEY).sign("rules-approval", b"{}", plenty())
    with pytest.raises(Forbidden, match="no review-decision signed by operator_api"):
        await keys.verifier.verify(statement, KIND, "operator_api", plenty())


async def test_a_key_of_another_ring_is_not_taken(keys: Keys) -> None:
    elsewhere = key_version("projects/evil/locations/europe-west1/keyRings/slacker", "operator_api", 1)
    statement = await keys.signer(elsewhere).sign(KIND, b"{}", plenty())
    with pytest.raises(Forbidden):
        await keys.verifier.verify(statement, KIND, "operator_api", plenty())


async def test_a_version_that_signs_no_more_is_still_verified(keys: Keys) -> None:
    old = await keys.signer(KEY).sign(KIND, b"old", plenty())
    new = await keys.signer(key_version(RING, "operator_api", 2)).sign(KIND, b"new", plenty())
    verified = [await keys.verifier.verify(each, KIND, "operator_api", plenty()) for each in (old, new)]
    assert verified == [b"old", b"new"]


async def test_no_character_of_a_statement_can_be_changed(keys: Keys) -> None:
    statement = await keys.signer(KEY).sign(KIND, b'{"minor":100}', plenty())
    verifier, accepted = keys.verifier, list[int]()
    for index, character in enumerate(statement):
        forged = statement[:index] + ("A" if character != "A" else "B") + statement[index + 1 :]
        try:
            if await verifier.verify(forged, KIND, "operator_api", plenty()) != b'{"minor":100}':
                accepted.append(index)
        except Forbidden:
            pass
    assert accepted == []


async def test_a_key_that_is_not_there_is_not_found(keys: Keys) -> None:
    with pytest.raises(NotFound):
        await keys.public.pem(f"{RING}/cryptoKeys/operator-api", plenty())


async def test_without_time_nothing_is_signed_or_read(keys: Keys) -> None:
    for call in (keys.signer(KEY).sign(KIND, b"", Deadline.after(-1)), keys.public.pem(KEY, Deadline.after(-1))):
        with pytest.raises(Transient):
            await call
