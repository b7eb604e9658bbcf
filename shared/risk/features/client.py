"""The state of a client: recent spendings, other recent movements of money, and what is remembered from before them."""

from typing import Any

import msgspec

from shared.clients import profile
from shared.clients.profile import ProfileEntry
from shared.events.events import AdviceGiven, ClientSnapshot, Event, Kind, Overdraft, Transaction
from shared.ids import event_digest
from shared.privacy import DataClass
from shared.risk.features.buckets import EventBuckets
from shared.risk.features.inputs import FeatureInputs
from shared.risk.features.keys import CLIENTS, FORMAT
from shared.risk.features.packing import amount, balance, code, hour, pack_place, ref
from shared.risk.features.windows import RETENTION
from shared.storage.codec import msgpack_codec
from shared.storage.collection import ByKey, Collection
from shared.times import MINUTE, microseconds
from shared.windowing.columns import Layout
from shared.windowing.first_seen import FirstSeen
from shared.windowing.outcome import Outcome
from shared.windowing.recent_events import RecentEvents, Row

MAX_BYTES = 40_000
"""No client's state is larger, whatever the client does."""

SPENDINGS_CAP = 256
SPENDING_COLUMNS = Layout("q", "Q", "q", "H", "B", "B", "I", "I", "I", "I", "I", "H", "4s", "q")
TIME, ID, AMOUNT, CURRENCY, KIND, HOUR, ACCOUNT, CARD, DEVICE, MERCHANT, PAYEE, COUNTRY, PLACE, BALANCE = range(14)
"""The columns of spendings. HOUR is that of the day in UTC; PLACE and BALANCE may say that they are not known."""

BALANCE_COLUMNS = Layout("q", "Q", "q", "H", "B", "I", "q")
MONEY_KIND, MONEY_ACCOUNT, MONEY_BALANCE = 4, 5, 6
"""The columns of other money; the first four are those of spendings."""

ATTEMPT_COLUMNS = Layout("q", "Q", "B")
REJECTED = 2
"""The column of attempts that says 1 for one that was rejected."""

PAYEES_CAP, OTHERS_CAP = 128, 32

PURCHASE, TRANSFER, CASH, SALARY, OTHER, OVERDRAWN, CLEARED = range(1, 8)
SPENDING = {Kind.PURCHASE: PURCHASE, Kind.TRANSFER: TRANSFER, Kind.CASH: CASH}


class RecentSpendings(RecentEvents):
    """What the client spent, by `SPENDING_COLUMNS`."""

    layout, cap, retention = SPENDING_COLUMNS, SPENDINGS_CAP, RETENTION


class RecentBalances(RecentEvents):
    """Other movements of money that tell a balance, salaries and overdrafts, by `BALANCE_COLUMNS`."""

    layout, cap, retention = BALANCE_COLUMNS, 128, RETENTION


class RecentAttempts(RecentEvents):
    """Answers given about the client, by `ATTEMPT_COLUMNS`."""

    layout, cap, retention = ATTEMPT_COLUMNS, 128, RETENTION


class ClientState(msgspec.Struct, array_like=True, tag_field="format", tag=FORMAT):
    """Recent events and the latest snapshots follow from the set of events, in whichever order they came.

    The rest tells of what was evicted from recent events, and is folded in order: `since` (the first spending) and
    `currency` (that of the first amount), `salaries` (time, amount, currency of two), `overdrawn` (since when, or 0).
    """

    spent: RecentSpendings
    money: RecentBalances
    profiles: list[ProfileEntry] = []
    since: int = 0
    currency: int = 0
    overflow: EventBuckets = msgspec.field(default_factory=EventBuckets)
    payees: FirstSeen = msgspec.field(default_factory=FirstSeen)
    cards: FirstSeen = msgspec.field(default_factory=FirstSeen)
    devices: FirstSeen = msgspec.field(default_factory=FirstSeen)
    countries: FirstSeen = msgspec.field(default_factory=FirstSeen)
    salaries: list[tuple[int, int, int]] = []
    overdrawn: int = 0
    attempts: RecentAttempts = msgspec.field(default_factory=RecentAttempts.empty)


