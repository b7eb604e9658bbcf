"""A delivery is admitted, or turned away for a reason; one that is admitted starts under a lease."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from shared.attempts.attempt import Attempt, State
from shared.attempts.claim import Claim, ClaimDecision, admit, after_lost_lease, park, start
from shared.attempts.policy import Policy
from tests.shared.attempts.builders import LEASE, NOT_AFTER, NOW, ONCE, POLICY, SECOND, SETTLING, attempt, claimed

MINUTE = timedelta(minutes=1)
LAPSED = NOW + LEASE
FINAL = [state for state in State if state.final]


def admitted(item: Attempt, now: datetime = NOW, policy: Policy = POLICY) -> Claim:
    """What becomes of a delivery of the item itself."""
    return admit(item, item.digest, now, policy)


@pytest.mark.parametrize("item", [attempt(), claimed(), attempt(State.DONE, None)])
def test_another_digest_is_a_conflict_whatever_the_state(item: Attempt) -> None:
    assert admit(item, b"another", NOW, POLICY) == Claim(item, ClaimDecision.CONFLICT)


@pytest.mark.parametrize("state", FINAL)
def test_a_final_item_is_acknowledged_and_stays(state: State) -> None:
    item = attempt(state, None)
    assert admitted(item) == Claim(item, ClaimDecision.ACK)


def test_an_item_under_a_lease_is_refused_until_the_lease_ends() -> None:
    expected = [ClaimDecision.RETRY, ClaimDecision.RETRY, ClaimDecision.ATTEMPT]
    assert [admitted(claimed(), at).decision for at in (NOW, LAPSED - SECOND, LAPSED)] == expected


def test_a_parked_item_is_acknowledged_until_its_time_less_the_clock_skew() -> None:
    item, policy = attempt(until=NOW + MINUTE), replace(POLICY, clock_skew=5 * SECOND)
    decisions = [admitted(item, NOW + MINUTE - left, policy).decision for left in (6 * SECOND, 5 * SECOND)]
    assert decisions == [ClaimDecision.ACK, ClaimDecision.ATTEMPT]


def test_a_parked_item_without_a_time_is_admitted() -> None:
    assert admitted(attempt(until=None)).decision is ClaimDecision.ATTEMPT


def test_an_item_that_is_too_late_expires() -> None:
    expected = replace(attempt(), state=State.EXPIRED, until=None, code="too_late")
    assert admitted(attempt(), NOT_AFTER + SECOND) == Claim(expected, ClaimDecision.REPORT)


def test_after_a_lost_lease_the_outcome_is_unknown_since_its_end() -> None:
    assert after_lost_lease(claimed()).outcome_unknown_since == LAPSED


def test_an_item_that_was_not_claimed_has_lost_no_lease() -> None:
    assert after_lost_lease(attempt()) == attempt()


def test_an_unknown_outcome_is_parked_until_it_has_settled_and_attempted_then() -> None:
    settled = LAPSED + SETTLING.settling_time
    claim = admitted(claimed(), LAPSED, SETTLING)
    assert (claim.decision, claim.attempt.until, claim.attempt.code) == (ClaimDecision.REPORT, settled, "settling")
    assert admitted(claim.attempt, settled, SETTLING).decision is ClaimDecision.ATTEMPT


def test_an_unknown_outcome_is_looked_into_after_its_time_and_then_given_up() -> None:
    item = replace(attempt(), outcome_unknown_since=NOW)
    last = NOT_AFTER + timedelta(days=1)
    assert admitted(item, last, SETTLING).decision is ClaimDecision.ATTEMPT
    given_up = admitted(item, last + SECOND, SETTLING).attempt
    assert (given_up.state, given_up.code) == (State.UNKNOWN, "not_settled")


def test_an_unknown_outcome_that_is_not_looked_into_expires_like_any_other() -> None:
    item = replace(attempt(), outcome_unknown_since=NOW)
    assert admitted(item, NOT_AFTER + SECOND).attempt.state is State.EXPIRED


def test_an_attempt_that_may_not_be_repeated_ends_unknown_after_a_lost_lease() -> None:
    claim = admitted(claimed(), LAPSED, ONCE)
    assert (claim.decision, claim.attempt.state, claim.attempt.code) == (
        ClaimDecision.REPORT,
        State.UNKNOWN,
        "interrupted",
    )


def test_what_starts_is_claimed_for_the_lease_and_has_no_code() -> None:
    expected = replace(attempt(), state=State.CLAIMED, until=NOW + LEASE)
    assert start(attempt(code="deferred"), NOW, POLICY, switched_on=True) == Claim(expected, ClaimDecision.ATTEMPT)


def test_what_is_switched_off_is_parked_and_reported_once() -> None:
    first = start(attempt(), NOW, POLICY, switched_on=False)
    again = start(first.attempt, NOW + MINUTE, POLICY, switched_on=False)
    assert (first.attempt.until, first.attempt.code, first.decision) == (
        NOW + MINUTE,
        "switched_off",
        ClaimDecision.REPORT,
    )
    assert (again.attempt.until, again.decision) == (NOW + 2 * MINUTE, ClaimDecision.ACK)


def test_what_is_switched_off_until_it_is_too_late_expires_at_once_where_the_policy_says_so() -> None:
    early = replace(POLICY, expires_early=True)
    item = attempt(code="switched_off")
    claim = start(item, NOT_AFTER, early, switched_on=False)
    assert (claim.attempt.state, claim.attempt.code, claim.decision) == (
        State.EXPIRED,
        "switched_off",
        ClaimDecision.REPORT,
    )


@pytest.mark.parametrize(("early", "state"), [(True, State.EXPIRED), (False, State.PARKED)])
def test_a_wait_beyond_the_items_time_expires_at_once_or_when_it_ends(early: bool, state: State) -> None:
    policy = replace(POLICY, expires_early=early)
    assert park(attempt(), NOT_AFTER + SECOND, "deferred", policy).state is state
