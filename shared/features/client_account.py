"""What is known of a client's money but the spendings: balance, overdraft and salary."""

from bisect import bisect_left
from struct import unpack_from

from shared.features import client as c
from shared.features.codes import NOWHERE
from shared.features.moment import MAX_DAYS, MAX_RATIO, Moment, Values, bits
from shared.features.tail import DAY

_BALANCE = bits("client.balance_after")
_AGE, _PERIOD = bits("client.salary_age_days"), bits("client.salary_period_days")
_TO_SALARY = bits("client.amount_to_salary")

_UNKNOWN = NOWHERE[:1]  # the byte of which an unknown balance consists


def account(moment: Moment) -> tuple[Values, int]:
    """`client.balance_after`, `client.overdr*`, `client.salary_*`, `client.amount_to_salary`."""
    columns = moment.state.money.columns
    end = bisect_left(memoryview(columns[c.TIME]).cast("q"), moment.time)
    kinds = columns[c.MONEY_KIND][:end]
    balance = _balance(moment, end)
    facts, missing, after = moment.facts, 0, None
    if balance is None or facts.amount is None:
        missing = _BALANCE
    else:
        after = balance - facts.amount if facts.debit else balance + facts.amount
    overdrawn, days = _overdraft(moment, kinds, balance)
    salary, lacking = _salary(moment, kinds)
    return (after, overdrawn, days, *salary), missing | lacking


def _balance(moment: Moment, end: int) -> int | None:
    """The last balance told, in 30 days, of the question's account in its currency."""
    wanted = (moment.facts.account, moment.wanted)
    found = [
        _last(moment.columns, (c.ACCOUNT, c.BALANCE), moment.end, wanted),
        _last(moment.state.money.columns, (c.MONEY_ACCOUNT, c.MONEY_BALANCE), end, wanted),
    ]
    time, balance = max((each for each in found if each is not None), default=(0, None))
    return balance if time >= moment.starts.month else None


def _last(columns: list[bytes], which: tuple[int, int], end: int, wanted: tuple[int, int]) -> tuple[int, int] | None:
    """Time and value of the last balance before row `end` of the `wanted` account and currency."""
    accounts, balances = columns[which[0]], columns[which[1]]
    while end:
        known = balances[: end * 8].rstrip(_UNKNOWN)
        end = (len(known) + 7) // 8
        if not end:
            return None
        end -= 1
        currency = unpack_from("<H", columns[c.CURRENCY], end * 2)[0]
        if (unpack_from("<I", accounts, end * 4)[0], currency) == wanted:
            return unpack_from("<q", columns[c.TIME], end * 8)[0], unpack_from("<q", balances, end * 8)[0]
    return None


def _overdraft(moment: Moment, kinds: bytes, balance: int | None) -> tuple[bool, int]:
    """Whether an account is below zero, and for how many of the last 30 days one was."""
    since = moment.state.overdrawn
    last = max(kinds.rfind(c.OVERDRAWN), kinds.rfind(c.CLEARED))
    if last < 0 and not since:
        return balance is not None and balance < 0, 0
    total, start = 0, moment.starts.month
    for place, kind in enumerate(kinds):
        time: int = unpack_from("<q", moment.state.money.columns[c.TIME], place * 8)[0]
        if kind == c.OVERDRAWN:
            since = since or time
        elif kind == c.CLEARED and since:
            total += max(time - max(since, start), 0)
            since = 0
    if since:
        total += moment.time - max(since, start)
    return bool(since), min(-(-total // DAY), 31)


def _salary(moment: Moment, kinds: bytes) -> tuple[Values, int]:
    """`client.salary_age_days`, `client.salary_period_days`, `client.amount_to_salary`."""
    paid: list[tuple[int, int, int]] = []
    place = kinds.rfind(c.SALARY)
    columns = moment.state.money.columns
    while place >= 0 and len(paid) < 2:
        paid.append(
            (
                unpack_from("<q", columns[c.TIME], place * 8)[0],
                unpack_from("<q", columns[c.AMOUNT], place * 8)[0],
                unpack_from("<H", columns[c.CURRENCY], place * 2)[0],
            )
        )
        place = kinds.rfind(c.SALARY, 0, place)
    paid += reversed(moment.state.salaries[len(paid) - 2 :] if len(paid) < 2 else ())
    if not paid:
        return (None, None, None), _AGE | _PERIOD | _TO_SALARY
    time, salary, currency = paid[0]
    age = min((moment.time - time) // DAY, MAX_DAYS)
    missing, period, ratio = 0, None, None
    if len(paid) == 1:
        missing = _PERIOD
    else:
        period = min((time - paid[1][0]) // DAY, MAX_DAYS)
    if moment.facts.amount is None or not salary or currency != moment.wanted:
        missing |= _TO_SALARY
    else:
        ratio = min(moment.facts.amount / salary, MAX_RATIO)
    return (age, period, ratio), missing
