"""The state machine of a review: who can decide it, how often, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.errors import Conflict, Invalid, SlackerError
from shared.risk.operation import Verdict
from shared.risk.reviews.review import EXPIRED, Decision, Review, expired, judge
from tests.support.builders.reviews import HOUR, LARGE, NOW, POLICY, review


def approve(of: Review, by: str = "ana@x.example", revision: int | None = None, now: datetime = NOW) -> Review:
    return judge(of, "approve", by=by, reason="CONFIRMED", revision=revision or of.revision, now=now)


def reject(of: Review, by: str = "ana@x.example", reason: str = "DENIED") -> Review:
    return judge(of, "reject", by=by, reason=reason, revision=of.revision, now=NOW)


@pytest.mark.parametrize(
    ("amount", "needed"),
    [
        ({"minor": 500_000, "currency": "EUR"}, 1),
        ({"minor": 500_001, "currency": "EUR"}, 2),
        ({"minor": 0, "currency": "JPY"}, 1),
        ({"minor": 1, "currency": "JPY"}, 2),
        ({"minor": 1, "currency": "USD"}, 2),
        (None, 2),
    ],
)
def test_an_approval_takes_two_above_the_amount_and_wherever_none_is_told(amount: Any, needed: int) -> None:
    assert review(amount=amount).approvals_needed == needed


def test_a_small_amount_is_approved_by_one() -> None:
    assert approve(review()).decision == Decision("approve", "ana@x.example", NOW, "CONFIRMED")


def test_a_large_amount_is_approved_by_two() -> None:
    once = approve(review(amount=LARGE))
    assert (once.decision, [approval.by for approval in once.approvals]) == (None, ["ana@x.example"])
    assert approve(once, "ben@x.example").decision == Decision("approve", "ben@x.example", NOW, "CONFIRMED")


@pytest.mark.parametrize("again", ["ana@x.example", "ANA@X.example", " ana@x.example"])
def test_the_same_person_counts_once(again: str) -> None:
    once = approve(review(amount=LARGE))
    assert approve(once, again) == once


def test_one_person_rejects_also_against_an_approval_and_also_her_own() -> None:
    assert reject(review(amount=LARGE)).decision == Decision("reject", "ana@x.example", NOW, "DENIED")
    assert reject(approve(review(amount=LARGE)), "ben@x.example").decision is not None
    assert reject(approve(review(amount=LARGE))).decision is not None


def test_what_is_decided_is_not_decided_again() -> None:
    with pytest.raises(Conflict, match="decided already: reject"):
        approve(reject(review()), "ben@x.example")
    with pytest.raises(Conflict, match="decided already: approve"):
        reject(approve(review()), "ben@x.example")
    with pytest.raises(Conflict, match="decided already: approve"):
        approve(approve(review()), "ben@x.example")


def test_saying_the_same_again_changes_nothing_even_after_others_have_spoken() -> None:
    approved = approve(approve(review(amount=LARGE)), "ben@x.example")
    assert approve(approved, revision=1) == approved
    rejected = reject(review())
    assert reject(rejected) == rejected


def test_who_approved_what_was_then_rejected_is_told_so() -> None:
    with pytest.raises(Conflict, match="decided already: reject"):
        approve(reject(approve(review(amount=LARGE)), "ben@x.example"))


def test_who_has_not_seen_the_newest_revision_decides_nothing() -> None:
    with pytest.raises(Conflict, match="look at revision 2 first"):
        approve(approve(review(amount=LARGE)), "ben@x.example", revision=1)


def test_a_reason_has_to_be_one_of_the_operations() -> None:
    with pytest.raises(Invalid, match="/reason: one of DENIED, FRAUD expected"):
        reject(review(), reason="CONFIRMED")


def test_nobody_decides_in_time_and_the_rule_does() -> None:
    pending = review()
    assert expired(pending, pending.expires_at - timedelta(seconds=1)) is pending
    after = expired(pending, pending.expires_at)
    assert after.decision == Decision("reject", "expires_as of transaction@1", pending.expires_at, EXPIRED)
    assert expired(after, pending.expires_at + HOUR) is after


def test_what_has_expired_is_left_to_the_rule() -> None:
    pending = replace(review(), opening="signed")
    with pytest.raises(Conflict, match="expired"):
        approve(pending, now=pending.expires_at)


def test_people_decide_a_review_whose_time_nobody_vouches_for_whenever_they_do() -> None:
    assert approve(review(), now=review().expires_at).status == "approved"


def test_what_was_decided_in_time_does_not_expire() -> None:
    decided = approve(review())
    assert expired(decided, decided.expires_at) is decided


@dataclass(frozen=True)
class Step:
    """Something that happens: a person's verdict on the revision seen, so many hours later, or the clock's look."""

    verdict: Verdict | None
    by: str
    revision: int
    later: int


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(["approve", "approve", "reject", None]),
        st.sampled_from(["ana@x.example", "Ana@x.example", "ben@x.example", "cem@x.example"]),
        st.integers(1, 4),
        st.integers(0, 30),
    ),
    max_size=12,
)


@given(steps=STEPS, large=st.booleans(), fallback=st.sampled_from(["approve", "reject"]))
def test_whatever_happens_nothing_is_decided_without_its_approvals_or_twice(
    steps: list[Step], large: bool, fallback: Verdict
) -> None:
    state = review(replace(POLICY, expires_as=fallback), amount=LARGE if large else {"minor": 1, "currency": "EUR"})
    now, decisions = NOW, list[Decision]()
    for step in steps:
        now += step.later * HOUR
        before = state
        try:
            state = _taken(state, step, now)
        except SlackerError:
            continue
        assert state.revision == before.revision + (state != before)
        if state.decision != before.decision:
            assert before.decision is None
            assert state.decision is not None
            decisions.append(state.decision)
    assert len(decisions) <= 1
    if state.decision is None:
        assert len(state.approvals) < state.approvals_needed
        return
    people = {approval.by.casefold() for approval in state.approvals}
    assert len(people) == len(state.approvals)
    if state.decision.reason == EXPIRED:
        assert (state.decision.verdict, state.decision.at >= state.expires_at) == (fallback, True)
    elif state.decision.verdict == "approve":
        assert len(people) == (2 if large else 1)


def _taken(state: Review, step: Step, now: datetime) -> Review:
    if step.verdict is None:
        return expired(state, now)
    reason = "CONFIRMED" if step.verdict == "approve" else "FRAUD"
    return judge(state, step.verdict, by=step.by, reason=reason, revision=step.revision, now=now)
