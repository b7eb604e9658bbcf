"""An act is signed before it is committed: without a signature nothing is on record, and what is committed is what was
signed.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from io import BytesIO

import pytest
from msgspec.structs import replace

from local.stand_ins.faults import Fault, switches
from local.stand_ins.kms import Kms
from local.stand_ins.server import StandIn
from shared.audit.change import AuditContext
from shared.audit.entry import AUDIT
from shared.composition.signing import LOCAL_RING
from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import Conflict, Forbidden, Transient
from shared.gcp.kms import KmsPublicKeys, KmsSigner
from shared.http.service_client import ServiceClient
from shared.money import Money
from shared.privacy import Pseudonymiser
from shared.risk.reviews.acts import ReviewActs
from shared.risk.reviews.review import Approval, Review
from shared.risk.reviews.signatures import ReviewSignatures
from shared.risk.reviews.store import Reviews
from shared.risk.reviews.stored_review import CODEC, StoredReview, review_key, written
from shared.signing.signer import Signer
from shared.signing.verifier import Verifier, key_version
from shared.storage.documents import Documents
from tests.functions.command_dispatch.handlers.standing import patience
from tests.support.builders.reviews import HOUR, LARGE, NOW, review
from tests.support.builders.signatures import acts, signatures, signed
from tests.support.deadlines import plenty

TOKENS = Pseudonymiser(b"k" * 32, 1)
BEARER = "Bearer ya29.x"
FORGED = Approval("ben@x.example", NOW, "CONFIRMED")


async def opened(documents: Documents, made: Review | None = None) -> Review:
    record = StoredReview(await signed(review(amount=LARGE)) if made is None else made)
    await Reviews(documents).open(record, NOW, plenty())
    return record.review


async def change(documents: Documents, of: Review) -> None:
    """Write the review, past every function."""
    [document] = await documents.read([review_key(of.id)], plenty())
    assert document is not None
    record = CODEC.decode(document)
    await documents.commit([written(document, StoredReview(of, record.pending), NOW)], plenty())


async def approve(by: ReviewActs, who: str = "ana", revision: int = 1, deadline: Deadline | None = None) -> Review:
    context = AuditContext(f"{who}@x.example", "reviews.approve", NOW)
    return await by.judge(
        review().id, "approve", context, reason="CONFIRMED", revision=revision, tokens=TOKENS,
        deadline=deadline or plenty(),
    )  # fmt: skip


async def expire(by: ReviewActs) -> Review:
    context = AuditContext("scheduled_work", "reviews.expire", review().expires_at + HOUR)
    return await by.expire(review().id, context, TOKENS, plenty())


async def audited(documents: Documents) -> int:
    return len(await documents.scan(AUDIT.name, plenty(), limit=100))


@asynccontextmanager
async def kms(documents: Documents, function: str) -> AsyncIterator[tuple[StandIn, ReviewActs]]:
    """The acts of a function that signs with Cloud KMS."""

    async def authorise(_: Deadline) -> dict[str, str]:
        return {"authorization": BEARER}

    service = Kms()
    async with StandIn(service, {BEARER}) as stand_in:
        client = ServiceClient("Cloud KMS", stand_in.url, authorise)
        signing = ReviewSignatures(
            KmsSigner(client, key_version(LOCAL_RING, function, 1)), Verifier(LOCAL_RING, lambda: KmsPublicKeys(client))
        )
        try:
            yield stand_in, replace(acts(documents, function), signatures=lambda: signing)
        finally:
            await client.close()


@pytest.mark.parametrize("fault", [Fault("status", 500), Fault("hang"), Fault("garbage"), Fault("disconnect")], ids=str)
async def test_while_nothing_can_be_signed_nothing_is_on_record_and_the_act_can_be_repeated(fault: Fault) -> None:
    documents = MemoryDocuments()
    await opened(documents, review(amount=LARGE))
    async with kms(documents, "operator_api") as (stand_in, by):
        stand_in.switches = switches(fault)
        with pytest.raises(Transient):
            await approve(by, deadline=Deadline.after(patience(fault)))
        assert await audited(documents) == 0
        assert await Reviews(documents).find(review().id, plenty()) == review(amount=LARGE)
    async with kms(documents, "operator_api") as (_, by):
        await approve(by)
    assert len((await Reviews(documents).find(review().id, plenty())).statements) == 1


class Meanwhile:
    """Signs, and before that lets something happen."""

    def __init__(self, signer: Signer, happening: Callable[[], Awaitable[object]]) -> None:
        self._signer, self._happening = signer, happening

    async def sign(self, kind: str, payload: bytes, deadline: Deadline) -> str:
        await self._happening()
        return await self._signer.sign(kind, payload, deadline)


def interrupted(documents: Documents, happening: Callable[[], Awaitable[object]]) -> ReviewActs:
    signing = signatures("operator_api")
    replaced = replace(signing, signer=Meanwhile(signing.signer, happening))
    return replace(acts(documents, "operator_api"), signatures=lambda: replaced)


@pytest.mark.parametrize(
    "forge", [lambda of: replace(of, amount=Money(1, "EUR")), lambda of: replace(of, approvals=(FORGED,))]
)
async def test_what_changes_while_it_is_signed_is_not_committed_as_signed(forge: Callable[[Review], Review]) -> None:
    documents = MemoryDocuments()
    made = await opened(documents)
    with pytest.raises(Conflict, match="has changed meanwhile: look at it again"):
        await approve(interrupted(documents, lambda: change(documents, forge(made))))
    assert (await Reviews(documents).find(made.id, plenty())).statements == ()


async def test_who_is_late_by_a_signature_is_told_what_there_is_now() -> None:
    documents = MemoryDocuments()
    await opened(documents)
    first = acts(documents, "operator_api")
    with pytest.raises(Conflict, match="look at revision 2 first"):
        await approve(interrupted(documents, lambda: approve(first, "ben")))


async def test_an_approval_that_is_not_signed_does_not_count_and_is_told() -> None:
    documents, log = MemoryDocuments(), BytesIO()
    made = await opened(documents)
    await change(documents, replace(made, approvals=(FORGED,), revision=2))
    after = await approve(acts(documents, "operator_api", log), revision=2)
    assert ([approval.by for approval in after.approvals], after.decision) == (["ana@x.example"], None)
    [line] = [line for line in map(json.loads, log.getvalue().splitlines()) if line["kind"] == "approval_not_signed"]
    assert (line["severity"], line["operation_id"], line["counts"]) == ("ERROR", "op-1", {"unsigned": 1})


async def test_who_approved_before_approvals_were_signed_approves_again() -> None:
    documents = MemoryDocuments()
    before = Approval("ana@x.example", NOW, "CONFIRMED")
    await opened(documents, replace(review(), approvals=(before,), approvals_needed=2, revision=2))
    by = acts(documents, "operator_api")
    assert (await approve(by, "ana", 2)).status == "open"
    assert (await approve(by, "ben", 3)).status == "approved"


async def test_a_review_that_was_tampered_with_is_not_decided_and_that_is_on_record() -> None:
    documents, log = MemoryDocuments(), BytesIO()
    made = await opened(documents)
    await change(documents, replace(made, approvals_needed=1))
    with pytest.raises(Forbidden, match="somebody else has changed it"):
        await approve(acts(documents, "operator_api", log))
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line["kind"], line.get("error")) for line in lines] == [
        ("review_not_signed", "Forbidden"),
        ("audit", None),
    ]
    assert await audited(documents) == 2  # the refusal, and the head


async def test_a_rule_decides_only_a_review_whose_time_somebody_vouches_for() -> None:
    documents = MemoryDocuments()
    await opened(documents, review())
    with pytest.raises(Forbidden, match="people decide it"):
        await expire(acts(documents, "scheduled_work"))
    assert (await approve(acts(documents, "operator_api"))).approvals_needed == 2


async def test_what_the_rule_decided_is_signed_by_scheduled_work() -> None:
    documents = MemoryDocuments()
    await opened(documents)
    after = await expire(acts(documents, "scheduled_work"))
    await signatures("command_dispatch").verify(after, plenty())
    assert (after.status, len(after.statements)) == ("rejected", 1)
