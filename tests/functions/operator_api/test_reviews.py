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
from tests.support.builders.signatures import signed
from tests.support.deadlines import plenty
from tests.support.faulty_documents import Troubled

CLIENT = TOKENS.client("C-1")


async def office(*reviews: Review) -> Office:
    desk = Office()
    await store(desk.documents, *reviews)
    return desk


async def test_open_reviews_are_listed_those_that_expire_first_before_the_others() -> None:
    desk = await office(review(id_="late", at=NOW + timedelta(hours=2)), review(id_="early"))
    await desk.judge("ana", "reject", id_="late")
    await store(desk.documents, review(id_="later", at=NOW + timedelta(hours=3)))
    listed = await desk.call("ana", "GET", "/v1/reviews")
    assert [each["operation_id"] for each in listed.json["reviews"]] == ["early", "later"]
    everything = await desk.call("ana", "GET", "/v1/reviews", query="status=any&limit=2")
    assert [each["operation_id"] for each in everything.json["reviews"]] == ["early", "late"]
    rest = await desk.call("ana", "GET", "/v1/reviews", query=f"status=any&after={everything.json['next']}")
    assert ([each["operation_id"] for each in rest.json["reviews"]], rest.json["next"]) == (["later"], None)


@pytest.mark.parametrize("status", ["open", "any"])
async def test_a_damaged_review_is_named_and_keeps_nobody_from_the_others(status: str) -> None:
    desk = await office(review())
    await desk.documents.commit([Create(review_key("damaged"), b"\xff", NOW)], plenty())
    listed = await desk.call("ana", "GET", "/v1/reviews", query=f"status={status}")
    assert [each["operation_id"] for each in listed.json["reviews"]] == ["op-1"]
    assert listed.json["unreadable"] == ["damaged"]


async def test_a_review_shows_its_client_as_a_token_and_its_reasons() -> None:
    desk = await office(review())
    details = (await desk.call("ana", "GET", "/v1/reviews/transaction.op-1.1")).json
    assert (details["client"], details["status"], details["approvals_needed"], details["reasons"]["reject"]) == (
        CLIENT, "open", 2, ["DENIED", "FRAUD"],
    )  # fmt: skip
    assert "C-1" not in str(details)


async def test_two_people_approve_a_large_amount_and_the_bank_is_told_once() -> None:
    desk = await office(review())
    first = await desk.judge("ana", "approve")
    assert (first.status, first.json["status"], first.json["approvals_given"], desk.commands()) == (200, "open", 1, [])
    second = await desk.judge("ben", "approve", revision=2)
    assert (second.status, second.json["status"]) == (200, "approved")
    again = await desk.judge("ben", "approve", revision=2)
    assert again.json == second.json
    [command] = desk.commands()
    assert (command["type"], command["payload"]["decision"], command["payload"]["reviewer"]) == (
        "resolve_transaction", "approve", "ben@x.example",
    )  # fmt: skip


async def test_one_person_approves_a_small_amount() -> None:
    desk = await office(review(SMALL))
    assert (await desk.judge("ana", "approve")).json["status"] == "approved"


@pytest.mark.parametrize("revision", [1, 2])
async def test_the_same_person_is_never_two(revision: int) -> None:
    desk = await office(review())
    await desk.judge("ana", "approve")
    again = await desk.judge("ana", "approve", revision=revision)
    assert (again.status, again.json["status"], desk.commands()) == (200, "open", [])
    details = await desk.call("ben", "GET", "/v1/reviews/transaction.op-1.1")
    assert (details.json["status"], details.json["approvals_given"]) == ("open", 1)


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "CONFIRMED", "revision": 2, "by": "cem@x.example"},
        {"reason": "CONFIRMED", "revision": 2, "approvals": [{"by": "cem@x.example"}]},
        {"reason": "CONFIRMED", "revision": 2, "approvals_needed": 1},
    ],
)
async def test_nobody_says_who_else_approved(body: dict[str, Any]) -> None:
    desk = await office(review())
    await desk.judge("ana", "approve")
    assert (await desk.call("ana", "POST", "/v1/reviews/transaction.op-1.1/approve", body)).status == 422
    assert desk.commands() == []


async def test_of_two_who_decide_otherwise_at_once_one_is_told_so() -> None:
    desk = await office(review(SMALL))
    answers = await asyncio.gather(desk.judge("ana", "approve"), desk.judge("ben", "reject"))
    assert sorted(answer.status for answer in answers) == [200, 409]
    [command] = desk.commands()
    details = await desk.call("cem", "GET", "/v1/reviews/transaction.op-1.1")
    assert details.json["decision"]["verdict"] == command["payload"]["decision"]


