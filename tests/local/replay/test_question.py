"""The bank's questions keep the contract, carry what is known, and never what is known only later."""

from itertools import islice

import msgspec
import pytest

from jobs.history.transaction import Transaction
from local.bank.bank import transactions
from local.replay.question import question
from shared import schema_files
from shared.json_schema import JsonSchema


@pytest.fixture(scope="module")
def life() -> list[Transaction]:
    return list(islice(transactions(3, 200, fraud_rate=20), 4000))


@pytest.mark.parametrize("attempt", [1, 2])
def test_every_question_keeps_the_contract(life: list[Transaction], attempt: int) -> None:
    checked = JsonSchema(schema_files.load("json/operations/transaction.v1.json"))
    for transaction in life:
        checked.validate(msgspec.json.decode(msgspec.json.encode(question(transaction, attempt))))


def test_a_first_question_names_no_attempt_and_a_second_names_the_first(life: list[Transaction]) -> None:
    assert "attempt" not in question(life[0])
    second = question(life[0], 2)
    assert (second["attempt"], second["previous_attempt"]) == (2, 1)


def test_the_truth_is_never_told(life: list[Transaction]) -> None:
    fraud = next(transaction for transaction in life if transaction.fraud)
    body = msgspec.json.encode(question(fraud)).decode()
    assert "fraud" not in body
    assert str(fraud.scenario) not in body


def test_card_payments_are_authorised_and_the_rest_are_transfers(life: list[Transaction]) -> None:
    phases = {(transaction.card is not None, question(transaction)["posting"]["phase"]) for transaction in life}
    assert phases == {(True, "authorisation"), (False, "transfer")}
