"""Events of every kind, and values of any schema, by chance."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from shared.events.avro.event_codecs import Channel
from shared.events.avro.fields import MAX_MINOR
from shared.events.avro.schema import Schema, kind
from shared.events.events import (
    Action,
    BankAction,
    ClientSnapshot,
    Direction,
    Event,
    FraudLabel,
    Kind,
    Overdraft,
    Transaction,
)
from shared.money import Money
from shared.times import EPOCH

ids = st.text(min_size=1, max_size=128) | st.uuids().map(str)
LAST = timedelta(days=47_482, microseconds=-1)
earlier = st.timedeltas(timedelta(days=-25_567), LAST).map(lambda since: EPOCH + since)
times = st.timedeltas(timedelta(days=3_652), LAST).map(lambda since: EPOCH + since)
days = st.dates(date(1900, 1, 1), date(2099, 12, 31))
countries = st.from_regex("[A-Z]{2}", fullmatch=True)
currencies = st.from_regex("[A-Z]{3}", fullmatch=True)
channels = st.sampled_from([str(channel) for channel in Channel])


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def _common() -> dict[str, st.SearchStrategy[Any]]:
    return {"event_id": ids, "client": ids, "occurred_at": times}


def _with_location(event: Transaction, location: tuple[float, float] | None) -> Transaction:
    return event if location is None else replace(event, latitude=location[0], longitude=location[1])


_ABOUT_ANOTHER = (Kind.REVERSAL, Kind.DISPUTE)
_KINDS = [kind for kind in Kind if kind not in _ABOUT_ANOTHER]
_TRANSACTION = {
    "direction": st.sampled_from(Direction),
    "amount": _maybe(st.builds(Money, st.integers(0, MAX_MINOR), currencies)),
    **dict.fromkeys(("account", "card", "device", "merchant", "payee"), _maybe(ids)),
    "channel": _maybe(channels),
    "category": _maybe(st.from_regex("[0-9]{4}", fullmatch=True)),
    "country": _maybe(countries),
    "balance_after": _maybe(st.integers(-MAX_MINOR, MAX_MINOR)),
    "reverses_at": _maybe(times),
}

transactions: st.SearchStrategy[Transaction] = st.builds(
    _with_location,
    st.builds(Transaction, **_common(), **_TRANSACTION, kind=st.sampled_from(_KINDS), reverses=_maybe(ids))
    | st.builds(
        Transaction, **_common(), **_TRANSACTION, kind=st.sampled_from([Kind.REVERSAL, Kind.DISPUTE]), reverses=ids
    ),
    _maybe(st.tuples(st.floats(-90, 90), st.floats(-180, 180))),
)

snapshots: st.SearchStrategy[ClientSnapshot] = st.builds(
    ClientSnapshot,
    **_common(),
    **dict.fromkeys(("time_zone", "language", "segment", "card_type"), _maybe(ids)),
    country=_maybe(countries),
    card_valid_from=_maybe(days),
    card_valid_until=_maybe(days),
    birth_year=_maybe(st.integers(1880, 2100)),
    account_opened=_maybe(earlier),
)

overdrafts: st.SearchStrategy[Overdraft] = st.builds(
    Overdraft,
    **_common(),
    overdrawn=st.booleans(),
    account=_maybe(ids),
    balance=_maybe(st.builds(Money, st.integers(-MAX_MINOR, MAX_MINOR), currencies)),
)

actions: st.SearchStrategy[BankAction] = st.builds(
    BankAction,
    **_common(),
    action=st.sampled_from(Action),
    device=_maybe(ids),
    channel=_maybe(channels),
    part=_maybe(ids),
)

labels: st.SearchStrategy[FraudLabel] = st.builds(
    FraudLabel, **_common(), labels=ids, transaction_at=times, device=_maybe(ids), merchant=_maybe(ids)
)

events: st.SearchStrategy[Event] = st.one_of(transactions, snapshots, overdrafts, actions, labels)

AT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
PURCHASE = Transaction(
    event_id="3f0e9c1a-7d52-4f0e-9c1a-7d524f0e9c1a",
    client="c-10023",
    kind=Kind.PURCHASE,
    occurred_at=AT,
    amount=Money(1234, "EUR"),
    account="BE71096123456769",
    card="k-1",
    device="d-1234",
    channel="card_present",
    merchant="m-77",
    category="5411",
    country="BE",
    latitude=50.85,
    longitude=4.35,
    balance_after=1234567,
)
EXAMPLES: dict[str, Event] = {
    "transactions": PURCHASE,
    "overdrafts": Overdraft(event_id="o", client="c", occurred_at=AT, overdrawn=True, balance=Money(-50, "EUR")),
    "client-snapshots": ClientSnapshot(event_id="s", client="c", occurred_at=AT, time_zone="Europe/Brussels"),
    "bank-actions": BankAction(event_id="b", client="c", occurred_at=AT, action=Action.DEVICE_ADDED, device="d"),
    "fraud-labels": FraudLabel(event_id="l", client="c", occurred_at=AT, labels="e", transaction_at=AT),
}
"""One event of each topic."""


def values(schema: Schema, part: Any = None) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one for each type
    """Values that may be written with `schema`, or a part of it."""
    part = schema.parsed if part is None else part
    part = schema.names.get(part, part) if isinstance(part, str) else part
    what = kind(part)
    if what == "record":
        return st.fixed_dictionaries({field["name"]: values(schema, field["type"]) for field in part["fields"]})
    if what == "union":
        return st.one_of([values(schema, branch) for branch in part])
    if what == "enum":
        return st.sampled_from(part["symbols"])
    if what == "array":
        return st.lists(values(schema, part["items"]), max_size=3)
    if what == "map":
        return st.dictionaries(st.text(max_size=5), values(schema, part["values"]), max_size=3)
    if what == "fixed":
        return st.binary(min_size=part["size"], max_size=part["size"])
    if isinstance(part, dict) and isinstance(part["type"], dict | list):
        return values(schema, part["type"])
    return _PRIMITIVES[what]


_PRIMITIVES: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(width=32, allow_nan=False),
    "double": st.floats(allow_nan=False),
    "bytes": st.binary(max_size=20),
    "string": st.text(max_size=20),
}
