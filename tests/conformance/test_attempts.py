"""What attempts at commands and at notifications have in common: one lease at a time, doubt first, ends that stay.

A world is one item with its store, moved by hand: deliveries, ends and a clock; nothing else runs.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from functions.command_dispatch import claims
from functions.command_dispatch.attempt_results import AttemptResult
from functions.command_dispatch.attempt_results import apply as apply_to_command
from functions.command_dispatch.claims import ClaimRequest
from shared.attempts.attempt import Attempt, State
from shared.attempts.claim import ClaimDecision
from shared.attempts.completion import Outcome
from shared.commands import ledger
from shared.notifications import planning, results
from shared.notifications.delivery_result import DeliveryResult, ResultKind, accepted, permanent
from shared.notifications.devices import Device, Devices
from shared.notifications.history import History, HistoryEntry, StoredHistory, key
from shared.notifications.notification import Channel, Notification, from_command
from shared.notifications.planning import ClientContext, Defaults
from shared.notifications.preferences import Preferences
from shared.notifications.rendering import prepare
from shared.notifications.results import DeviceResult
from shared.notifications.templates import find, templates
from shared.storage.documents import Create
from tests.support.builders.command_dispatch import command as a_command
from tests.support.builders.push_notification import command as a_notification

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOT_AFTER = NOON + timedelta(hours=1)
SETTLING_TIME = timedelta(minutes=2)
SECOND = timedelta(seconds=1)


class World(Protocol):
    """One item; `lease` is how long a claim holds, `settles` how long after a lost one nobody attempts it."""

    lease: timedelta
    settles: timedelta
    repeats: bool

    def deliver(self, now: datetime, *, on: bool = True, other: bool = False) -> ClaimDecision: ...
    def end(self, lease: datetime, how: str, now: datetime) -> bool: ...
    def attempt(self) -> Attempt | None: ...
    def looked_at(self) -> datetime | None: ...


class Commands:
    """A command and its entry in the ledger."""

    lease, settles, repeats = claims.LEASE, SETTLING_TIME, True

    def __init__(self) -> None:
        self.entry: ledger.Entry | None = None

    def deliver(self, now: datetime, *, on: bool = True, other: bool = False) -> ClaimDecision:
        item = a_command(not_after=NOT_AFTER)
        digest = b"another" if other else item.digest()
        request = ClaimRequest(item, item.encoded(), digest, now, SETTLING_TIME)
        self.entry, decision = claims.claim(self.entry, request, switched_on=on)
        return decision

    def end(self, lease: datetime, how: str, now: datetime) -> bool:
        outcome = {
            "done": Outcome(State.DONE),
            "refused": Outcome(State.REFUSED, "no"),
            "later": Outcome(State.PARKED, "deferred", timedelta(seconds=60), spread=True),
            "unknown": Outcome(State.PARKED, "uncertain", SETTLING_TIME, unknown=True),
            "again": Outcome(State.PARKED, ledger.REDELIVERED),
        }[how]
        after = apply_to_command(self.entry, lease, AttemptResult(outcome), now)
        self.entry = after or self.entry
        return after is not None

    def attempt(self) -> Attempt | None:
        return self.entry.attempt if self.entry is not None else None

    def looked_at(self) -> datetime | None:
        assert self.entry is not None
        written = ledger.write(ledger.key("c-1"), None, self.entry)
        assert isinstance(written, Create)
        return written.due_at


class Notifications:
    """A notification and its client's history; refused or in flight it is `unacknowledged`: with Pub/Sub still."""

    lease, settles = planning.LEASE, timedelta()

    def __init__(self, channel: str = "push") -> None:
        self.repeats = channel == "push"
        encoded = replace(a_notification(channel=channel), not_after=NOT_AFTER)
        self.notification: Notification = from_command(encoded, encoded.encoded())
        self.history = History()
        self.unacknowledged = False

    def deliver(self, now: datetime, *, on: bool = True, other: bool = False) -> ClaimDecision:
        notification = replace(self.notification, digest=b"another") if other else self.notification
        prepared = prepare(notification, find(templates(), notification.template, notification.version), frozenset())
        context = ClientContext(
            Preferences(), Devices(devices=(Device("d", "fid", "f" * 22, "digest", "android", NOON),))
        )
        defaults = Defaults("en", ZoneInfo("UTC"))
        push = notification.channel is Channel.PUSH
        self.history, plan = planning.plan(
            self.history, prepared, context, defaults, now, needs_device=push, switched_on=on
        )
        if not other:
            self.unacknowledged = plan.decision in {ClaimDecision.ATTEMPT, ClaimDecision.RETRY}
        return plan.decision

    def end(self, lease: datetime, how: str, now: datetime) -> bool:
        entry = self.entry()
        result = {
            "done": accepted("ref"),
            "refused": permanent("no"),
            "later": DeliveryResult(ResultKind.RETRY, "left_alone", after=60.0),
            "unknown": DeliveryResult(ResultKind.AMBIGUOUS, "unknown_end"),
            "again": DeliveryResult(ResultKind.RETRY, "not_reached"),
        }[how]
        assert entry is not None
        digest = "digest" if self.notification.channel is Channel.PUSH else ""
        after = results.complete(entry, lease, self.notification, [DeviceResult(digest, result)], now)
        if after is not None:
            self.history = self.history.with_(after)
            self.unacknowledged = after.awaits_redelivery
        return after is not None

    def entry(self) -> HistoryEntry | None:
        return self.history.find(self.notification.id)

    def attempt(self) -> Attempt | None:
        entry = self.entry()
        return entry.attempt(NOT_AFTER) if entry is not None else None

    def looked_at(self) -> datetime | None:
        written = StoredHistory(key("t1_0"), None, History()).written(self.history, NOON)
        assert isinstance(written, Create)
        return written.due_at or (NOON if self.unacknowledged else None)


