"""Whatever sequence of faults the bank's service and the topic meet, a transaction is resolved once, as was decided."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from local.stand_ins.faults import Fault, switches
from shared.commands.outcome import CommandOutcome
from shared.embedded.manual_clock import ManualClock
from tests.functions.command_dispatch.handlers.faults import FAULTS
from tests.functions.command_dispatch.handlers.standing import NOW, to_the_end
from tests.functions.command_dispatch.handlers.test_resolve_transaction import playing, resolution


async def what_becomes(
    faults: list[Fault], failures: int, deliveries: int
) -> tuple[set[str], list[str], set[str], int]:
    """Outcomes of all deliveries, statuses, ids of what the client is told by, and how many keys resolved anything."""
    clock = ManualClock(NOW)
    async with playing(clock) as played:
        played.stand_in.switches = switches(*faults)
        played.outbox.failures = failures
        outcomes: list[CommandOutcome] = await asyncio.gather(
            *(to_the_end(played.resolving(), resolution("approve"), clock) for _ in range(deliveries))
        )
        statuses = [kept["status"] for kept in played.service.resolved().values()]
        published = {command.id for command in played.outbox.published}
        return {outcome.status.value for outcome in outcomes}, statuses, published, len(played.service.resolutions())


@settings(max_examples=60)
@given(st.lists(FAULTS, max_size=12), st.integers(0, 2), st.integers(1, 3))
def test_at_most_one_resolution(faults: list[Fault], failures: int, deliveries: int) -> None:
    assert asyncio.run(what_becomes(faults, failures, deliveries)) == (
        {"done"},
        ["approved"],
        {"transaction.op-1.1:told"},
        1,
    )
