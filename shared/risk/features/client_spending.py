"""How much a client spends, and how this amount compares: counts, sums, the largest, the mean and the deviation."""

import math
from collections.abc import Sequence

from shared.risk.features import client as c
from shared.risk.features.client_view import MAX_COUNT, MAX_DAYS, MAX_RATIO, MAX_SUM, ClientAsOf, FeatureVector, mask_of
from shared.times import DAY, MINUTE

_AGE = mask_of("client.account_age_days")
_SUMS = mask_of("client.sum_1h", "client.sum_24h", "client.sum_7d", "client.sum_30d")
_MEAN, _TO_MEAN = mask_of("client.mean_30d"), mask_of("client.amount_to_mean")
_MAX, _TO_MAX = mask_of("client.max_30d"), mask_of("client.amount_to_max")
_ZSCORE = mask_of("client.amount_zscore")
_COMPARED = _MAX | _MEAN | _TO_MEAN | _TO_MAX | _ZSCORE
_CASH, _SAME_MERCHANT = mask_of("client.cash_sum_24h"), mask_of("client.same_merchant_count_1h")

_ENOUGH = 3
"""Spendings before a deviation says anything."""

_SMALLEST_DEVIATION = 0.01
"""Of the mean: where all amounts are nearly the same, a cent more would else be many deviations."""


def tenure(view: ClientAsOf) -> tuple[FeatureVector, int]:
    """`client.known`, `client.account_age_days`."""
    profile = view.profile
    if profile is None or profile.opened is None:
        return (view.has_spent(), None), _AGE
    return (view.has_spent(), min(max((view.time - profile.opened) // DAY, 0), MAX_DAYS)), 0


def spending(view: ClientAsOf) -> tuple[FeatureVector, int]:
    """`client.count_*`, `client.sum_*`, and what compares this amount with those of 30 days."""
    end, hour, day, week, month = view.end, view.hour, view.day, view.week, view.month
    counts: tuple[int, ...] = (end - hour, end - day, end - week, end - month)
    if not view.comparable:
        if view.state.overflow.starts:
            counts, _, _ = _with_overflow(view, counts, (0, 0, 0, 0), 0)
        return (*counts, *(None,) * 9), _SUMS | _COMPARED
    amounts, priced = view.amounts, view.own_amounts
    in_hour = sum(amounts[hour - month :]) if end > hour else 0
    in_day = in_hour + sum(amounts[day - month : hour - month])
    in_week = in_day + sum(amounts[week - month : day - month])
    total, in_month = in_week + sum(amounts[: week - month]), len(priced)
    if not view.state.overflow.starts:
        compared, missing = _compare(view.facts.amount, priced, total, total / in_month if in_month else None)
        return (*counts, in_hour, in_day, in_week, total, *compared), missing
    counts, sums, in_month = _with_overflow(view, counts, (in_hour, in_day, in_week, total), in_month)
    compared, missing = _compare(view.facts.amount, priced, total, sums[3] / in_month if in_month else None)
    return (*counts, *sums, *compared), missing


def _with_overflow(
    view: ClientAsOf, counts: tuple[int, ...], sums: tuple[int, ...], in_month: int
) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Counts, sums and amounts of 30 days together with what was evicted for the cap."""
    overflow = view.state.overflow
    end = view.time // MINUTE + 1
    more = [overflow.between(start // MINUTE, end) for start in view.starts]
    return (
        tuple(min(count + totals.events, MAX_COUNT) for count, totals in zip(counts, more, strict=True)),
        tuple(min(total + totals.amount, MAX_SUM) for total, totals in zip(sums, more, strict=True)),
        in_month + more[3].priced,
    )


def _compare(amount: int | None, amounts: Sequence[int], total: int, mean: float | None) -> tuple[FeatureVector, int]:
    """`client.max_30d` to `client.amount_zscore`; `total` is the sum of `amounts`, `mean` that of the whole window."""
    if mean is None or not amounts:
        return (None, mean, None, None, None), _COMPARED if mean is None else _COMPARED & ~_MEAN
    largest = max(amounts)
    if amount is None or not mean or not largest:
        return (largest, mean, None, None, None), _TO_MEAN | _TO_MAX | _ZSCORE
    to_mean, to_max = min(amount / mean, MAX_RATIO), min(amount / largest, MAX_RATIO)
    count = len(amounts)
    if count < _ENOUGH:
        return (largest, mean, to_mean, to_max, None), _ZSCORE
    middle = total / count
    deviation = math.dist(amounts, (middle,) * count) / math.sqrt(count)
    deviation = max(deviation, middle * _SMALLEST_DEVIATION)
    zscore = min((amount - middle) / deviation, MAX_RATIO)
    return (largest, mean, to_mean, to_max, zscore), 0


def cash(view: ClientAsOf) -> tuple[FeatureVector, int]:
    """`client.cash_sum_24h`, `client.same_merchant_count_1h`."""
    total, same, missing = None, None, 0
    if view.comparable:
        total = sum_where(view, view.columns[c.KIND][view.day : view.end], c.CASH)
    else:
        missing = _CASH
    if not view.merchant:
        missing |= _SAME_MERCHANT
    else:
        same = view.refs(c.MERCHANT, view.hour).count(view.merchant) if view.end > view.hour else 0
    return (total, same), missing


def sum_where(view: ClientAsOf, column: Sequence[int], value: int) -> int:
    """The sum of those amounts of 24 hours whose entry in `column`, which begins with them, is `value`."""
    if value not in column:
        return 0
    amounts = view.amounts[view.day - view.month :]
    return sum([amount for amount, entry in zip(amounts, column, strict=True) if entry == value])
