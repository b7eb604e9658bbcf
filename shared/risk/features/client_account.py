"""What is known of a client's money but the spendings: balance, overdraft and salary."""

from bisect import bisect_left
from struct import Struct

from shared.risk.features import client as c
from shared.risk.features.client_view import MAX_DAYS, MAX_RATIO, ClientAsOf, FeatureVector, mask_of
from shared.risk.features.packing import NOWHERE
from shared.times import DAY

_BALANCE = mask_of("client.balance_after")
_AGE, _PERIOD = mask_of("client.salary_age_days"), mask_of("client.salary_period_days")
_TO_SALARY = mask_of("client.amount_to_salary")

_INT64, _UINT32, _UINT16 = (Struct("<" + letter).unpack_from for letter in "qIH")

_UNKNOWN = NOWHERE[:1]  # the byte of which an unknown balance consists


def account(view: ClientAsOf) -> tuple[FeatureVector, int]:
    """`client.balance_after`, `client.overdr*`, `client.salary_*`, `client.amount_to_salary`."""
    columns = view.state.money.columns
    times = memoryview(columns[c.TIME]).cast("q")
    end = bisect_left(times, view.time)
    kinds = columns[c.MONEY_KIND][:end]
    balance = _balance(view, end) if view.facts.account else None
    facts, missing, after = view.facts, 0, None
    if balance is None or facts.amount is None:
        missing = _BALANCE
    else:
        after = balance - facts.amount if facts.debit else balance + facts.amount
    overdrawn, days = _overdraft(view, kinds, balance)
    salary, lacking = _salary(view, kinds)
    return (after, overdrawn, days, *salary), missing | lacking


def _balance(view: ClientAsOf, end: int) -> int | None:
    """The last balance told, in 30 days, of the question's account in its currency."""
    account_and_currency = (view.facts.account, view.currency_asked)
    spent, money = view.columns, view.state.money.columns
    spending = _last(spent[c.ACCOUNT], spent[c.CURRENCY], spent[c.BALANCE], view.end, account_and_currency)
    movement = _last(money[c.MONEY_ACCOUNT], money[c.CURRENCY], money[c.MONEY_BALANCE], end, account_and_currency)
    then = view.times[spending] if spending >= 0 else 0
    if movement >= 0:
        time = _INT64(money[c.TIME], movement * 8)[0]
        if time >= then:
            return _INT64(money[c.MONEY_BALANCE], movement * 8)[0] if time >= view.starts.month else None
    return _INT64(spent[c.BALANCE], spending * 8)[0] if then >= view.starts.month and spending >= 0 else None


def _last(accounts: bytes, currencies: bytes, balances: bytes, end: int, account_and_currency: tuple[int, int]) -> int:
    """The last row before `end` with a balance of that account and currency; -1 where there is none."""
    while end:
        end = (len(balances[: end * 8].rstrip(_UNKNOWN)) + 7) // 8 - 1
        if end < 0:
            break
        if (_UINT32(accounts, end * 4)[0], _UINT16(currencies, end * 2)[0]) == account_and_currency:
            return end
    return -1


def _overdraft(view: ClientAsOf, kinds: bytes, balance: int | None) -> tuple[bool, int]:
    """Whether an account is below zero, and for how many of the last 30 days one was."""
    since = view.state.overdrawn
    last = max(kinds.rfind(c.OVERDRAWN), kinds.rfind(c.CLEARED))
    if last < 0 and not since:
        return balance is not None and balance < 0, 0
    total, start = 0, view.starts.month
    for row, kind in enumerate(kinds):
        time: int = _INT64(view.state.money.columns[c.TIME], row * 8)[0]
        if kind == c.OVERDRAWN:
            since = since or time
        elif kind == c.CLEARED and since:
            total += max(time - max(since, start), 0)
            since = 0
    if since:
        total += view.time - max(since, start)
    return bool(since), min(-(-total // DAY), 31)


def _salary(view: ClientAsOf, kinds: bytes) -> tuple[FeatureVector, int]:
    """`client.salary_age_days`, `client.salary_period_days`, `client.amount_to_salary`."""
    paid: list[tuple[int, int, int]] = []
    row = kinds.rfind(c.SALARY)
    if row >= 0:
        paid.append(_paid(view, row))
        row = kinds.rfind(c.SALARY, 0, row)
        if row >= 0:
            paid.append(_paid(view, row))
    if len(paid) < 2 and view.state.salaries:
        paid += view.state.salaries[: -3 + len(paid) : -1]
    if not paid:
        return (None, None, None), _AGE | _PERIOD | _TO_SALARY
    time, salary, currency = paid[0]
    age = (view.time - time) // DAY
    age = min(MAX_DAYS, age)
    missing, period, ratio = 0, None, None
    if len(paid) == 1:
        missing = _PERIOD
    else:
        period = min((time - paid[1][0]) // DAY, MAX_DAYS)
    if view.facts.amount is None or not salary or currency != view.currency_asked:
        missing |= _TO_SALARY
    else:
        ratio = min(view.facts.amount / salary, MAX_RATIO)
    return (age, period, ratio), missing


def _paid(view: ClientAsOf, row: int) -> tuple[int, int, int]:
    """Time, amount and currency of the salary in `row`."""
    columns = view.state.money.columns
    return (
        _INT64(columns[c.TIME], row * 8)[0],
        _INT64(columns[c.AMOUNT], row * 8)[0],
        _UINT16(columns[c.CURRENCY], row * 2)[0],
    )