WORLDS: list[Callable[[], Any]] = [Commands, Notifications, lambda: Notifications("text")]
worlds = pytest.mark.parametrize("make", WORLDS, ids=["command", "push", "text"])
repeating = pytest.mark.parametrize("make", WORLDS[:2], ids=["command", "push"])


def state(world: World) -> State:
    attempt = world.attempt()
    assert attempt is not None
    return attempt.state


def claimed(world: World, now: datetime = NOON) -> datetime:
    """Claim the item and give the end of the lease."""
    assert world.deliver(now) is ClaimDecision.ATTEMPT
    return now + world.lease


@worlds
def test_a_second_delivery_while_it_is_claimed_is_refused(make: Callable[[], World]) -> None:
    world = make()
    lease = claimed(world)
    assert [world.deliver(at) for at in (NOON, lease - SECOND)] == [ClaimDecision.RETRY] * 2


@repeating
def test_after_a_lost_lease_the_outcome_is_unknown_until_it_has_settled(make: Callable[[], World]) -> None:
    world = make()
    lease = claimed(world)
    settled = lease + world.settles
    expected = [ClaimDecision.REPORT, ClaimDecision.ACK] if world.settles else []
    assert [world.deliver(at) for at in (lease, settled - SECOND)[: len(expected)]] == expected
    assert world.deliver(settled) is ClaimDecision.ATTEMPT


def test_what_may_not_be_repeated_ends_unknown_after_a_lost_lease() -> None:
    world = Notifications("text")
    lease = claimed(world)
    assert (world.deliver(lease), state(world)) == (ClaimDecision.REPORT, State.UNKNOWN)


@worlds
@pytest.mark.parametrize("how", ["done", "refused"])
def test_an_end_is_final(make: Callable[[], World], how: str) -> None:
    world = make()
    lease = claimed(world)
    assert world.end(lease, how, NOON)
    ended = world.attempt()
    assert [world.deliver(at) for at in (NOON, lease, NOT_AFTER, NOT_AFTER + timedelta(days=2))] == [
        ClaimDecision.ACK
    ] * 4
    assert world.attempt() == ended


@worlds
def test_what_is_parked_comes_back_at_its_time_and_not_before(make: Callable[[], World]) -> None:
    world = make()
    assert world.end(claimed(world), "later", NOON)
    until = world.looked_at()
    assert until is not None
    assert world.deliver(until - timedelta(seconds=6)) is ClaimDecision.ACK
    assert world.deliver(until) is ClaimDecision.ATTEMPT


@worlds
def test_what_is_to_be_delivered_again_is_attempted_at_its_next_delivery(make: Callable[[], World]) -> None:
    world = make()
    assert world.end(claimed(world), "again", NOON + SECOND)
    assert world.deliver(NOON + SECOND) is ClaimDecision.ATTEMPT


