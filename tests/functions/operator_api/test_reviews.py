"""Reviews over HTTP: what is shown, who decides, and that nobody gets around it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared.commands.types import command_topics
from shared.embedded.manual_clock import ManualClock
from shared.errors import Unavailable
from shared.risk.reviews.commands import ticket
from shared.risk.reviews.review import Review
from shared.risk.reviews.store import Reviews
from shared.risk.reviews.stored_review import StoredReview, review_key
from shared.storage.documents import Create
from tests.support.builders.operator_api import NOW, SMALL, TOKENS, Office, review, store
from tests.support.deadlines import plenty
from tests.support.faulty_documents import Troubled

CLIENT = TOKENS.client("C-1")


async def office(*reviews: Review) -> Office:
    found = Office()
    await store(found.documents, *reviews)
    return found


async def test_open_reviews_are_listed_those_that_expire_first_before_the_others() -> None:
    found = await office(review(id_="late", at=NOW + timedelta(hours=2)), review(id_="early"))
    await found.judge("ana", "reject", id_="late")
    await store(found.documents, review(id_="later", at=NOW + timedelta(hours=3)))
    listed = await found.call("ana", "GET", "/v1/reviews")
    assert [each["operation_id"] for each in listed.json["reviews"]] == ["early", "later"]
    everything = await found.call("ana", "GET", "/v1/reviews", query="status=any&limit=2")
    assert [each["operation_id"] for each in everything.json["reviews"]] == ["early", "late"]
    rest = await found.call("ana", "GET", "/v1/reviews", query=f"status=any&after={everything.json['next']}")
    assert ([each["operation_id"] for each in rest.json["reviews"]], rest.json["next"]) == (["later"], None)


@pytest.mark.parametrize("status", ["open", "any"])
async def test_a_damaged_review_is_named_and_keeps_nobody_from_the_others(status: str) -> None:
    found = await office(review())
    await found.documents.commit([Create(review_key("damaged"), b"\xff", NOW)], plenty())
    listed = await found.call("ana", "GET", "/v1/reviews", query=f"status={status}")
    assert [each["operation_id"] for each in listed.json["reviews"]] == ["op-1"]
    assert listed.json["unreadable"] == ["damaged"]


async def test_a_review_shows_its_client_as_a_token_and_its_reasons() -> None:
    found = await office(review())
    shown = (await found.call("ana", "GET", "/v1/reviews/transaction.op-1.1")).json
    assert (shown["client"], shown["status"], shown["approvals_needed"], shown["reasons"]["reject"]) == (
        CLIENT, "open", 2, ["DENIED", "FRAUD"],
    )  # fmt: skip
    assert "C-1" not in str(shown)


async def test_two_people_approve_a_large_amount_and_the_bank_is_told_once() -> None:
    found = await office(review())
    first = await found.judge("ana", "approve")
    assert (first.status, first.json["status"], first.json["approvals_given"], found.commands()) == (200, "open", 1, [])
    second = await found.judge("ben", "approve", revision=2)
    assert (second.status, second.json["status"]) == (200, "approved")
    again = await found.judge("ben", "approve", revision=2)
    assert again.json == second.json
    [command] = found.commands()
    assert (command["type"], command["payload"]["decision"], command["payload"]["reviewer"]) == (
        "resolve_transaction", "approve", "ben@x.example",
    )  # fmt: skip


async def test_one_person_approves_a_small_amount() -> None:
    found = await office(review(SMALL))
    assert (await found.judge("ana", "approve")).json["status"] == "approved"


@pytest.mark.parametrize("revision", [1, 2])
async def test_the_same_person_is_never_two(revision: int) -> None:
    found = await office(review())
    await found.judge("ana", "approve")
    again = await found.judge("ana", "approve", revision=revision)
    assert (again.status, again.json["status"], found.commands()) == (200, "open", [])
    shown = await found.call("ben", "GET", "/v1/reviews/transaction.op-1.1")
    assert (shown.json["status"], shown.json["approvals_given"]) == ("open", 1)


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "CONFIRMED", "revision": 2, "by": "cem@x.example"},
        {"reason": "CONFIRMED", "revision": 2, "approvals": [{"by": "cem@x.example"}]},
        {"reason": "CONFIRMED", "revision": 2, "approvals_needed": 1},
    ],
)
async def test_nobody_says_who_else_approved(body: dict[str, Any]) -> None:
    found = await office(review())
    await found.judge("ana", "approve")
    assert (await found.call("ana", "POST", "/v1/reviews/transaction.op-1.1/approve", body)).status == 422
    assert found.commands() == []


async def test_of_two_who_decide_otherwise_at_once_one_is_told_so() -> None:
    found = await office(review(SMALL))
    answers = await asyncio.gather(found.judge("ana", "approve"), found.judge("ben", "reject"))
    assert sorted(answer.status for answer in answers) == [200, 409]
    [command] = found.commands()
    shown = await found.call("cem", "GET", "/v1/reviews/transaction.op-1.1")
    assert shown.json["decision"]["verdict"] == command["payload"]["decision"]


async def test_of_two_who_approve_at_once_the_second_has_to_look_again() -> None:
    found = await office(review())
    answers = await asyncio.gather(found.judge("ana", "approve"), found.judge("ben", "approve"))
    assert [answer.status for answer in answers] == [200, 409]
    assert "look at revision 2 first" in answers[1].json["detail"]


async def test_on_two_instances_at_once_there_is_one_decision() -> None:
    one = await office(review(SMALL))
    other = Office(documents=one.documents)
    answers = await asyncio.gather(
        *(each.judge(who, verdict) for each, who, verdict in
          [(one, "ana", "approve"), (other, "ben", "reject"), (other, "cem", "approve"), (one, "ben", "reject")])
    )  # fmt: skip
    told = {command["payload"]["decision"] for command in one.commands() + other.commands()}
    assert len(told) == 1
    assert {answer.json["decision"]["verdict"] for answer in answers if answer.status == 200} == told


async def test_a_reason_that_the_operation_does_not_list_is_refused() -> None:
    found = await office(review())
    answer = await found.judge("ana", "approve", "BECAUSE")
    assert (answer.status, answer.json["problems"]) == (
        422, [{"field": "/reason", "message": "one of CONFIRMED expected"}],
    )  # fmt: skip


async def test_who_is_no_reviewer_decides_nothing_and_that_is_on_record() -> None:
    found = await office(review())
    answer = await found.judge("dora", "reject")
    assert (answer.status, answer.json["detail"]) == (
        403, "dora@x.example may not: it takes the role reviewer, see SLACKER_OPERATORS",
    )  # fmt: skip
    [entry] = await found.audit()
    assert (entry["actor"], entry["action"], entry["outcome"], entry["targets"]) == (
        "dora@x.example", "reviews.reject", "refused", ["transaction.op-1.1"],
    )  # fmt: skip


async def test_a_decision_stands_though_it_could_not_be_sent_at_once() -> None:
    found = await office(review(SMALL))
    found.publisher.failing = Unavailable("no topic answers")
    assert (await found.judge("ana", "approve")).json["status"] == "approved"
    assert b"review_not_sent" in found.log.getvalue()
    found.publisher.failing = None
    await found.judge("ana", "approve")
    assert len(found.commands()) == 1


async def test_what_a_decision_sends_it_may_publish_and_so_a_ticket_that_was_not_sent() -> None:
    found, made = Office(), review(SMALL)
    record = StoredReview(made, (ticket(made, "command_dispatch", None),))
    await Reviews(found.documents).open(record, NOW, plenty())
    await found.judge("ana", "approve")
    sent = {command["type"] for command in found.commands()}
    assert sent == {"create_ticket", "resolve_transaction"}
    assert {name for name, topic in command_topics().items() if "operator_api" in topic.publishers} == sent


@pytest.mark.parametrize("trouble", ["fail", "hang"])
async def test_with_the_store_down_nothing_is_shown_or_decided(trouble: str) -> None:
    found = Office(documents=Troubled(), clock=ManualClock(NOW, skip_sleeps=True))
    await store(found.documents, review(SMALL))
    assert isinstance(found.documents, Troubled)
    found.documents.commits = trouble
    assert (await found.judge("ana", "approve")).status == 503
    assert (await found.call("ana", "GET", "/v1/reviews/transaction.op-1.1")).status == 503
    found.documents.commits = "work"
    shown = await found.call("ana", "GET", "/v1/reviews/transaction.op-1.1")
    assert (shown.json["status"], found.commands()) == ("open", [])


async def test_a_decision_whose_commit_was_not_confirmed_is_the_same_when_it_is_sent_again() -> None:
    found = Office(documents=Troubled())
    await store(found.documents, review(SMALL))
    assert isinstance(found.documents, Troubled)
    found.documents.commits = "lost"
    assert (await found.judge("ana", "approve")).status == 503
    found.documents.commits = "work"
    assert (await found.judge("ana", "approve")).json["status"] == "approved"
    assert len(found.commands()) == 1


async def test_every_look_and_act_is_on_record_with_its_client_and_reason() -> None:
    found = await office(review())
    await found.call("ana", "GET", "/v1/reviews", query="why=morning+round")
    await found.call("ana", "GET", "/v1/reviews/transaction.op-1.1")
    await found.judge("ana", "approve")
    await found.judge("ana", "approve")
    await found.judge("ben", "reject")
    await found.judge("ben", "reject", "FRAUD", revision=2)
    entries = await found.audit()
    assert [(e["actor"][:3], e["action"], e["outcome"], e.get("why", "")) for e in entries] == [
        ("ana", "reviews.list", "done", "morning round"),
        ("ana", "reviews.read", "done", ""),
        ("ana", "reviews.approve", "done", "CONFIRMED"),
        ("ana", "reviews.approve", "unchanged", "CONFIRMED"),
        ("ben", "reviews.reject", "refused", "DENIED"),
        ("ben", "reviews.reject", "done", "FRAUD"),
    ]
    assert {(tuple(e["targets"]), tuple(e.get("subjects", ()))) for e in entries if e["outcome"] != "refused"} == {
        (("transaction.op-1.1",), (CLIENT,))
    }
