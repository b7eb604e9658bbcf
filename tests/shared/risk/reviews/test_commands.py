"""A ticket that leads to a review, and the decision that the bank is told."""

import pytest
from msgspec.structs import replace

from shared.commands.command import parse
from shared.ids import OperationRef
from shared.risk.reviews.commands import resolution, ticket
from shared.risk.reviews.review import judge
from shared.trace import Trace
from tests.support.builders.reviews import LARGE, NOW, review

TRACE = Trace("0" * 31 + "1", "0" * 15 + "2")


def test_a_ticket_says_what_is_at_stake_and_until_when_and_links_to_the_review() -> None:
    command = ticket(review(), "command_dispatch", TRACE)
    assert parse(command.encoded()) == command
    assert (command.id, command.payload["review"], command.traceparent) == (
        "transaction.op-1.1:open", "transaction.op-1.1", TRACE.traceparent(),
    )  # fmt: skip
    assert {detail["name"]: detail["value"] for detail in command.payload["details"]} == {
        "Amount": "1250.50 EUR",
        "Opened": "2026-11-22 09:30Z",
        "Expires": "2026-11-25 09:30Z as reject",
        "An approval takes": "one person",
    }


@pytest.mark.parametrize(
    ("amount", "expected"),
    [({"minor": 5, "currency": "JPY"}, "5 JPY"), ({"minor": 5, "currency": "EUR"}, "0.05 EUR"),
     ({"minor": 1_234_567, "currency": "KWD"}, "1234.567 KWD")],
)  # fmt: skip
def test_an_amount_is_told_in_the_currencys_own_decimals(amount: dict[str, object], expected: str) -> None:
    details = ticket(review(amount=amount), "command_dispatch", None).payload["details"]
    assert details[0] == {"name": "Amount", "value": expected}


def test_what_takes_two_people_is_urgent() -> None:
    assert ticket(review(amount=LARGE), "command_dispatch", None).payload["priority"] == "high"
    assert ticket(review(), "command_dispatch", None).payload["priority"] == "normal"


def test_the_bank_is_told_the_decision_under_an_id_that_derives_from_the_review() -> None:
    decided = judge(review(), "reject", by="ana@x.example", reason="FRAUD", revision=1, now=NOW)
    command = resolution(decided, "operator_api", TRACE)
    assert parse(command.encoded()) == command
    assert (command.id, command.payload) == (
        "transaction.op-1.1:done",
        {
            "transaction_id": "op-1", "review": "transaction.op-1.1", "decision": "reject",
            "reviewer": "ana@x.example", "reason": "FRAUD",
        },
    )  # fmt: skip


def test_an_open_review_resolves_nothing() -> None:
    with pytest.raises(ValueError, match="open"):
        resolution(review(), "operator_api", None)


def test_the_longest_names_there_are_make_ids_that_commands_may_have() -> None:
    longest = replace(review(), operation=OperationRef("a" * 64, "i" * 128, 9))
    command = ticket(longest, "command_dispatch", None)
    assert parse(command.encoded()) == command
