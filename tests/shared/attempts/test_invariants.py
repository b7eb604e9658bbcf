"""Whatever happens in whatever order: one lease at a time, an end that stays, and nothing that nobody looks at."""

from datetime import datetime, timedelta

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.attempts.attempt import Attempt, State
from shared.attempts.claim import ClaimDecision, admit, start
from shared.attempts.completion import Outcome, complete
from shared.attempts.policy import Policy
from tests.shared.attempts.builders import NOW, attempt

SECONDS = st.sampled_from((0, 1, 5, 20, 30, 60, 120, 1000, 4000, 100_000)).map(
    lambda seconds: timedelta(seconds=seconds)
)
OUTCOMES = st.builds(
    Outcome,
    state=st.sampled_from([state for state in State if state is not State.CLAIMED]),
    code=st.just("said"),
    pause=st.none() | SECONDS,
    spread=st.booleans(),
    unknown=st.booleans(),
)
POLICIES = st.builds(
    Policy,
    lease=st.sampled_from((20, 30)).map(lambda seconds: timedelta(seconds=seconds)),
    switched_off_code=st.just("switched_off"),
    settling_time=st.sampled_from((timedelta(), timedelta(minutes=2))),
    repeatable=st.booleans(),
    settles_for=st.none() | st.just(timedelta(days=1)),
    min_time_left=st.sampled_from((timedelta(), timedelta.resolution)),
    expires_early=st.booleans(),
    clock_skew=st.sampled_from((timedelta(), timedelta(seconds=5))),
)


class Worker(msgspec.Struct, eq=False):
    """Somebody to whom a claim was granted; `active` until it has ended, or its lease has lapsed and a delivery has
    met that.
    """

    lease: datetime
    active: bool = True


class Machine(RuleBasedStateMachine):
    """One item; workers that end, or never do; a clock that moves as it likes, back a little too.

    What is expected is worked out from who was granted what, and not from the item's record.
    """

    @initialize(policy=POLICIES)
    def accept(self, policy: Policy) -> None:
        self.policy = policy
        self.now = NOW
        self.item: Attempt = attempt()
        self.workers: list[Worker] = []
        self.final: Attempt | None = None
        self.redelivery = False
        self.unknown_since: datetime | None = None

    def holder(self) -> Worker | None:
        """Who has the claim, if anybody has."""
        return next((worker for worker in self.workers if worker.active), None)

    @rule(switched_on=st.sampled_from((True, True, False)))
    def deliver(self, switched_on: bool) -> None:
        before, holder = self.item, self.holder()
        claim = admit(before, before.digest, self.now, self.policy)
        if claim.decision is ClaimDecision.ATTEMPT:
            claim = start(claim.attempt, self.now, self.policy, switched_on=switched_on)
        if before.state.final:
            assert claim.decision is ClaimDecision.ACK
        elif holder is not None and self.now < holder.lease:
            assert (claim.decision, claim.attempt) == (ClaimDecision.RETRY, before), "somebody has the lease"
            return
        elif holder is not None:
            holder.active, self.unknown_since = False, holder.lease
        assert claim.decision is not ClaimDecision.RETRY, "nobody has the lease"
        self.item = claim.attempt
        if claim.decision is ClaimDecision.ATTEMPT:
            self.granted()

    def granted(self) -> None:
        """The item was claimed: check that it might be."""
        self.redelivery = False
        assert self.final is None, "attempted after its end"
        assert self.holder() is None, "two leases at once"
        if self.unknown_since is not None:
            assert self.policy.repeatable, "repeated, though it may have been done"
            assert self.unknown_since + self.policy.settling_time <= self.now + self.policy.clock_skew, "not settled"
        lease = self.now + self.policy.lease
        self.workers = [*(worker for worker in self.workers if worker.lease != lease), Worker(lease)]

    @rule()
    def deliver_another(self) -> None:
        claim = admit(self.item, b"another", self.now, self.policy)
        assert (claim.decision, claim.attempt) == (ClaimDecision.CONFLICT, self.item)

    @precondition(lambda self: self.workers)
    @rule(data=st.data(), outcome=OUTCOMES)
    def end(self, data: st.DataObject, outcome: Outcome) -> None:
        """A worker says how its attempt ended; it may say so more than once, and long after."""
        worker = data.draw(st.sampled_from(self.workers))
        after = complete(self.item, worker.lease, outcome, self.now, self.policy)
        counts = self.final is None and (worker.active or outcome.state is State.DONE)
        assert (after is not None) == counts, "an end counts from the holder, or for what was done"
        worker.active = False
        if after is None:
            return
        self.item = after
        self.redelivery = outcome.state is State.PARKED and outcome.pause is None
        if outcome.unknown:
            self.unknown_since = self.now

    @rule(step=SECONDS, back=st.sampled_from((False, False, False, True)))
    def move_clock(self, step: timedelta, back: bool) -> None:
        self.now += -min(step, timedelta(seconds=5)) if back else step

    @invariant()
    def a_final_state_never_changes(self) -> None:
        assert self.final in {None, self.item}
        if self.item.state.final:
            self.final = self.item

    @invariant()
    def somebody_looks_at_what_is_not_final(self) -> None:
        assert self.item.state.final or self.item.until is not None or self.redelivery

    def teardown(self) -> None:
        """Looked at whenever it says, and never ended by anybody, it is final a little after its time."""
        if not hasattr(self, "item"):
            return
        self.now = max(self.now, self.item.not_after + (self.policy.settles_for or timedelta())) + timedelta(seconds=1)
        for _ in range(3):
            self.now = max(self.now, self.item.until or self.now)
            self.deliver(switched_on=True)
        assert self.item.state.final


Machine.TestCase.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
TestMachine = Machine.TestCase
