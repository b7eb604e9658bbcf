"""The API around the domain: which version of an operation a question is held to, and when a newer one is seen."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from starlette.requests import Request

from functions.advice.advise import Adviser
from functions.advice.answer_store import AnswerStore
from functions.advice.risk_functions import RiskFunctions
from functions.advice.service import Service
from shared.catalogue.active_versions import ActiveVersions
from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import OPERATIONS
from shared.catalogue.yaml_files import content
from shared.commands.publisher import TopicCommandPublisher
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.errors import Unavailable
from shared.http.callers import Caller
from shared.http.request import HttpRequest
from shared.privacy import Pseudonymiser
from shared.risk import answers
from shared.risk.operation import parse_operation, self_contained
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache
from shared.storage.documents import Document, Documents, Key
from tests.support.builders.advice import NOW, TRACE, FakeHop, body, tokens
from tests.support.builders.advice import OPERATIONS as SHIPPED
from tests.support.deadlines import plenty


class Payments:
    """Everybody is the payment service."""

    def identify(self, headers: Any) -> Caller:
        return Caller("payments@bank.example")


async def _no_key(deadline: Deadline) -> Pseudonymiser:
    return Pseudonymiser(b"k" * 32, 1)


def service(documents: Documents, hop: FakeHop, *, sandbox: bool = False) -> Service:
    clock = ManualClock(NOW, skip_sleeps=True)
    functions = RiskFunctions(hop, {"risk_decision": "http://risk.test"}, clock)
    outbox = answers.outbox(documents, lambda: TopicCommandPublisher(MemoryPublisher()), answers.issuable)
    return Service(
        callers=Payments(),
        documents=documents,
        operations=ActiveVersions(OPERATIONS, parse_operation),
        adviser=Adviser(AnswerStore(documents, tokens), outbox, functions, clock),
        log=Log("advice"),
        token_key=TokenKeyCache(_no_key),
        clock=clock,
        sandbox=sandbox,
        replay=False,
    )


class Distant(MemoryDocuments):
    """Takes a few milliseconds to read, as a store across a network does."""

    async def read(self, keys: Sequence[Key], deadline: Deadline) -> list[Document | None]:
        await deadline.sleep(0.003)
        return await super().read(keys, deadline)


async def publish(documents: Documents, **changes: Any) -> None:
    catalogue = Catalogue(documents, OPERATIONS)
    document = self_contained({**content(SHIPPED / "transaction.yaml"), **changes})
    proposed = await catalogue.propose("transaction", document, by="ana", now=NOW, note="", deadline=plenty())
    number = proposed.version.version
    await catalogue.approve("transaction", number, by="ben", now=NOW, deadline=plenty())


async def nothing() -> None:
    """Happens while the body comes."""


async def ask(of: Service, meanwhile: Callable[[], Awaitable[None]] = nothing, **changes: Any) -> dict[str, Any]:
    """The answer to a question that arrives now."""

    async def receive() -> dict[str, Any]:
        await meanwhile()
        return {"type": "http.request", "body": json.dumps(body(**changes)).encode()}

    request = Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)
    arrived = of.clock.monotonic()
    response = await of.handle(
        HttpRequest("POST", "/v1/operations/transaction/advice", {}, TRACE, arrived, request, of.clock)
    )
    answer: dict[str, Any] = json.loads(bytes(response.body))
    return answer


async def test_a_version_put_in_force_while_the_body_comes_is_for_the_next_question() -> None:
    documents = MemoryDocuments()
    await publish(documents)
    advice = service(documents, FakeHop())

    async def another_version() -> None:
        await publish(documents, deadline_ms=300)
        now, deadline = advice.clock.monotonic(), plenty()
        operation, _, _ = await advice.operations.current("transaction", documents, deadline, now)
        assert (await operation.refresh(documents, deadline, now)).changed

    assert (await ask(advice, another_version))["versions"]["operation"] == "transaction@1"


async def test_a_newer_version_is_seen_though_the_answer_is_ready_before_it() -> None:
    documents = Distant()
    unrecorded: dict[str, Any] = {
        "record": "none",
        "answers": {"cases": {"default": {"legal": ["APPROVE"], "declared": "APPROVE"}}},
    }
    await publish(documents, **unrecorded)
    advice = service(documents, FakeHop())
    await ask(advice)
    await publish(documents, **unrecorded, deadline_ms=300)
    versions = []
    for _ in range(3):
        await advice.clock.sleep(11)
        versions.append((await ask(advice))["versions"]["operation"])
    assert versions == ["transaction@1", "transaction@2", "transaction@2"]


async def test_a_sandbox_id_forces_the_declared_answer_at_the_deadline() -> None:
    documents = MemoryDocuments()
    await publish(documents, deadline_ms=300)
    advice = service(documents, FakeHop(), sandbox=True)
    answer = await ask(advice, operation_id="sandbox.late.1")
    assert (answer["reasons"], answer["decided_by"]) == (["RISK_FUNCTION_LATE"], "sandbox")
    assert 0.25 < advice.clock.monotonic() <= 0.3


async def test_a_sandbox_id_forces_silence_for_longer_than_anybody_waits() -> None:
    documents = MemoryDocuments()
    await publish(documents, deadline_ms=300)
    advice = service(documents, FakeHop(), sandbox=True)
    with pytest.raises(Unavailable):
        await ask(advice, operation_id="sandbox.timeout.1")
    assert advice.clock.monotonic() == pytest.approx(4 * 0.3)
