"""The state of a client: the tail of spendings, that of other money, and what is remembered from before them."""

from typing import Any

import msgspec

from shared.events.events import AdviceGiven, ClientSnapshot, Event, Kind, Overdraft, Transaction
from shared.features.codes import amount, balance, code, hour, identity, place, ref
from shared.features.facts import Facts
from shared.features.keys import CLIENTS, FORMAT
from shared.privacy import DataClass
from shared.storage.codec import msgpack_codec
from shared.storage.collection import ByKey, Collection
from shared.times import MINUTE, microseconds
from shared.windowing.buckets import Buckets
from shared.windowing.columns import Layout
from shared.windowing.first_seen import Memory
from shared.windowing.outcome import Outcome
from shared.windowing.recent_events import KEEP, Tail, empty, insert, reverse

MAX_BYTES = 40_000
"""No client's state is larger, whatever the client does."""

SPENDINGS_CAP = 256
SPENT = Layout(("q", "Q", "q", "H", "B", "B", "I", "I", "I", "I", "I", "H", "4s", "q"), SPENDINGS_CAP)
TIME, ID, AMOUNT, CURRENCY, KIND, HOUR, ACCOUNT, CARD, DEVICE, MERCHANT, PAYEE, COUNTRY, PLACE, BALANCE = range(14)
"""The columns of spendings. HOUR is that of the day in UTC; PLACE and BALANCE may say that they are not known."""

MONEY = Layout(("q", "Q", "q", "H", "B", "I", "q"), 128)
MONEY_KIND, MONEY_ACCOUNT, MONEY_BALANCE = 4, 5, 6
"""The columns of other money; the first four are those of spendings."""

ATTEMPTS = Layout(("q", "Q", "B"), 128)
REJECTED = 2
"""The column of attempts that says 1 for one that was rejected."""

PAYEES_CAP, OTHERS_CAP, PROFILES_CAP = 128, 32, 4

PURCHASE, TRANSFER, CASH, SALARY, OTHER, OVERDRAWN, CLEARED = range(1, 8)
SPENDING = {Kind.PURCHASE: PURCHASE, Kind.TRANSFER: TRANSFER, Kind.CASH: CASH}


class Profile(msgspec.Struct, array_like=True, frozen=True, order=True):
    """What a snapshot said: `time` and `opened` in µs, `zone` an IANA name, `country` of residence, `language` a
    tag of BCP 47.
    """

    time: int
    id: int
    zone: str | None = None
    country: str | None = None
    opened: int | None = None
    language: str | None = None


class ClientState(msgspec.Struct, array_like=True, tag_field="format", tag=FORMAT):
    """The tails and the latest snapshots follow from the set of events, in whichever order they came.

    The rest tells of what the tails have let go, and is folded in order: `since` (the first spending) and `currency`
    (that of the first amount), `salaries` (time, amount, currency of two), `overdrawn` (since when, or 0).
    """

    spent: Tail
    money: Tail
    profiles: list[Profile] = []
    since: int = 0
    currency: int = 0
    overflow: Buckets = msgspec.field(default_factory=Buckets)
    payees: Memory = msgspec.field(default_factory=Memory)
    cards: Memory = msgspec.field(default_factory=Memory)
    devices: Memory = msgspec.field(default_factory=Memory)
    countries: Memory = msgspec.field(default_factory=Memory)
    salaries: list[tuple[int, int, int]] = []
    overdrawn: int = 0
    attempts: Tail = msgspec.field(default_factory=lambda: empty(ATTEMPTS))


_REVERSED = (Outcome.FOLDED, Outcome.TOO_OLD, Outcome.DUPLICATE, Outcome.WAITING)
"""Of what a reversal met in the two tails, the one that tells most."""

CODEC = msgpack_codec(
    Collection(
        CLIENTS,
        "{client token}",
        "risk_features",
        DataClass.PSEUDONYMOUS,
        "until deleted",
        "the state that a client's features are computed from",
        (ByKey(),),
    ),
    ClientState,
    "a client's features",
)


def new() -> ClientState:
    """The state of a client of whom nothing happened yet."""
    return ClientState(empty(SPENT), empty(MONEY))


def fold(state: ClientState, event: Event, facts: Facts) -> Outcome:
    """Fold one event of this client into `state`, in place."""
    if isinstance(event, Transaction):
        return _fold_transaction(state, event, facts)
    if isinstance(event, AdviceGiven):
        row = (microseconds(event.occurred_at), identity(event.event_id), int(event.rejected))
        return insert(state.attempts, ATTEMPTS, row)[0]
    if isinstance(event, ClientSnapshot):
        return _fold_snapshot(state, event)
    if isinstance(event, Overdraft):
        return _fold_overdraft(state, event, facts)
    return Outcome.IGNORED


