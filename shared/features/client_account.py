"""What is known of a client's money but the spendings: balance, overdraft and salary."""

from bisect import bisect_left
from struct import Struct

from shared.features import client as c
from shared.features.codes import NOWHERE
from shared.features.moment import MAX_DAYS, MAX_RATIO, Moment, Values, bits
from shared.times import DAY

_BALANCE = bits("client.balance_after")
_AGE, _PERIOD = bits("client.salary_age_days"), bits("client.salary_period_days")
_TO_SALARY = bits("client.amount_to_salary")

_INT64, _UINT32, _UINT16 = (Struct("<" + letter).unpack_from for letter in "qIH")

_UNKNOWN = NOWHERE[:1]  # the byte of which an unknown balance consists


def account(moment: Moment) -> tuple[Values, int]:
    """`client.balance_after`, `client.overdr*`, `client.salary_*`, `client.amount_to_salary`."""
    columns = moment.state.money.columns
    times = memoryview(columns[c.TIME]).cast("q")
    end = bisect_left(times, moment.time)
    kinds = columns[c.MONEY_KIND][:end]
    balance = _balance(moment, end) if moment.facts.account else None
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
    spent, money = moment.columns, moment.state.money.columns
    one = _last(spent[c.ACCOUNT], spent[c.CURRENCY], spent[c.BALANCE], moment.end, wanted)
    other = _last(money[c.MONEY_ACCOUNT], money[c.CURRENCY], money[c.MONEY_BALANCE], end, wanted)
    then = moment.times[one] if one >= 0 else 0
    if other >= 0:
        time = _INT64(money[c.TIME], other * 8)[0]
        if time >= then:
            return _INT64(money[c.MONEY_BALANCE], other * 8)[0] if time >= moment.starts.month else None
    return _INT64(spent[c.BALANCE], one * 8)[0] if then >= moment.starts.month and one >= 0 else None


def _last(accounts: bytes, currencies: bytes, balances: bytes, end: int, wanted: tuple[int, int]) -> int:
    """The last row before `end` that tells a balance of the `wanted` account and currency; -1 without."""
    while end:
        end = (len(balances[: end * 8].rstrip(_UNKNOWN)) + 7) // 8 - 1
        if end < 0:
            break
        if (_UINT32(accounts, end * 4)[0], _UINT16(currencies, end * 2)[0]) == wanted:
            return end
    return -1


def _overdraft(moment: Moment, kinds: bytes, balance: int | None) -> tuple[bool, int]:
    """Whether an account is below zero, and for how many of the last 30 days one was."""
    since = moment.state.overdrawn
    last = max(kinds.rfind(c.OVERDRAWN), kinds.rfind(c.CLEARED))
    if last < 0 and not since:
        return balance is not None and balance < 0, 0
    total, start = 0, moment.starts.month
    for place, kind in enumerate(kinds):
        time: int = _INT64(moment.state.money.columns[c.TIME], place * 8)[0]
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
    if place >= 0:
        paid.append(_paid(moment, place))
        place = kinds.rfind(c.SALARY, 0, place)
        if place >= 0:
            paid.append(_paid(moment, place))
    if len(paid) < 2 and moment.state.salaries:
        paid += moment.state.salaries[: -3 + len(paid) : -1]
    if not paid:
        return (None, None, None), _AGE | _PERIOD | _TO_SALARY
    time, salary, currency = paid[0]
    age = (moment.time - time) // DAY
    age = min(MAX_DAYS, age)
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


def _paid(moment: Moment, place: int) -> tuple[int, int, int]:
    """Time, amount and currency of the salary in row `place`."""
    columns = moment.state.money.columns
    return (
        _INT64(columns[c.TIME], place * 8)[0],
        _INT64(columns[c.AMOUNT], place * 8)[0],
        _UINT16(columns[c.CURRENCY], place * 2)[0],
    )
