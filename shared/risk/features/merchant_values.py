"""The values of a merchant's features at one moment: of whole minutes that ended before it."""

from shared.risk.features.buckets import Totals
from shared.risk.features.client_view import MAX_DAYS, MAX_RATIO, FeatureVector, mask_of
from shared.risk.features.inputs import FeatureInputs
from shared.risk.features.merchant import DAY_MINUTES, LABEL_DELAY, MerchantState
from shared.risk.features.packing import code
from shared.risk.features.windows import AsOf
from shared.times import DAY, MINUTE

_AGE, _MEAN, _TO_MEAN = mask_of("merchant.age_days"), mask_of("merchant.mean_30d"), mask_of("merchant.amount_to_mean")
_RATE = mask_of("merchant.fraud_rate_30d")
_ALL = (
    _AGE
    | _MEAN
    | _TO_MEAN
    | _RATE
    | mask_of("merchant.known", "merchant.count_1h", "merchant.count_24h", "merchant.count_30d")
)
_NONE: tuple[FeatureVector, int] = ((None,) * 8, _ALL)
_NEW: tuple[FeatureVector, int] = ((False, None, 0, 0, 0, None, None, None), _AGE | _MEAN | _TO_MEAN | _RATE)

_MAX_COUNT = 10**9
_MAX_MEAN = 1e12
_DELAY = LABEL_DELAY.days * DAY_MINUTES
_MONTH = 30 * DAY_MINUTES


def merchant_values(merchant: MerchantState | None, facts: FeatureInputs, when: AsOf) -> tuple[FeatureVector, int]:
    """The values of `merchant.*`, from `None` for a merchant never seen."""
    if facts.merchant is None:
        return _NONE
    if merchant is None:
        return _NEW
    _, time, windows = when
    minute = time // MINUTE
    if not merchant.since or merchant.since // MINUTE >= minute:
        return _NEW
    today = minute // DAY_MINUTES * DAY_MINUTES
    hour, day, old, older, now = merchant.spent.sums_before(
        (windows.hour // MINUTE, windows.day // MINUTE, today - _DELAY, today - _DELAY - _MONTH, minute)
    )
    month = merchant.spent.between(windows.month // MINUTE, minute)
    (mean, to_mean), missing = _mean(merchant, facts, month)
    rate: float | None = None
    if old > older:
        rate = _fraud_rate(merchant, today, old - older) if merchant.frauds.starts else 0.0
    else:
        missing |= _RATE
    age = min((time - merchant.since) // DAY, MAX_DAYS)
    return (True, age, _count(now - hour), _count(now - day), _count(month.events), mean, to_mean, rate), missing


def _count(events: int) -> int:
    return events if 0 <= events <= _MAX_COUNT else max(0, min(events, _MAX_COUNT))


def _mean(merchant: MerchantState, facts: FeatureInputs, month: Totals) -> tuple[FeatureVector, int]:
    """`merchant.mean_30d`, `merchant.amount_to_mean`; missing in another currency than the merchant's."""
    currency = code(facts.currency)
    if month.priced <= 0 or month.amount < 0 or (currency and currency != merchant.currency):
        return (None, None), _MEAN | _TO_MEAN
    mean = min(month.amount / month.priced, _MAX_MEAN)
    if facts.amount is None or not mean:
        return (mean, None), _TO_MEAN
    return (mean, min(facts.amount / mean, MAX_RATIO)), 0


def _fraud_rate(merchant: MerchantState, today: int, spent: int) -> float:
    """Frauds known in the 30 days before `today`, by as many days' spendings, `LABEL_DELAY` older."""
    before, now = merchant.frauds.sums_before((today - _MONTH, today))
    return min(max(now - before, 0) / spent, 1.0)
