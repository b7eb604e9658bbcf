"""The bank's transaction service over HTTP: `schemas/openapi/transaction_service.v1.json`."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from shared.deadline import Deadline
from shared.errors import Misconfigured, NotFound, Permanent, Unavailable, Uncertain
from shared.http.service_client import ServiceClient

from .transactions import Resolution, Status, Transaction


class TransactionService:
    """Implements `Transactions` with the service behind `downstream`."""

    def __init__(self, downstream: ServiceClient) -> None:
        self._downstream = downstream

    async def read(self, transaction_id: str, deadline: Deadline) -> Transaction:
        """See the port."""
        answer = await self._downstream.request("GET", _path(transaction_id), deadline)
        if answer.status != 200:
            raise _refusal(answer.status)
        transaction = _transaction(transaction_id, answer.body)
        if transaction is None:
            raise Unavailable("the transaction service answered what is no transaction")
        return transaction

    async def resolve(
        self,
        transaction: Transaction,
        resolution: Resolution,
        idempotency_key: str,
        traceparent: str,
        deadline: Deadline,
    ) -> Transaction:
        """See the port."""
        body = {
            "decision": resolution.decision,
            "version": transaction.version,
            "review": resolution.review,
            "reviewer": resolution.reviewer,
            "reason": resolution.reason,
        }
        headers = {"idempotency-key": idempotency_key, "traceparent": traceparent}
        path = f"{_path(transaction.id)}/resolution"
        answer = await self._downstream.request("POST", path, deadline, json=body, headers=headers)
        if answer.status not in {200, 409}:
            raise _refusal(answer.status)
        resolved = _transaction(transaction.id, answer.body)
        if resolved is None:
            raise Uncertain("the transaction service answered what is no transaction")
        return resolved

    async def close(self) -> None:
        """Close the connections."""
        await self._downstream.close()


def _path(transaction_id: str) -> str:
    return f"/v1/transactions/{quote(transaction_id, safe='')}"


def _transaction(transaction_id: str, body: Mapping[str, Any]) -> Transaction | None:
    """The transaction in an answer, or `None` where there is none, or another."""
    status, version = body.get("status"), body.get("version")
    if body.get("transaction_id") != transaction_id or type(version) is not int or status not in list(Status):
        return None
    return Transaction(transaction_id, Status(status), version)


def _refusal(status: int) -> Permanent:
    if status == 404:
        return NotFound("the bank knows no such transaction")
    return Misconfigured(f"the transaction service answered with status {status}: see the contract that it keeps")
