"""Transactions that wait for a review, and the port through which the bank's transaction service resolves them."""

from enum import StrEnum
from typing import Protocol

import msgspec

from shared.deadline import Deadline


class Status(StrEnum):
    """Where a transaction stands."""

    HELD = "held"
    APPROVED = "approved"
    REJECTED = "rejected"


class Transaction(msgspec.Struct, frozen=True):
    """One transaction, as it is in this version."""

    id: str
    status: Status
    version: int


class Resolution(msgspec.Struct, frozen=True):
    """What a review decided: `decision` is `approve` or `reject`, `reviewer` an e-mail address or a rule's name."""

    decision: str
    review: str
    reviewer: str
    reason: str

    @property
    def status(self) -> Status:
        """Where it leaves the transaction."""
        return Status.APPROVED if self.decision == "approve" else Status.REJECTED


class Transactions(Protocol):
    """The bank's transaction service. Raises what `shared.http.service_client` does, and `NotFound` for a transaction
    that the bank does not know.
    """

    async def read(self, transaction_id: str, deadline: Deadline) -> Transaction:
        """The transaction as it is now."""
        ...

    async def resolve(
        self,
        transaction: Transaction,
        resolution: Resolution,
        idempotency_key: str,
        traceparent: str,
        deadline: Deadline,
    ) -> Transaction:
        """Resolve `held` if it is still in that version, and give it as it is now, resolved by whomever; the same key
        twice resolves once.
        """
        ...
