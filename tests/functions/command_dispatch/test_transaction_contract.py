"""What is said to the bank's transaction service, and what its stand-in answers, keep the contract."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from functions.command_dispatch.transaction_service import TransactionService
from functions.command_dispatch.transactions import Resolution, Status, Transaction
from local.stand_ins import transactions as stand_in_transactions
from local.stand_ins.faults import Switches
from local.stand_ins.json_store import JsonStore
from local.stand_ins.service import Reply, Request
from shared import schema_files
from shared.embedded.manual_clock import ManualClock
from shared.errors import NotFound
from shared.json_schema import JsonSchema
from shared.privacy import data_classes
from tests.functions.command_dispatch.handlers.standing import NOW, standing
from tests.support.deadlines import plenty

CONTRACT = schema_files.load("openapi/transaction_service.v1.json")
APPROVAL = Resolution("approve", "transaction.op-1.1", "ana@bank.example", "FALSE_ALARM")
REJECTION = Resolution("reject", "transaction.op-1.1", "ana@bank.example", "CLIENT_DENIED")


def schema(name: str) -> JsonSchema:
    return JsonSchema(CONTRACT["components"]["schemas"][name])


class Watched(stand_in_transactions.Transactions):
    """The stand-in, every request and reply of which is kept."""

    def __init__(self) -> None:
        super().__init__(JsonStore())
        self.seen: list[tuple[Request, Reply]] = []

    def handle(self, request: Request, switches: Switches, now: float) -> Reply:
        reply = super().handle(request, switches, now)
        self.seen.append((request, reply))
        return reply


async def conversation() -> list[tuple[Request, Reply]]:
    """A transaction read, approved, approved again with the same key, rejected too late; and one that is unknown."""
    service = Watched()
    async with standing(service, ManualClock(NOW)) as (_, downstream):
        bank = TransactionService(downstream)
        transaction = await bank.read("op-1", plenty())
        for resolution, key in ((APPROVAL, "c-1"), (APPROVAL, "c-1"), (REJECTION, "c-2")):
            resolved = await bank.resolve(transaction, resolution, key, "", plenty())
            assert resolved == Transaction("op-1", Status.APPROVED, 2)
        with pytest.raises(NotFound):
            await bank.read("unknown.op", plenty())
    return service.seen


def test_the_contract_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(CONTRACT).validate()


@pytest.mark.parametrize("name", sorted(CONTRACT["components"]["schemas"]))
def test_every_field_has_a_data_class(name: str) -> None:
    assert [
        field for field, data_class in data_classes(CONTRACT["components"]["schemas"][name]).items() if not data_class
    ] == []


async def test_what_is_asked_and_answered_keeps_it() -> None:
    seen = await conversation()
    assert [(request.method, reply.status) for request, reply in seen] == [
        ("GET", 200),
        ("POST", 200),
        ("POST", 200),
        ("POST", 409),
        ("GET", 404),
    ]
    for request, reply in seen:
        operation = _operation(request)
        if request.method == "POST":
            schema("Resolution").validate(request.json())
            [key] = [parameter for parameter in operation["parameters"] if parameter.get("name") == "Idempotency-Key"]
            assert re.search(key["schema"]["pattern"], request.headers["idempotency-key"])
        assert str(reply.status) in operation["responses"]
        schema("Problem" if reply.status == 404 else "Transaction").validate(reply.body)


async def test_a_key_with_another_body_is_refused_by_the_stand_in() -> None:
    service = stand_in_transactions.Transactions(JsonStore())
    first, other = (
        service.handle(_post(decision, "c-1"), Switches(), 0.0).status for decision in ("approve", "reject")
    )
    assert (first, other) == (200, 422)


def _post(decision: str, key: str) -> Request:
    body = f'{{"decision":"{decision}","version":1,"review":"r","reviewer":"a@b","reason":"X"}}'.encode()
    return Request("POST", "/v1/transactions/op-1/resolution", {}, {"idempotency-key": key}, body)


def _operation(request: Request) -> Mapping[str, Any]:
    path = "/v1/transactions/{transaction_id}" + ("/resolution" if request.path.endswith("/resolution") else "")
    operation: Mapping[str, Any] = CONTRACT["paths"][path][request.method.lower()]
    return operation
