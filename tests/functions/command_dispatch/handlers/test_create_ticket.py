"""A ticket is made once for a command, whatever happens to the call that makes it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from msgspec.structs import replace

from functions.command_dispatch.handlers.create_ticket import CreateTicket
from functions.command_dispatch.jira import Jira
from functions.command_dispatch.tickets import Kind
from local.stand_ins import jira as stand_in_jira
from local.stand_ins.faults import Fault, switches
from local.stand_ins.json_store import JsonStore
from local.stand_ins.server import StandIn
from shared.commands.outcome import CommandOutcome
from shared.embedded.manual_clock import ManualClock
from shared.errors import Deferred, Invalid, Misconfigured, SlackerError, Unavailable, Uncertain
from shared.http.service_client import ServiceClient
from shared.privacy import Pseudonymiser
from tests.functions.command_dispatch.handlers.standing import (
    NOW,
    TOKENS,
    command,
    once,
    patience,
    standing,
    to_the_end,
)

KINDS = {
    "review": Kind("REVIEW", "Task", ("manual-approval",), {"low": "Low", "normal": "Medium", "high": "High"}),
    "operations": Kind("OPS", "Task"),
    "unheard": Kind("NOWHERE", "Task"),
}
TICKET = command(
    "create_ticket",
    {
        "kind": "review",
        "summary": "Review of transaction op-1",
        "priority": "high",
        "client_id": "client-7",
        "review": "transaction.op-1.1",
        "reasons": ["NEW_PAYEE"],
        "details": [{"name": "Amount", "value": "1200.50 EUR"}],
    },
)
LAG = 60.0
SETTLING = timedelta(seconds=LAG + 1)


async def tokens() -> Pseudonymiser:
    return TOKENS


def handler(downstream: ServiceClient) -> CreateTicket:
    return CreateTicket(Jira(downstream), KINDS, tokens, "https://console.bank.example/reviews/{review}", SETTLING)


@asynccontextmanager
async def playing(clock: ManualClock | None = None) -> AsyncIterator[tuple[CreateTicket, StandIn, stand_in_jira.Jira]]:
    service = stand_in_jira.Jira(JsonStore())
    async with standing(service, clock or ManualClock(NOW)) as (stand_in, downstream):
        yield handler(downstream), stand_in, service


async def test_a_ticket_says_what_is_to_be_looked_into_and_names_nobody() -> None:
    async with playing() as (creating, _, service):
        assert await once(creating, TICKET) == CommandOutcome.done({"ticket": "REVIEW-1"})
        [issue] = service.issues().values()
    fields = issue["fields"]
    description = stand_in_jira.text(fields.pop("description"))
    assert fields == {
        "project": {"key": "REVIEW"},
        "issuetype": {"name": "Task"},
        "summary": "Review of transaction op-1",
        "labels": ["slacker-transaction.op-1.1:open", "manual-approval"],
        "priority": {"name": "High"},
    }
    assert issue["properties"] == [{"key": "slacker.command", "value": {"id": "transaction.op-1.1:open"}}]
    assert description == (
        "Review: transaction.op-1.1 · Reasons: · NEW_PAYEE · "
        f"Client: {TOKENS.token('client', 'client-7')} · Amount: 1200.50 EUR · "
        "Slacker command transaction.op-1.1:open"
    )


async def test_a_review_is_linked_to() -> None:
    async with playing() as (creating, _, service):
        await once(creating, TICKET)
        [issue] = service.issues().values()
    [_, linked] = issue["fields"]["description"]["content"][0]["content"]
    href = "https://console.bank.example/reviews/transaction.op-1.1"
    assert linked == {
        "type": "text",
        "text": "transaction.op-1.1",
        "marks": [{"type": "link", "attrs": {"href": href}}],
    }


async def test_a_project_without_priorities_is_sent_none() -> None:
    async with playing() as (creating, _, service):
        await once(creating, command("create_ticket", {"kind": "operations", "summary": "Look"}))
        [issue] = service.issues().values()
    assert "priority" not in issue["fields"]


async def test_a_kind_that_nobody_configured_is_told_with_those_there_are() -> None:
    async with playing() as (creating, stand_in, _):
        with pytest.raises(Invalid, match="/payload/kind: one of operations, review, unheard expected"):
            await once(creating, command("create_ticket", {"kind": "else", "summary": "Look"}))
        assert stand_in.calls == 0


async def test_a_field_that_jira_does_not_take_is_named() -> None:
    async with playing() as (creating, _, __):
        with pytest.raises(Invalid, match="/fields/project: Jira does not take it"):
            await once(creating, command("create_ticket", {"kind": "unheard", "summary": "Look"}))


async def test_a_client_that_is_named_by_a_token_is_the_same_client() -> None:
    async with playing() as (creating, _, service):
        payload = {**TICKET.payload, "client_id": TOKENS.client("client-7")}
        for ticket in (TICKET, replace(TICKET, id="another", payload=payload)):
            await once(creating, ticket)
        descriptions = {
            str(issue["fields"]["description"]).count(TOKENS.client("client-7")) for issue in service.issues().values()
        }
    assert descriptions == {1}


async def test_without_the_token_key_there_is_no_ticket_that_would_name_the_client() -> None:
    async def none() -> Pseudonymiser:
        raise Unavailable("the token key was not read just now")

    async with playing() as (creating, stand_in, _):
        with pytest.raises(Unavailable, match="token key"):
            await once(replace(creating, tokens=none), TICKET)
        assert stand_in.calls == 0


@pytest.mark.parametrize(
    ("fault", "error", "made"),
    [
        (Fault("status", 429, retry_after=9), Deferred, 0),
        (Fault("status", 503, retry_after=9), Deferred, 0),
        (Fault("status", 401), Misconfigured, 0),
        (Fault("status", 404), Misconfigured, 0),
        (Fault("status", 422), Misconfigured, 0),
        (Fault("status", 400), Invalid, 0),
        (Fault("status", 500), Uncertain, 0),
        (Fault("status", 502, after_commit=True), Uncertain, 1),
        (Fault("hang"), Uncertain, 0),
        (Fault("hang", after_commit=True), Uncertain, 1),
        (Fault("disconnect"), Uncertain, 0),
        (Fault("disconnect", after_commit=True), Uncertain, 1),
        (Fault("garbage"), Uncertain, 0),
        (Fault("garbage", after_commit=True), Uncertain, 1),
    ],
)
async def test_each_way_of_failing_is_what_it_is(fault: Fault, error: type[SlackerError], made: int) -> None:
    async with playing() as (creating, stand_in, service):
        stand_in.switches = switches(fault)
        with pytest.raises(error) as raised:
            await once(creating, TICKET, seconds=patience(fault))
        assert (type(raised.value), len(service.issues()), stand_in.calls) == (error, made, 1)


async def test_a_jira_that_is_not_there_has_done_nothing() -> None:
    async with playing() as (_, stand_in, __):
        url = stand_in.url
    downstream = ServiceClient("jira", url, lambda deadline: _nothing())
    with pytest.raises(Unavailable):
        await once(handler(downstream), TICKET)
    await downstream.close()


async def _nothing() -> dict[str, str]:
    return {}


@pytest.mark.parametrize("after_commit", [True, False])
async def test_after_doubt_the_ticket_is_adopted_if_it_was_made_and_made_if_not(after_commit: bool) -> None:
    clock = ManualClock(NOW)
    async with playing(clock) as (creating, stand_in, service):
        stand_in.switches = switches(
            Fault("status", 502, after_commit=after_commit, times=1), search_lag_ms=int(LAG * 1000)
        )
        assert (await to_the_end(creating, TICKET, clock)).result["ticket"] == "REVIEW-1"
        assert list(service.issues()) == ["REVIEW-1"]


async def test_of_several_tickets_the_oldest_is_adopted_and_their_number_told() -> None:
    async with playing() as (creating, _, __):
        for _ in range(2):
            await once(creating, TICKET)
        assert await once(creating, TICKET, uncertain=True) == CommandOutcome.done({"ticket": "REVIEW-1", "found": "2"})


async def test_a_ticket_with_the_label_of_another_command_s_ticket_is_not_adopted() -> None:
    async with playing() as (creating, _, service):
        await once(creating, TICKET)
        copied = service.issues()["REVIEW-1"]
        other = [{"key": "slacker.command", "value": {"id": "another"}}]
        service._store.put("issues", "REVIEW-1", {**copied, "properties": other})
        assert await once(creating, TICKET, uncertain=True) == CommandOutcome.done({"ticket": "REVIEW-2"})


async def test_a_search_that_fails_makes_no_ticket() -> None:
    async with playing() as (creating, stand_in, service):
        stand_in.switches = switches(Fault("garbage"))
        with pytest.raises(Unavailable):
            await once(creating, TICKET, uncertain=True)
        assert service.issues() == {}
