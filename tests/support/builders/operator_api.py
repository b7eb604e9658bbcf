"""The operators' API in memory, and people who call it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from functions.operator_api.main import compose
from functions.operator_api.roles import operators
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.http.callers import Caller
from shared.http.responses import problem
from shared.ids import OperationRef
from shared.privacy import Pseudonymiser
from shared.risk.operation import ReviewPolicy
from shared.risk.reviews.review import ClientRef, Review, opened
from shared.risk.reviews.store import Reviews
from shared.risk.reviews.stored_review import StoredReview
from shared.runtime.log import Log
from shared.storage.documents import Documents
from tests.support.builders.signatures import STATE, ports, signed
from tests.support.deadlines import plenty
from tests.support.http_requests import Reply, http_request, reply_of

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TOKENS = Pseudonymiser(b"k" * 32, 1)
POLICY = ReviewPolicy(
    timedelta(hours=72), "reject", {"EUR": 500_000}, {"approve": ("CONFIRMED",), "reject": ("DENIED", "FRAUD")}
)
WHO = (
    "reviewer=ana@x.example ben@x.example cem@x.example,on_call=ana@x.example"
    ",auditor=dora@x.example,support=sue@x.example"
)
CLIENT = ClientRef(TOKENS.client("C-1"), "e1.encrypted")
SMALL = {"minor": 500_000, "currency": "EUR"}
LARGE = {"minor": 500_001, "currency": "EUR"}


def review(amount: dict[str, Any] | None = None, id_: str = "op-1", at: datetime = NOW) -> Review:
    """An open review, of a large amount unless told otherwise."""
    payload = {"client_id": "C-1", "reasons": ["SCORE_HIGH"], "rule_set": "transaction@2", "amount": amount or LARGE}
    operation, kept = OperationRef("transaction", id_, 1), timedelta(days=400)
    return opened(operation, payload, POLICY, "transaction@1", kept, at, CLIENT)


async def store(documents: Documents, *reviews: Review) -> None:
    """Put reviews on record as they are opened, their tickets sent."""
    for review in reviews:
        await Reviews(documents).open(StoredReview(await signed(review)), review.opened_at, plenty())


class Named:
    """The caller is who the header says."""

    def identify(self, headers: Any) -> Caller:
        return Caller(headers["authorization"])


class Publisher(MemoryPublisher):
    """Fails while told to."""

    failing: Exception | None = None

    async def publish(self, topic: str, messages: Sequence[Any], deadline: Deadline) -> list[str]:
        if self.failing is not None:
            raise self.failing
        return await super().publish(topic, messages, deadline)


@dataclass
class Office:
    """The API over one store, at a time that tests move."""

    documents: Documents = field(default_factory=MemoryDocuments)
    publisher: Publisher = field(default_factory=Publisher)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    log: BytesIO = field(default_factory=BytesIO)
    state: Path = STATE
    who = WHO

    def __post_init__(self) -> None:
        log = Log("operator_api", TOKENS, stream=self.log)
        unset = ports(self.state)
        used = replace(unset, documents=self.documents, callers=Named(), clock=self.clock, _publisher=self.publisher)
        self.service = compose(used, operators(self.who), log)

    @property
    def now(self) -> datetime:
        """The time of day."""
        return self.clock.now()

    @now.setter
    def now(self, now: datetime) -> None:
        self.clock.set_now(now)

    async def _no_key(self, deadline: Deadline) -> Pseudonymiser:
        return TOKENS

    async def call(
        self, who: str, method: str, path: str, body: object = None, query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:  # fmt: skip
        """One request by `{who}@x.example`; a body that is not bytes is sent as JSON."""
        sent = {"authorization": f"{who}@x.example", **(headers or {})}
        try:
            response = await self.service.handle(http_request(method, path, body, query, sent, self.clock))
        except Exception as error:  # noqa: BLE001 - as the entry point does
            response = problem(error)
        return reply_of(response)

    async def as_ana(
        self, method: str, path: str, body: object = None, query: str = "", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One request by ana."""
        return await self.call("ana", method, path, body, query, headers)

    async def judge(self, who: str, verdict: str, reason: str = "", revision: int = 1, id_: str = "op-1") -> Reply:
        """Somebody approves or rejects."""
        body = {"reason": reason or {"approve": "CONFIRMED", "reject": "DENIED"}[verdict], "revision": revision}
        return await self.call(who, "POST", f"/v1/reviews/transaction.{id_}.1/{verdict}", body)

    async def audit(self) -> list[dict[str, Any]]:
        """What is on record, read as the auditor: that entry is the last."""
        answer = await self.call("dora", "GET", "/v1/audit", query="first=1&limit=500")
        return [json.loads(entry["content"]) for entry in answer.json["entries"]]

    def commands(self) -> list[dict[str, Any]]:
        """What was published, as JSON."""
        return [json.loads(message.data) for messages in self.publisher.published.values() for message in messages]
