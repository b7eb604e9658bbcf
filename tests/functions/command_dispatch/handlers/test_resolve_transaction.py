"""A review's decision takes effect once, only if it is on record, and then the client is told."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from functions.command_dispatch.config_files import checked, configuration
from functions.command_dispatch.handlers.resolve_transaction import ResolveTransaction
from functions.command_dispatch.transaction_service import TransactionService
from functions.command_dispatch.transactions import Resolution
from local.stand_ins import transactions as stand_in_transactions
from local.stand_ins.faults import Fault, switches
from local.stand_ins.json_store import JsonStore
from local.stand_ins.server import StandIn
from shared.commands.command import Command, parse
from shared.commands.outcome import CommandOutcome
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.errors import Deferred, Forbidden, Misconfigured, SlackerError, Unavailable, Uncertain
from shared.http.service_client import ServiceClient
from shared.ids import OperationRef
from shared.risk.reviews.review import EXPIRED, Review
from tests.functions.command_dispatch.handlers.standing import NOW, command, once, patience, standing, to_the_end
from tests.support.deadlines import plenty

NOTICES = checked(
    "resolution_notices",
    {
        "approve": {"template": "yes", "channel": "push", "category": "security", "reasons": ["FALSE_ALARM"]},
        "reject": {"template": "no", "channel": "text", "category": "security", "reasons": ["CLIENT_DENIED"]},
    },
)
REVIEW = Review(
    operation=OperationRef("transaction", "op-1", 1),
    client="t1_client-7",
    amount=None,
    opened_for=(),
    rule_set="transaction@1",
    policy="transaction@1",
    opened_at=NOW,
    expires_at=NOW + timedelta(days=3),
    expires_as="reject",
    approvals_needed=1,
    reasons={"approve": (), "reject": ()},
    kept_for=timedelta(days=90),
    encrypted_client_id="client-7, encrypted about transaction.op-1.1",
)
REJECTED = Resolution("reject", REVIEW.id, "ana@bank.example", "CLIENT_DENIED")


def resolution(decision: str, reason: str = "FALSE_ALARM", **changes: Any) -> Command:
    payload = {
        "transaction_id": "op-1",
        "review": REVIEW.id,
        "decision": decision,
        "reviewer": "ana@bank.example",
        "reason": reason,
        **changes,
    }
    return command("resolve_transaction", payload, f"{REVIEW.id}:done")


@dataclass(slots=True)
class OnRecord:
    """Reviews that hold one decision."""

    decision: str
    review: Review = REVIEW

    async def confirmed(self, what: Command, deadline: Deadline) -> Review:
        if what.payload["decision"] != self.decision:
            raise Forbidden("the review on record does not hold this decision")
        return self.review


class Named:
    """Ids that are encrypted so that one can read them."""

    async def encrypt(self, id_: str, about: str, deadline: Deadline) -> str:
        return f"{id_}, encrypted about {about}"

    async def decrypt(self, text: str, about: str, deadline: Deadline) -> str:
        return text.removesuffix(f", encrypted about {about}")


@dataclass(slots=True)
class Outbox:
    """Publishes, or fails as often as told."""

    failures: int = 0
    published: list[Command] = field(default_factory=list)

    async def publish(self, commands: Sequence[Command], deadline: Deadline) -> None:
        if self.failures:
            self.failures -= 1
            raise Unavailable("no topic answers")
        self.published += commands


def handler(downstream: ServiceClient, outbox: Outbox, decision: str = "approve") -> ResolveTransaction:
    service = TransactionService(downstream)
    of = OnRecord(decision)
    return ResolveTransaction(service, of, Named(), outbox, NOTICES, ManualClock(NOW), timedelta(seconds=15))


@dataclass(slots=True)
class Played:
    """What a test looks at."""

    downstream: ServiceClient
    stand_in: StandIn
    service: stand_in_transactions.Transactions
    outbox: Outbox

    def resolving(self, decision: str = "approve") -> ResolveTransaction:
        return handler(self.downstream, self.outbox, decision)


@asynccontextmanager
async def playing(clock: ManualClock | None = None) -> AsyncIterator[Played]:
    service = stand_in_transactions.Transactions(JsonStore())
    async with standing(service, clock or ManualClock(NOW)) as (stand_in, downstream):
        yield Played(downstream, stand_in, service, Outbox())


@pytest.mark.parametrize(("decision", "status"), [("approve", "approved"), ("reject", "rejected")])
async def test_what_was_decided_takes_effect_with_who_and_why(decision: str, status: str) -> None:
    async with playing() as played:
        outcome = await once(played.resolving(decision), resolution(decision, "DOCUMENTS_SEEN"))
        assert outcome == CommandOutcome.done({"transaction": status})
        [kept] = played.service.resolved().values()
    assert {name: kept[name] for name in ("status", "key", "review", "reviewer", "reason")} == {
        "status": status,
        "key": "transaction.op-1.1:done",
        "review": "transaction.op-1.1",
        "reviewer": "ana@bank.example",
        "reason": "DOCUMENTS_SEEN",
    }


async def test_a_decision_that_no_review_holds_moves_nothing() -> None:
    async with playing() as played:
        with pytest.raises(Forbidden):
            await once(played.resolving("reject"), resolution("approve"))
        assert (played.stand_in.calls, played.outbox.published) == (0, [])


async def test_the_client_is_told_by_a_command_of_its_own() -> None:
    async with playing() as played:
        outcome = await once(played.resolving(), resolution("approve"))
        assert outcome == CommandOutcome.done({"transaction": "approved", "told": "transaction.op-1.1:told"})
    [published] = played.outbox.published
    assert parse(published.encoded()) == published
    assert (published.id, published.type, dict(published.payload)) == (
        "transaction.op-1.1:told",
        "notify_client",
        {"client_id": "client-7", "template": "yes", "channel": "push", "category": "security"},
    )


async def test_the_client_of_a_review_from_before_ids_were_encrypted_is_told_as_well() -> None:
    async with playing() as played:
        before = replace(REVIEW, client="client-8", encrypted_client_id="")
        resolving = replace(played.resolving(), reviews=OnRecord("approve", before))
        await once(resolving, resolution("approve"))
    assert [published.payload["client_id"] for published in played.outbox.published] == ["client-8"]


async def test_after_a_reason_that_could_tip_somebody_off_the_client_is_told_nothing() -> None:
    async with playing() as played:
        await once(played.resolving("reject"), resolution("reject", "FRAUD_SUSPECTED"))
        assert played.outbox.published == []


def test_a_rejection_that_nobody_decided_tells_the_client_nothing() -> None:
    """The rule that let the review expire knows nothing of its cause, which may be one that must not be told."""
    assert EXPIRED not in configuration("resolution_notices")["reject"]["reasons"]


@pytest.mark.parametrize(("first", "then"), [("approve", "reject"), ("reject", "approve")])
async def test_a_transaction_resolved_otherwise_is_refused_and_stays_as_it_is(first: str, then: str) -> None:
    async with playing() as played:
        await once(played.resolving(first), resolution(first))
        published = list(played.outbox.published)
        refused = await once(played.resolving(then), resolution(then))
        status = "approved" if first == "approve" else "rejected"
        assert refused == CommandOutcome.refused(f"already_{status}")
        assert [kept["status"] for kept in played.service.resolved().values()] == [status]
        assert played.outbox.published == published


async def test_one_that_changed_between_its_read_and_its_resolution_is_told_apart_from_one_resolved() -> None:
    async with playing() as played:
        service = TransactionService(played.downstream)
        resolving = played.resolving()
        transaction = await service.read("op-1", plenty())
        await once(resolving, resolution("approve"))
        now = await service.resolve(transaction, REJECTED, "another", "", plenty())
    assert (transaction.status, transaction.version, now.status, now.version) == ("held", 1, "approved", 2)


async def test_a_transaction_that_the_bank_does_not_know_is_refused() -> None:
    async with playing() as played:
        unknown = resolution("approve", transaction_id="unknown.op-1")
        assert await once(played.resolving(), unknown) == CommandOutcome.refused("unknown_transaction")


async def test_what_could_not_be_published_is_published_by_the_next_delivery() -> None:
    async with playing() as played:
        played.outbox.failures = 1
        with pytest.raises(Unavailable):
            await once(played.resolving(), resolution("approve"))
        outcome = await once(played.resolving(), resolution("approve"))
        assert (outcome.status, [published.id for published in played.outbox.published]) == (
            "done",
            ["transaction.op-1.1:told"],
        )
        assert len(played.service.resolutions()) == 1


@pytest.mark.parametrize(
    ("fault", "error", "resolved"),
    [
        (Fault("status", 429, retry_after=9), Deferred, 0),
        (Fault("status", 401), Misconfigured, 0),
        (Fault("status", 422), Misconfigured, 0),
        (Fault("status", 500), Uncertain, 0),
        (Fault("status", 502, after_commit=True), Uncertain, 1),
        (Fault("hang"), Uncertain, 0),
        (Fault("hang", after_commit=True), Uncertain, 1),
        (Fault("disconnect", after_commit=True), Uncertain, 1),
        (Fault("garbage", after_commit=True), Uncertain, 1),
    ],
)
async def test_each_way_of_failing_is_what_it_is_and_is_settled_by_the_next_read(
    fault: Fault, error: type[SlackerError], resolved: int
) -> None:
    clock = ManualClock(NOW)
    async with playing(clock) as played:
        fault.times = 1
        played.stand_in.switches = switches(Fault("none", times=1), fault)
        with pytest.raises(error) as raised:
            await once(played.resolving(), resolution("approve"), seconds=patience(fault))
        assert (type(raised.value), len(played.service.resolved())) == (error, resolved)
        assert (await to_the_end(played.resolving(), resolution("approve"), clock)).status == "done"
        assert len(played.service.resolutions()) == 1


@pytest.mark.parametrize("fault", [Fault("status", 500), Fault("garbage"), Fault("disconnect"), Fault("hang")])
async def test_a_read_that_fails_resolves_nothing(fault: Fault) -> None:
    async with playing() as played:
        played.stand_in.switches = switches(fault)
        with pytest.raises(Unavailable):
            await once(played.resolving(), resolution("approve"), seconds=patience(fault))
        assert played.service.resolved() == {}
