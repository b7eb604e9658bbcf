"""Whatever sequence of faults Jira's calls meet, there is one ticket for a command in the end."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.command_dispatch.handlers.create_ticket import CreateTicket
from functions.command_dispatch.jira import Jira
from local.stand_ins import jira as stand_in_jira
from local.stand_ins.faults import Fault, switches
from local.stand_ins.json_store import JsonStore
from shared.commands.outcome import CommandOutcome
from shared.embedded.manual_clock import ManualClock
from tests.functions.command_dispatch.handlers.faults import FAULTS
from tests.functions.command_dispatch.handlers.standing import NOW, standing, to_the_end
from tests.functions.command_dispatch.handlers.test_create_ticket import KINDS, LAG, SETTLING, TICKET, tokens


async def what_becomes(faults: list[Fault], lag: float) -> tuple[CommandOutcome, list[str]]:
    """The outcome, and the tickets that there are, where each call meets the next of `faults`."""
    clock, service = ManualClock(NOW), stand_in_jira.Jira(JsonStore())
    async with standing(service, clock) as (stand_in, downstream):
        stand_in.switches = switches(*faults, search_lag_ms=int(lag * 1000))
        creating = CreateTicket(Jira(downstream), KINDS, tokens, "", SETTLING)
        outcome = await to_the_end(creating, TICKET, clock)
        return outcome, list(service.issues())


@settings(max_examples=60)
@given(st.lists(FAULTS, max_size=12), st.sampled_from([0.0, LAG]))
def test_at_most_one_ticket_for_a_command(faults: list[Fault], lag: float) -> None:
    outcome, made = asyncio.run(what_becomes(faults, lag))
    assert (outcome.result["ticket"], made) == ("REVIEW-1", ["REVIEW-1"])


def test_a_search_that_lags_longer_than_is_waited_for_would_make_two_so_the_test_above_can_fail() -> None:
    _, made = asyncio.run(what_becomes([Fault("status", 502, after_commit=True, times=1)], 2 * LAG))
    assert len(made) == 2
