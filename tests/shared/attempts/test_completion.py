"""The end of an attempt leads to a final state or a wait, if the attempt still has its lease."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from shared.attempts.attempt import State
from shared.attempts.completion import Outcome, complete, is_claimed_by
from tests.shared.attempts.builders import LEASE, NOT_AFTER, NOW, POLICY, SECOND, attempt, claimed

HELD = NOW + LEASE
LATER = HELD + LEASE
MINUTE = timedelta(minutes=1)
DONE, REFUSED, UNKNOWN = Outcome(State.DONE), Outcome(State.REFUSED, "no"), Outcome(State.UNKNOWN, unknown=True)
PARKED, REDELIVERED = Outcome(State.PARKED, "deferred", MINUTE), Outcome(State.PARKED, "redelivered")


@pytest.mark.parametrize("outcome", [DONE, REFUSED])
def test_the_holder_of_the_lease_ends_it(outcome: Outcome) -> None:
    expected = attempt(outcome.state, None, outcome.code)
    assert complete(claimed(), HELD, outcome, NOW, POLICY) == expected


def test_the_holder_ends_it_though_its_lease_has_lapsed_as_long_as_nobody_took_over() -> None:
    ended = complete(claimed(), HELD, REFUSED, LATER, POLICY)
    assert ended is not None
    assert ended.state is State.REFUSED


@pytest.mark.parametrize("outcome", [REFUSED, UNKNOWN, PARKED, REDELIVERED])
def test_an_attempt_that_lost_its_lease_ends_nothing(outcome: Outcome) -> None:
    for item in (claimed(LATER), attempt(until=LATER)):
        assert complete(item, HELD, outcome, HELD, POLICY) is None


def test_an_attempt_that_lost_its_lease_may_still_say_that_it_is_done() -> None:
    item = replace(claimed(LATER), outcome_unknown_since=HELD)
    assert complete(item, HELD, DONE, HELD, POLICY) == attempt(State.DONE, None)


@pytest.mark.parametrize("state", [state for state in State if state.final])
@pytest.mark.parametrize("outcome", [DONE, REFUSED, PARKED])
def test_a_final_state_stays(state: State, outcome: Outcome) -> None:
    assert complete(attempt(state, None), HELD, outcome, NOW, POLICY) is None


def test_a_pause_parks_it_from_the_end_of_the_attempt_on() -> None:
    assert complete(claimed(), HELD, PARKED, NOW + SECOND, POLICY) == attempt(
        until=NOW + SECOND + MINUTE, code="deferred"
    )


def test_without_a_pause_it_waits_for_its_next_delivery() -> None:
    assert complete(claimed(), HELD, REDELIVERED, NOW, POLICY) == attempt(until=None, code="redelivered")


def test_a_spread_pause_is_longer_and_ends_in_time() -> None:
    parked = complete(claimed(), HELD, replace(PARKED, spread=True), NOW, POLICY)
    assert parked is not None
    assert parked.until is not None
    assert NOW + MINUTE < parked.until <= NOT_AFTER


def test_a_pause_beyond_the_items_time_expires_at_once_where_the_policy_says_so() -> None:
    policy = replace(POLICY, expires_early=True)
    ended = complete(claimed(), HELD, replace(PARKED, pause=timedelta(hours=2), spread=True), NOW, policy)
    assert ended == attempt(State.EXPIRED, None, "deferred")


def test_an_unknown_outcome_is_unknown_since_the_end_of_the_attempt() -> None:
    ended = complete(claimed(), HELD, replace(PARKED, unknown=True), NOW + SECOND, POLICY)
    assert ended is not None
    assert ended.outcome_unknown_since == NOW + SECOND


def test_an_earlier_doubt_stays_after_a_known_failure() -> None:
    ended = complete(replace(claimed(), outcome_unknown_since=NOW), HELD, PARKED, NOW + SECOND, POLICY)
    assert ended is not None
    assert ended.outcome_unknown_since == NOW


def test_a_claim_is_known_by_the_end_of_its_lease() -> None:
    items = (claimed(), claimed(LATER), attempt(until=HELD))
    assert [is_claimed_by(item, HELD) for item in items] == [True, False, False]
