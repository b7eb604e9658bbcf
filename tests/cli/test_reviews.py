"""Reviews at the keyboard: what waits, and two people deciding it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.risk.reviews.stored_review import review_key
from shared.storage.documents import Create
from tests.support.builders.operator_api import SMALL, TOKENS, review, store
from tests.support.builders.operators import Desk, desk
from tests.support.deadlines import plenty

REVIEW = "transaction.op-1.1"
CLIENT = TOKENS.client("C-1")


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "state") as opened:
        opened.run(store(opened.office.documents, review(), review(SMALL, "op-2")))
        yield opened


def test_the_list_says_what_waits_how_many_it_needs_and_how_long_there_is(at: Desk) -> None:
    at.office.now += timedelta(hours=70)
    lines = at.cli("reviews", "list").output.splitlines()
    assert [line.split()[0] for line in lines] == ["review", REVIEW, "transaction.op-2.1"]
    for text in ("5,000.01 EUR", "SCORE_HIGH", "0 of 2", CLIENT, "2026-11-25 09:30Z (2 h left)"):
        assert text in lines[1]


def test_where_nothing_waits_it_says_so(tmp_path: Path) -> None:
    with desk(tmp_path / "state") as opened:
        assert opened.cli("reviews", "list").output == "no review waits\n"
        assert opened.cli("reviews", "list", "--all").output == "no review is there\n"


def test_a_damaged_review_is_named_beside_the_list(at: Desk) -> None:
    at.run(at.office.documents.commit([Create(review_key("damaged"), b"?", at.office.now)], plenty()))
    result = at.cli("reviews", "list")
    assert (result.exit_code, result.stderr) == (0, "cannot be read, the document is damaged: damaged\n")
    assert REVIEW in result.stdout


def test_one_review_is_shown_with_the_reasons_to_choose_from(at: Desk) -> None:
    output = at.cli("reviews", "show", REVIEW).output
    for text in ("open", "DENIED  FRAUD", "CONFIRMED", "then: reject (transaction@1)", CLIENT):
        assert text in output
    assert "C-1" not in output


def test_a_large_amount_is_approved_by_two_who_are_told_what_comes_next(at: Desk) -> None:
    first = at.cli("reviews", "approve", REVIEW, "--reason", "CONFIRMED")
    assert (first.exit_code, "1 of 2 approvals; now another person runs" in first.output) == (0, True)
    again = at.cli("reviews", "approve", REVIEW, "--reason", "CONFIRMED")
    assert again.output == first.output
    second = at.cli("reviews", "approve", REVIEW, "--reason", "CONFIRMED", who="ben")
    assert second.output == f"{REVIEW} is approved (CONFIRMED): the bank is told\n"
    assert [command["payload"]["decision"] for command in at.office.commands()] == ["approve"]
    assert "approve by ben@x.example, CONFIRMED" in at.cli("reviews", "show", REVIEW).output


def test_a_rejection_takes_one(at: Desk) -> None:
    assert at.cli("reviews", "reject", REVIEW, "--reason", "FRAUD").output == (
        f"{REVIEW} is rejected (FRAUD): the bank is told\n"
    )
    late = at.cli("reviews", "approve", REVIEW, "--reason", "CONFIRMED", who="ben")
    assert (late.exit_code, late.stderr) == (1, "error: the review was decided already: reject\n")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("approve", REVIEW, "--reason", "CONFIRMED"), "would be the first of two approvals"),
        (("approve", "transaction.op-2.1", "--reason", "CONFIRMED"), "would approve it"),
        (("reject", REVIEW, "--reason", "FRAUD"), "would reject it"),
        (("reject", REVIEW, "--reason", "MOOD"), "MOOD is none of its reasons: DENIED, FRAUD"),
    ],
)
def test_a_dry_run_says_what_would_happen_and_changes_nothing(
    at: Desk, arguments: tuple[str, ...], expected: str
) -> None:
    assert expected in at.cli("reviews", *arguments, "--dry-run").output
    assert {entry["action"] for entry in at.run(at.office.audit())} == {"reviews.read"}


@pytest.mark.parametrize(
    ("who", "arguments", "expected"),
    [
        ("ana", ("show", "transaction.op-9.1"), "error: there is no review of this id\n"),
        ("ana", ("approve", REVIEW, "--reason", "MOOD"), "error: /reason: one of CONFIRMED expected\n"),
        ("dora", ("list",), "error: dora@x.example may not: it takes the role reviewer, see SLACKER_OPERATORS\n"),
        ("eve", ("list",), "error: eve@x.example is no operator: see SLACKER_OPERATORS\n"),
    ],
)
def test_a_refusal_is_a_line_and_exit_code_1(at: Desk, who: str, arguments: tuple[str, ...], expected: str) -> None:
    result = at.cli("reviews", *arguments, who=who)
    assert (result.exit_code, result.stderr) == (1, expected)


def test_nobody_in_particular_is_asked_who_he_is(at: Desk) -> None:
    result = at.cli("reviews", "list", who=None)
    assert (result.exit_code, "say who you are: --as NAME" in result.stderr) == (2, True)


def test_scripts_get_what_the_service_says(at: Desk) -> None:
    page = json.loads(at.cli("reviews", "list", "--all", "--json").output)
    assert [listed["id"] for listed in page["reviews"]] == [REVIEW, "transaction.op-2.1"]
    rejected = json.loads(at.cli("reviews", "reject", REVIEW, "--reason", "FRAUD", "--json").output)
    assert rejected["decision"]["by"] == "ana@x.example"


def test_where_no_stack_has_run_it_says_how_to_start_one(tmp_path: Path) -> None:
    with desk(tmp_path / "state") as opened:
        (opened.state / "stack.json").unlink()
        result = opened.cli("reviews", "list")
    assert (result.exit_code, "python -m local up" in result.stderr) == (1, True)