_REVERSED = (Outcome.FOLDED, Outcome.TOO_OLD, Outcome.DUPLICATE, Outcome.WAITING)
"""Of what a reversal met in the two lists of events, the one that tells most."""

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
    return ClientState(RecentSpendings.empty(), RecentBalances.empty())


def fold(state: ClientState, event: Event, facts: FeatureInputs) -> Outcome:
    """Fold one event of this client into `state`, in place."""
    if isinstance(event, Transaction):
        return _fold_transaction(state, event, facts)
    if isinstance(event, AdviceGiven):
        row = (microseconds(event.occurred_at), event_digest(event.event_id), int(event.rejected))
        return state.attempts.insert(row)[0]
    if isinstance(event, ClientSnapshot):
        outcome, state.profiles = profile.insert(state.profiles, profile.entry_of(event))
        return outcome
    if isinstance(event, Overdraft):
        return _fold_overdraft(state, event, facts)
    return Outcome.IGNORED


def _fold_transaction(state: ClientState, event: Transaction, facts: FeatureInputs) -> Outcome:
    if event.kind is Kind.REVERSAL:
        return _fold_reversal(state, event)
    if event.kind in SPENDING and facts.debit:
        return _fold_spending(state, event, facts)
    if event.kind is Kind.SALARY or event.balance_after is not None:
        kind = SALARY if event.kind is Kind.SALARY else OTHER
        row = (amount(facts.amount), code(facts.currency), kind, facts.account, balance(event.balance_after))
        return _fold_money(state, event, row)
    return Outcome.IGNORED


def _fold_spending(state: ClientState, event: Transaction, facts: FeatureInputs) -> Outcome:
    time = microseconds(event.occurred_at)
    row = (
        time,
        event_digest(event.event_id),
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
        pack_place(facts),
        balance(event.balance_after),
    )
    outcome, evicted = state.spent.insert(row)
    for spending in evicted:
        _aggregate_evicted(state, spending, state.spent.newest())
    return outcome


def _aggregate_evicted(state: ClientState, row: Row, newest: int) -> None:
    """Fold a spending that is evicted into what is remembered from before the recent ones."""
    time = row[TIME]
    state.since = state.since or time
    state.currency = state.currency or row[CURRENCY]
    state.payees.record(row[PAYEE], time, PAYEES_CAP)
    state.cards.record(row[CARD], time, OTHERS_CAP)
    state.devices.record(row[DEVICE], time, OTHERS_CAP)
    state.countries.record(row[COUNTRY], time, OTHERS_CAP)
    if time >= newest - RETENTION:
        priced = row[CURRENCY] and row[CURRENCY] == state.currency
        state.overflow.add_event(time // MINUTE, row[AMOUNT] if priced else None)
    elif state.overflow.starts:
        state.overflow = EventBuckets()


def _fold_overdraft(state: ClientState, event: Overdraft, facts: FeatureInputs) -> Outcome:
    kind = OVERDRAWN if event.overdrawn else CLEARED
    minor, currency = (event.balance.minor, event.balance.currency) if event.balance else (None, None)
    return _fold_money(state, event, (0, code(currency), kind, facts.account, balance(minor)))


def _fold_money(state: ClientState, event: Transaction | Overdraft, rest: tuple[Any, ...]) -> Outcome:
    row = (microseconds(event.occurred_at), event_digest(event.event_id), *rest)
    outcome, evicted = state.money.insert(row)
    for old in evicted:
        if old[MONEY_KIND] == SALARY:
            state.salaries = [*state.salaries, (old[TIME], old[AMOUNT], old[CURRENCY])][-2:]
        elif old[MONEY_KIND] in (OVERDRAWN, CLEARED):
            state.overdrawn = (state.overdrawn or old[TIME]) if old[MONEY_KIND] == OVERDRAWN else 0
    return outcome


def _fold_reversal(state: ClientState, event: Transaction) -> Outcome:
    """Take back what `event` names, a spending or another movement of money, and remember that for both."""
    if event.reverses is None:
        return Outcome.IGNORED
    at = microseconds(event.reverses_at) if event.reverses_at else None
    arguments = (event_digest(event.reverses), at, microseconds(event.occurred_at))
    outcomes = {state.spent.reverse(*arguments), state.money.reverse(*arguments)}
    return next(outcome for outcome in _REVERSED if outcome in outcomes)