@worlds
def test_what_comes_too_late_expires(make: Callable[[], World]) -> None:
    world = make()
    assert (world.deliver(NOT_AFTER + SECOND), state(world)) == (ClaimDecision.REPORT, State.EXPIRED)


@worlds
def test_a_kill_switch_that_is_off_parks_it_for_a_minute(make: Callable[[], World]) -> None:
    world = make()
    assert (world.deliver(NOON, on=False), state(world)) == (ClaimDecision.REPORT, State.PARKED)
    assert world.looked_at() == NOON + timedelta(minutes=1)
    assert world.deliver(NOON + timedelta(minutes=1)) is ClaimDecision.ATTEMPT


@worlds
def test_another_item_of_the_same_id_is_a_conflict_and_changes_nothing(make: Callable[[], World]) -> None:
    world = make()
    claimed(world)
    before = world.attempt()
    assert (world.deliver(NOON, other=True), world.attempt()) == (ClaimDecision.CONFLICT, before)


@repeating
def test_of_two_that_have_had_a_claim_the_first_ends_nothing_but_by_having_done_it(make: Callable[[], World]) -> None:
    world = make()
    first = claimed(world)
    if world.settles:
        assert world.deliver(first) is ClaimDecision.REPORT
    second = claimed(world, first + world.settles)
    assert [world.end(first, how, second) for how in ("again", "later", "unknown", "refused")] == [False] * 4
    assert world.end(first, "done", second)
    assert (world.end(second, "refused", second), state(world)) == (False, State.DONE)


class Anything(RuleBasedStateMachine):
    """Deliveries, ends (late ones and none) and waits in any order."""

    make: Callable[[], World] = Commands

    def __init__(self) -> None:
        super().__init__()
        self.world = type(self).make()
        self.now = NOON
        self.leases: list[datetime] = []  # of those who have not said how it ended; some never will
        self.held_until: datetime | None = None  # the end of the lease that counts
        self.final: State | None = None

    @rule(on=st.sampled_from((True, True, True, False)), other=st.sampled_from((False,) * 5 + (True,)))
    def deliver(self, on: bool, other: bool) -> None:
        before = self.world.attempt()
        if before is None and other:
            return
        decision = self.world.deliver(self.now, on=on, other=other)
        if other or (self.held_until is not None and self.now < self.held_until):
            expected = ClaimDecision.CONFLICT if other else ClaimDecision.RETRY
            assert (decision, self.world.attempt()) == (expected, before), "somebody has the lease"
            return
        self.held_until = None
        if decision is ClaimDecision.ATTEMPT:
            assert self.final is None, "attempted after its end"
            self.held_until = self.now + self.world.lease
            self.leases.append(self.held_until)

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), how=st.sampled_from(("done", "refused", "later", "unknown", "again")))
    def end(self, data: st.DataObject, how: str) -> None:
        lease = data.draw(st.sampled_from(self.leases))
        self.leases.remove(lease)
        before = self.world.attempt()
        ended = self.world.end(lease, how, self.now)
        assert ended == (self.final is None and (lease == self.held_until or how == "done"))
        if ended:
            self.held_until = None
        else:
            assert self.world.attempt() == before

    @rule(seconds=st.sampled_from((1, 5, 20, 30, 60, 120, 140, 1000, 4000, 100_000)))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def a_final_state_stays(self) -> None:
        attempt = self.world.attempt()
        if attempt is not None and attempt.state.final:
            assert self.final in {None, attempt.state}
            self.final = attempt.state
        else:
            assert self.final is None

    @invariant()
    def what_is_not_final_is_looked_at_again(self) -> None:
        attempt = self.world.attempt()
        if attempt is not None and not attempt.state.final:
            assert self.world.looked_at() is not None


class AnythingPush(Anything):
    make = Notifications


class AnythingText(Anything):
    make = staticmethod(lambda: Notifications("text"))


TestCommand, TestPush, TestText = Anything.TestCase, AnythingPush.TestCase, AnythingText.TestCase
for case in (TestCommand, TestPush, TestText):
    case.settings = settings(max_examples=100, stateful_step_count=30)
del case  # or it would be collected as well
