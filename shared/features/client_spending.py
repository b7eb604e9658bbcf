"""How much a client spends, and how this amount compares: counts, sums, the largest, the mean and the deviation."""

import math
from collections.abc import Sequence

from shared.features import client as c
from shared.features.codes import ref
from shared.features.moment import MAX_COUNT, MAX_DAYS, MAX_RATIO, MAX_SUM, Moment, Values, bits
from shared.times import DAY, MINUTE

_AGE = bits("client.account_age_days")
_SUMS = bits("client.sum_1h", "client.sum_24h", "client.sum_7d", "client.sum_30d")
_MEAN, _TO_MEAN = bits("client.mean_30d"), bits("client.amount_to_mean")
_MAX, _TO_MAX = bits("client.max_30d"), bits("client.amount_to_max")
_ZSCORE = bits("client.amount_zscore")
_COMPARED = _MAX | _MEAN | _TO_MEAN | _TO_MAX | _ZSCORE
_CASH, _SAME_MERCHANT = bits("client.cash_sum_24h"), bits("client.same_merchant_count_1h")
_CARD_COUNTS = bits("card.count_1h", "card.count_24h")
_CARD_SUM, _CARD_AGE = bits("card.sum_24h"), bits("card.age_days")

_ENOUGH = 3
"""Spendings before a deviation says anything."""

_SMALLEST_DEVIATION = 0.01
"""Of the mean: who always spends the same is not astonished by a cent more."""


def known(moment: Moment) -> tuple[Values, int]:
    """`client.known`, `client.account_age_days`."""
    profile = moment.profile
    if profile is None or profile.opened is None:
        return (moment.known(), None), _AGE
    return (moment.known(), min(max((moment.time - profile.opened) // DAY, 0), MAX_DAYS)), 0


def spending(moment: Moment) -> tuple[Values, int]:
    """`client.count_*`, `client.sum_*`, and what compares this amount with those of 30 days."""
    end, hour, day, week, month = moment.end, moment.hour, moment.day, moment.week, moment.month
    counts: tuple[int, ...] = (end - hour, end - day, end - week, end - month)
    if not moment.money:
        if moment.state.overflow.starts:
            counts, _, _ = _with_overflow(moment, counts, (0, 0, 0, 0), 0)
        return (*counts, *(None,) * 9), _SUMS | _COMPARED
    amounts, priced = moment.amounts, moment.priced
    in_hour = sum(amounts[hour - month :]) if end > hour else 0
    in_day = in_hour + sum(amounts[day - month : hour - month])
    in_week = in_day + sum(amounts[week - month : day - month])
    total, in_month = in_week + sum(amounts[: week - month]), len(priced)
    if not moment.state.overflow.starts:
        compared, missing = _compare(moment.facts.amount, priced, total, total / in_month if in_month else None)
        return (*counts, in_hour, in_day, in_week, total, *compared), missing
    counts, sums, in_month = _with_overflow(moment, counts, (in_hour, in_day, in_week, total), in_month)
    compared, missing = _compare(moment.facts.amount, priced, total, sums[3] / in_month if in_month else None)
    return (*counts, *sums, *compared), missing


def _with_overflow(
    moment: Moment, counts: tuple[int, ...], sums: tuple[int, ...], in_month: int
) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Counts, sums and amounts of 30 days together with what was evicted for the cap."""
    overflow = moment.state.overflow
    end = moment.time // MINUTE + 1
    more = [overflow.between(start // MINUTE, end) for start in moment.starts]
    return (
        tuple(min(count + each.events, MAX_COUNT) for count, each in zip(counts, more, strict=True)),
        tuple(min(total + each.amount, MAX_SUM) for total, each in zip(sums, more, strict=True)),
        in_month + more[3].priced,
    )


def _compare(amount: int | None, amounts: Sequence[int], total: int, mean: float | None) -> tuple[Values, int]:
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


def cash_and_card(moment: Moment) -> tuple[Values, int]:
    """`client.cash_sum_24h`, `client.same_merchant_count_1h`, `card.*`."""
    facts, day, missing = moment.facts, moment.day, 0
    cash: int | None = None
    if moment.money:
        cash = _sum_where(moment, moment.columns[c.KIND][day : moment.end], c.CASH)
    else:
        missing = _CASH
    same: int | None = None
    if not moment.merchant:
        missing |= _SAME_MERCHANT
    else:
        same = moment.refs(c.MERCHANT, moment.hour).count(moment.merchant) if moment.end > moment.hour else 0
    if facts.card is None:
        return (cash, same, None, None, None, None), missing | _CARD_COUNTS | _CARD_SUM | _CARD_AGE
    card, lacking = _card(moment, ref(facts.card))
    return (cash, same, *card), missing | lacking


def _card(moment: Moment, card: int) -> tuple[Values, int]:
    in_hour, in_day, total, missing = 0, 0, 0 if moment.money else None, 0 if moment.money else _CARD_SUM
    if moment.end > moment.day:
        cards = moment.refs(c.CARD, moment.day)
        in_hour, in_day = cards[moment.hour - moment.day :].count(card), cards.count(card)
        total = _sum_where(moment, cards, card) if moment.money else None
    first = moment.first(c.CARD, moment.state.cards, card)
    if first is None:
        return (in_hour, in_day, total, None), missing | _CARD_AGE
    age = (moment.time - first) // DAY
    return (in_hour, in_day, total, min(MAX_DAYS, age)), missing


def _sum_where(moment: Moment, column: Sequence[int], wanted: int) -> int:
    """The sum of those amounts of 24 hours whose entry in `column` is `wanted`."""
    if wanted not in column:
        return 0
    amounts = moment.amounts[moment.day - moment.month :]
    return sum([amount for amount, entry in zip(amounts, column, strict=True) if entry == wanted])