async def test_of_two_who_approve_at_once_the_second_has_to_look_again() -> None:
    desk = await office(review())
    answers = await asyncio.gather(desk.judge("ana", "approve"), desk.judge("ben", "approve"))
    assert [answer.status for answer in answers] == [200, 409]
    assert "look at revision 2 first" in answers[1].json["detail"]


async def test_on_two_instances_at_once_there_is_one_decision() -> None:
    one = await office(review(SMALL))
    other = Office(documents=one.documents)
    answers = await asyncio.gather(
        *(each.judge(who, verdict) for each, who, verdict in
          [(one, "ana", "approve"), (other, "ben", "reject"), (other, "cem", "approve"), (one, "ben", "reject")])
    )  # fmt: skip
    decisions = {command["payload"]["decision"] for command in one.commands() + other.commands()}
    assert len(decisions) == 1
    assert {answer.json["decision"]["verdict"] for answer in answers if answer.status == 200} == decisions


async def test_a_reason_that_the_operation_does_not_list_is_refused() -> None:
    desk = await office(review())
    answer = await desk.judge("ana", "approve", "BECAUSE")
    assert (answer.status, answer.json["problems"]) == (
        422, [{"field": "/reason", "message": "one of CONFIRMED expected"}],
    )  # fmt: skip


async def test_who_is_no_reviewer_decides_nothing_and_that_is_on_record() -> None:
    desk = await office(review())
    answer = await desk.judge("dora", "reject")
    assert (answer.status, answer.json["detail"]) == (
        403, "dora@x.example may not: it takes the role reviewer, see SLACKER_OPERATORS",
    )  # fmt: skip
    [entry] = await desk.audit()
    assert (entry["actor"], entry["action"], entry["outcome"], entry["targets"]) == (
        "dora@x.example", "reviews.reject", "refused", ["transaction.op-1.1"],
    )  # fmt: skip


async def test_a_decision_stands_though_it_could_not_be_sent_at_once() -> None:
    desk = await office(review(SMALL))
    desk.publisher.failing = Unavailable("no topic answers")
    assert (await desk.judge("ana", "approve")).json["status"] == "approved"
    assert b"review_not_sent" in desk.log.getvalue()
    desk.publisher.failing = None
    await desk.judge("ana", "approve")
    assert len(desk.commands()) == 1


async def test_what_a_decision_sends_it_may_publish_and_so_a_ticket_that_was_not_sent() -> None:
    desk, made = Office(), await signed(review(SMALL))
    record = StoredReview(made, (ticket(made, "command_dispatch", None),))
    await Reviews(desk.documents).open(record, NOW, plenty())
    await desk.judge("ana", "approve")
    sent = {command["type"] for command in desk.commands()}
    assert sent == {"create_ticket", "resolve_transaction"}
    assert {name for name, topic in command_topics().items() if "operator_api" in topic.publishers} == sent


@pytest.mark.parametrize("trouble", ["fail", "hang"])
async def test_with_the_store_down_nothing_is_shown_or_decided(trouble: str) -> None:
    desk = Office(documents=Troubled(), clock=ManualClock(NOW, skip_sleeps=True))
    await store(desk.documents, review(SMALL))
    assert isinstance(desk.documents, Troubled)
    desk.documents.commits = trouble
    assert (await desk.judge("ana", "approve")).status == 503
    assert (await desk.call("ana", "GET", "/v1/reviews/transaction.op-1.1")).status == 503
    desk.documents.commits = "work"
    details = await desk.call("ana", "GET", "/v1/reviews/transaction.op-1.1")
    assert (details.json["status"], desk.commands()) == ("open", [])


async def test_a_decision_whose_commit_was_not_confirmed_is_the_same_when_it_is_sent_again() -> None:
    desk = Office(documents=Troubled())
    await store(desk.documents, review(SMALL))
    assert isinstance(desk.documents, Troubled)
    desk.documents.commits = "lost"
    assert (await desk.judge("ana", "approve")).status == 503
    desk.documents.commits = "work"
    assert (await desk.judge("ana", "approve")).json["status"] == "approved"
    assert len(desk.commands()) == 1


async def test_every_look_and_act_is_on_record_with_its_client_and_reason() -> None:
    desk = await office(review())
    await desk.call("ana", "GET", "/v1/reviews", query="why=morning+round")
    await desk.call("ana", "GET", "/v1/reviews/transaction.op-1.1")
    await desk.judge("ana", "approve")
    await desk.judge("ana", "approve")
    await desk.judge("ben", "reject")
    await desk.judge("ben", "reject", "FRAUD", revision=2)
    entries = await desk.audit()
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