def _fold_transaction(state: ClientState, event: Transaction, facts: Facts) -> Outcome:
    if event.kind is Kind.REVERSAL:
        return _fold_reversal(state, event)
    if event.kind in SPENDING and facts.debit:
        return _fold_spending(state, event, facts)
    if event.kind is Kind.SALARY or event.balance_after is not None:
        kind = SALARY if event.kind is Kind.SALARY else OTHER
        row = (amount(facts.amount), code(facts.currency), kind, facts.account, balance(event.balance_after))
        return _fold_money(state, event, row)
    return Outcome.IGNORED


def _fold_spending(state: ClientState, event: Transaction, facts: Facts) -> Outcome:
    time = microseconds(event.occurred_at)
    row = (
        time,
        identity(event.event_id),
        amount(facts.amount),
        code(facts.currency),
        SPENDING[event.kind],
        hour(time),
        facts.account,
        ref(facts.card),
        ref(facts.device),
        ref(facts.merchant),
        facts.payee,
        code(facts.country),
        place(facts),
        balance(event.balance_after),
    )
    outcome, gone = insert(state.spent, SPENT, row)
    for each in gone:
        _remember(state, each, state.spent.newest())
    return outcome


def _remember(state: ClientState, row: tuple[Any, ...], newest: int) -> None:
    """Fold a spending that the tail lets go into what is remembered from before it."""
    time = row[TIME]
    state.since = state.since or time
    state.currency = state.currency or row[CURRENCY]
    state.payees.see(row[PAYEE], time, PAYEES_CAP)
    state.cards.see(row[CARD], time, OTHERS_CAP)
    state.devices.see(row[DEVICE], time, OTHERS_CAP)
    state.countries.see(row[COUNTRY], time, OTHERS_CAP)
    if time >= newest - KEEP:
        priced = row[CURRENCY] and row[CURRENCY] == state.currency
        state.overflow.add(time // MINUTE, row[AMOUNT] if priced else None)
    elif state.overflow.starts:
        state.overflow = Buckets()


def _fold_overdraft(state: ClientState, event: Overdraft, facts: Facts) -> Outcome:
    kind = OVERDRAWN if event.overdrawn else CLEARED
    minor, currency = (event.balance.minor, event.balance.currency) if event.balance else (None, None)
    return _fold_money(state, event, (0, code(currency), kind, facts.account, balance(minor)))


def _fold_money(state: ClientState, event: Transaction | Overdraft, rest: tuple[Any, ...]) -> Outcome:
    row = (microseconds(event.occurred_at), identity(event.event_id), *rest)
    outcome, gone = insert(state.money, MONEY, row)
    for each in gone:
        if each[MONEY_KIND] == SALARY:
            state.salaries = [*state.salaries, (each[TIME], each[AMOUNT], each[CURRENCY])][-2:]
        elif each[MONEY_KIND] in (OVERDRAWN, CLEARED):
            state.overdrawn = (state.overdrawn or each[TIME]) if each[MONEY_KIND] == OVERDRAWN else 0
    return outcome


def _fold_reversal(state: ClientState, event: Transaction) -> Outcome:
    """Take back what `event` names, from whichever tail it is in, and remember that in both."""
    if event.reverses is None:
        return Outcome.IGNORED
    at = microseconds(event.reverses_at) if event.reverses_at else None
    arguments = (identity(event.reverses), at, microseconds(event.occurred_at))
    outcomes = {reverse(state.spent, SPENT, *arguments), reverse(state.money, MONEY, *arguments)}
    return next(outcome for outcome in _REVERSED if outcome in outcomes)


def _fold_snapshot(state: ClientState, event: ClientSnapshot) -> Outcome:
    opened = microseconds(event.account_opened) if event.account_opened else None
    time, id_ = microseconds(event.occurred_at), identity(event.event_id)
    profile = Profile(time, id_, event.time_zone, event.country, opened, event.language)
    if any(each.id == profile.id for each in state.profiles):
        return Outcome.DUPLICATE
    kept = sorted([*state.profiles, profile])[-PROFILES_CAP:]
    state.profiles = kept
    return Outcome.FOLDED if profile in kept else Outcome.TOO_OLD
