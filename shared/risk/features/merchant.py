"""The state of a merchant: counts and sums in buckets only, for a merchant may be hot.

Nothing here tells an event that comes twice: whoever folds merchants has to (`shared.risk.features.deduplication`).
"""

from datetime import timedelta

import msgspec

from shared.events.events import Event, FraudLabel, Kind, Transaction
from shared.privacy import DataClass
from shared.risk.features.buckets import EventBuckets
from shared.risk.features.client import SPENDING
from shared.risk.features.inputs import FeatureInputs
from shared.risk.features.keys import FORMAT, MERCHANTS
from shared.risk.features.packing import amount, code
from shared.storage.codec import msgpack_codec
from shared.storage.collection import Collection
from shared.times import DAY, MINUTE, microseconds
from shared.windowing.outcome import Outcome

MAX_BYTES = 24_000
"""No merchant's state is larger, however hot it is."""

LABEL_DELAY = timedelta(days=7)
"""A fraud counts when it is confirmed, and not sooner than this after it happened: by then most frauds are."""

DAY_MINUTES = DAY // MINUTE


class MerchantState(msgspec.Struct, array_like=True, tag_field="format", tag=FORMAT):
    """`since` is the first spending in µs; `currency` that of the first amount folded: others are counted, not summed.

    `frauds` counts each in the day from which on it is confirmed and past the delay.
    """

    spent: EventBuckets = msgspec.field(default_factory=EventBuckets)
    frauds: EventBuckets = msgspec.field(default_factory=EventBuckets)
    since: int = 0
    currency: int = 0


CODEC = msgpack_codec(
    Collection(
        MERCHANTS,
        "{merchant digest}",
        "merchant_features",
        DataClass.NONE,
        "until deleted",
        "counts and sums over all clients of a merchant",
    ),
    MerchantState,
    "a merchant's features",
)


def new() -> MerchantState:
    """The state of a merchant where nothing was spent yet."""
    return MerchantState()


def fold(state: MerchantState, event: Event, facts: FeatureInputs) -> Outcome:
    """Fold one event of this merchant into `state`, in place."""
    if isinstance(event, FraudLabel):
        return _fold_label(state, event)
    if not isinstance(event, Transaction):
        return Outcome.IGNORED
    if event.kind is Kind.REVERSAL:
        return _fold_reversal(state, event, facts)
    if event.kind not in SPENDING or not facts.debit:
        return Outcome.IGNORED
    time = microseconds(event.occurred_at)
    state.currency = state.currency or code(facts.currency)
    if not state.spent.add_event(time // MINUTE, _priced(state, facts)):
        return Outcome.TOO_OLD
    state.since = min(state.since or time, time)
    return Outcome.FOLDED


def _fold_reversal(state: MerchantState, event: Transaction, facts: FeatureInputs) -> Outcome:
    """Subtract what `event` repeats of the original, at the original's time; it may come before the original."""
    if facts.debit:
        return Outcome.IGNORED  # takes back a credit, which never counted
    if event.reverses_at is None:
        return Outcome.WAITING
    state.currency = state.currency or code(facts.currency)
    minute = microseconds(event.reverses_at) // MINUTE
    return Outcome.FOLDED if state.spent.add_event(minute, _priced(state, facts), -1) else Outcome.TOO_OLD


def _fold_label(state: MerchantState, event: FraudLabel) -> Outcome:
    countable = microseconds(max(event.occurred_at, event.transaction_at + LABEL_DELAY)) // MINUTE
    return Outcome.FOLDED if state.frauds.add_event(countable // DAY_MINUTES * DAY_MINUTES, None) else Outcome.TOO_OLD


def _priced(state: MerchantState, facts: FeatureInputs) -> int | None:
    priced = facts.amount is not None and facts.currency and code(facts.currency) == state.currency
    return amount(facts.amount) if priced else None
