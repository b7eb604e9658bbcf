"""The features recomputed naively from a whole clean history: slow, plain, and sharing no code with the states."""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.events.events import AdviceGiven, ClientSnapshot, Event, FraudLabel, Kind, Overdraft, Transaction, order
from tests.support.event_streams import TOKENS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WINDOWS = {"1h": (HOUR, MINUTE), "24h": (DAY, HOUR), "7d": (7 * DAY, 6 * HOUR), "30d": (30 * DAY, DAY)}
MONEY = {
    *(f"client.{name}" for name in ("sum_1h", "sum_24h", "sum_7d", "sum_30d", "max_30d", "mean_30d", "amount_to_mean")),
    *("client.amount_to_max", "client.amount_zscore", "client.cash_sum_24h", "card.sum_24h"),
}


def floor(at: datetime, width: timedelta) -> datetime:
    return at - (at - EPOCH) % width


def start(window: str, at: datetime) -> datetime:
    """The first instant of the window at `at`: its last bucket is the one that `at` lies in."""
    span, width = WINDOWS[window]
    return floor(at, width) - span + width


class History:
    """Every event once; `question` below is a body of the operation `transaction`."""

    def __init__(self, happened: Iterable[Event]) -> None:
        events = set(happened)
        self.attempts = [event for event in events if isinstance(event, AdviceGiven)]
        self.events = sorted((event for event in events if not isinstance(event, AdviceGiven)), key=order)
        transactions = [event for event in self.events if isinstance(event, Transaction)]
        self.reversals = [event for event in transactions if event.kind is Kind.REVERSAL]
        reversed_ids = {event.reverses for event in self.reversals}
        self.kept = [event for event in transactions if event.event_id not in reversed_ids]
        self.gross = [event for event in transactions if _spends(event)]
        self.spent = [event for event in self.kept if _spends(event)]

    def values(self, question: Mapping[str, Any], at: datetime) -> dict[str, object]:
        """What is known, by feature; what is missing is absent or `None`."""
        context = question["context"]
        client = self._client(question, at)
        device = self._device(context["device_id"], at) if "device_id" in context else {}
        merchant = self._merchant(question, at) if "merchant" in context else {}
        return {**client, **device, **merchant}

    def _client(self, question: Mapping[str, Any], at: datetime) -> dict[str, object]:
        context = question["context"]
        spent = [event for event in self.spent if event.client == context["client_id"] and event.occurred_at < at]
        snapshots = [
            event
            for event in self.events
            if isinstance(event, ClientSnapshot) and event.client == context["client_id"] and event.occurred_at < at
        ]
        snapshot = snapshots[-1] if snapshots else None
        values: dict[str, object] = {"client.known": bool(spent)}
        values |= _spending(spent, question, at)
        values |= _variety(spent, context, at)
        values |= _profile(snapshot, context, at)
        values |= _habits(spent, question, at)
        values |= self._account(spent, question, at)
        values |= self._attempts(TOKENS.client(context["client_id"]), at)
        home = next((event.amount.currency for event in spent if event.amount), None)
        if home and question["posting"]["amount"]["currency"] != home:
            values = {name: value for name, value in values.items() if name not in MONEY}
        return values

    def _account(self, spent: Sequence[Transaction], question: Mapping[str, Any], at: datetime) -> dict[str, object]:
        client, posting = question["context"]["client_id"], question["posting"]
        minor, currency = posting["amount"]["minor"], posting["amount"]["currency"]
        overdrafts = [event for event in self.events if isinstance(event, Overdraft)]
        both: list[Transaction | Overdraft] = [*self.kept, *overdrafts]
        mine = [event for event in both if event.client == client and event.occurred_at < at]
        mine.sort(key=order)
        recent = [event for event in mine if event.occurred_at >= start("30d", at)]
        amounts = [_balance(event) for event in recent if event.account == posting["account_id"]]
        balances = [amount[0] for amount in amounts if amount is not None and amount[1] == currency]
        balance = balances[-1] if balances else None
        values: dict[str, object] = {}
        if balance is not None:
            values["client.balance_after"] = balance - minor if posting["direction"] == "debit" else balance + minor
        overdrafts = [event for event in mine if isinstance(event, Overdraft)]
        values["client.overdrawn"] = overdrafts[-1].overdrawn if overdrafts else (balance or 0) < 0
        below, since = timedelta(), None
        for event in overdrafts:
            if event.overdrawn:
                since = since or event.occurred_at
            elif since:
                below, since = below + max(event.occurred_at - max(since, start("30d", at)), timedelta()), None
        below += at - max(since, start("30d", at)) if since else timedelta()
        values["client.overdraft_days_30d"] = min(math.ceil(below / DAY), 31)
        salaries = [event for event in mine if isinstance(event, Transaction) and event.kind is Kind.SALARY]
        if salaries:
            last = salaries[-1]
            values["client.salary_age_days"] = (at - last.occurred_at) // DAY
            if last.amount and last.amount.minor and last.amount.currency == currency:
                values["client.amount_to_salary"] = min(minor / last.amount.minor, 1e6)
        if len(salaries) > 1:
            values["client.salary_period_days"] = (salaries[-1].occurred_at - salaries[-2].occurred_at) // DAY
        return values

    def _attempts(self, token: str, at: datetime) -> dict[str, object]:
        mine = [attempt for attempt in self.attempts if attempt.client == token and attempt.occurred_at < at]
        in_day = [attempt for attempt in mine if attempt.occurred_at >= start("24h", at)]
        return {
            "client.attempts_1h": sum(attempt.occurred_at >= start("1h", at) for attempt in mine),
            "client.attempts_24h": len(in_day),
            "client.rejected_24h": sum(attempt.rejected for attempt in in_day),
        }

    def _device(self, device: str, at: datetime) -> dict[str, object]:
        used = [event for event in self.spent if event.device == device and event.occurred_at < at]
        labels = [event for event in self.events if isinstance(event, FraudLabel) and event.device == device]
        recent = [event for event in used[-128:] if event.occurred_at >= start("30d", at)]
        confirmed = {label.labels for label in labels if start("30d", at) <= label.occurred_at < at}
        values: dict[str, object] = {
            "device.known": bool(used),
            "device.clients_30d": len({event.client for event in recent}),
            "device.fraud_30d": len(confirmed),
            **{f"device.count_{w}": sum(event.occurred_at >= start(w, at) for event in used) for w in ("1h", "24h")},
        }
        if used:
            values["device.age_days"] = (at - used[0].occurred_at) // DAY
        return values

    def _merchant(self, question: Mapping[str, Any], at: datetime) -> dict[str, object]:
        merchant, amount = question["context"]["merchant"]["id"], question["posting"]["amount"]
        end = floor(at, MINUTE)
        first = [event for event in self.gross if event.merchant == merchant and event.occurred_at < end]
        if not first:
            return {"merchant.known": False, **{f"merchant.count_{w}": 0 for w in ("1h", "24h", "30d")}}
        spent = [event for event in self.spent if event.merchant == merchant and event.occurred_at < end]
        counts = {w: [event for event in spent if event.occurred_at >= start(w, at)] for w in ("1h", "24h", "30d")}
        values: dict[str, object] = {"merchant.known": True, "merchant.age_days": (at - first[0].occurred_at) // DAY}
        values |= {f"merchant.count_{w}": len(inside) for w, inside in counts.items()}
        priced = [event.amount for event in counts["30d"] if event.amount]
        if priced and priced[0].currency == amount["currency"]:
            mean = sum(money.minor for money in priced) / len(priced)
            values["merchant.mean_30d"] = mean
            if mean:
                values["merchant.amount_to_mean"] = min(amount["minor"] / mean, 1e6)
        today = floor(at, DAY)
        old = [event for event in spent if today - 37 * DAY <= event.occurred_at < today - 7 * DAY]
        labels = [event for event in self.events if isinstance(event, FraudLabel) and event.merchant == merchant]
        once = {label.labels: label for label in reversed(labels)}
        confirmed = [max(label.occurred_at, label.transaction_at + 7 * DAY) for label in once.values()]
        if old:
            values["merchant.fraud_rate_30d"] = min(
                sum(today - 30 * DAY <= day < today for day in confirmed) / len(old), 1
            )
        return values


def _spends(event: Transaction) -> bool:
    return event.kind in (Kind.PURCHASE, Kind.TRANSFER, Kind.CASH) and event.direction == "debit"


def _balance(event: Transaction | Overdraft) -> tuple[int, str] | None:
    if isinstance(event, Overdraft):
        return (event.balance.minor, event.balance.currency) if event.balance else None
    if event.balance_after is None or event.amount is None:
        return None
    return event.balance_after, event.amount.currency


def _spending(spent: Sequence[Transaction], question: Mapping[str, Any], at: datetime) -> dict[str, object]:
    minor, context = question["posting"]["amount"]["minor"], question["context"]
    home = next((event.amount.currency for event in spent if event.amount), None)

    def amounts(events: Iterable[Transaction]) -> list[int]:
        return [event.amount.minor for event in events if event.amount and event.amount.currency == home]

    inside = {window: [event for event in spent if event.occurred_at >= start(window, at)] for window in WINDOWS}
    values: dict[str, object] = {f"client.count_{window}": len(events) for window, events in inside.items()}
    values |= {f"client.sum_{window}": sum(amounts(events)) for window, events in inside.items()}
    values["client.cash_sum_24h"] = sum(amounts(event for event in inside["24h"] if event.kind is Kind.CASH))
    month = amounts(inside["30d"])
    recent = amounts(event for event in spent[-256:] if event.occurred_at >= start("30d", at))
    if month:
        mean = sum(month) / len(month)
        values |= {"client.max_30d": max(recent), "client.mean_30d": mean}
        if mean:
            values["client.amount_to_mean"] = min(minor / mean, 1e6)
            values["client.amount_to_max"] = min(minor / max(recent), 1e6)
    if len(recent) >= 3 and max(recent):
        middle = sum(recent) / len(recent)
        deviation = max(statistics.pstdev(recent), middle * 0.01)
        values["client.amount_zscore"] = min(max((minor - middle) / deviation, -1e6), 1e6)
    if "card_id" in context:
        mine = [event for event in spent if event.card == context["card_id"]]
        in_day = [event for event in mine if event.occurred_at >= start("24h", at)]
        values["card.count_1h"] = sum(event.occurred_at >= start("1h", at) for event in mine)
        values["card.count_24h"], values["card.sum_24h"] = len(in_day), sum(amounts(in_day))
        if mine:
            values["card.age_days"] = (at - mine[0].occurred_at) // DAY
    return values


def _variety(spent: Sequence[Transaction], context: Mapping[str, Any], at: datetime) -> dict[str, object]:
    def distinct(part: str, window: str) -> set[str]:
        recent = [event for event in spent[-256:] if event.occurred_at >= start(window, at)]
        return {getattr(event, part) for event in recent} - {None}

    def ever(part: str) -> set[str]:
        return {getattr(event, part) for event in spent} - {None}

    values: dict[str, object] = {
        **{f"client.merchants_{window}": len(distinct("merchant", window)) for window in ("24h", "30d")},
        **{f"client.countries_{window}": len(distinct("country", window)) for window in ("24h", "7d", "30d")},
        "client.devices_30d": len(distinct("device", "30d")),
    }
    if "place" in context and ever("country"):
        values["client.new_country"] = context["place"]["country"] not in ever("country")
    if "device_id" in context and ever("device"):
        values["client.new_device"] = context["device_id"] not in ever("device")
    if "merchant" in context:
        merchant = context["merchant"]["id"]
        values["client.new_merchant"] = merchant not in distinct("merchant", "30d")
        in_hour = [event for event in spent if event.occurred_at >= start("1h", at)]
        values["client.same_merchant_count_1h"] = sum(event.merchant == merchant for event in in_hour)
    return values


def _profile(snapshot: ClientSnapshot | None, context: Mapping[str, Any], at: datetime) -> dict[str, object]:
    values: dict[str, object] = {}
    if snapshot is None:
        return values
    if snapshot.account_opened:
        values["client.account_age_days"] = max((at - snapshot.account_opened) // DAY, 0)
    if snapshot.time_zone:
        local = at.astimezone(ZoneInfo(snapshot.time_zone))
        values |= {"client.local_hour": local.hour, "client.is_weekend": local.strftime("%a") in ("Sat", "Sun")}
    if snapshot.country:
        values["client.home_country"] = snapshot.country
        if "place" in context:
            values["client.abroad"] = context["place"]["country"] != snapshot.country
    return values


def _habits(spent: Sequence[Transaction], question: Mapping[str, Any], at: datetime) -> dict[str, object]:
    context, values = question["context"], dict[str, object]()
    hours = [event.occurred_at.hour for event in spent if event.occurred_at >= start("30d", at)][-256:]
    if hours:
        near = sum(min((hour - at.hour) % 24, (at.hour - hour) % 24) <= 2 for hour in hours)
        values["client.usual_hour"] = near / len(hours)
    if spent:
        values["client.minutes_since_last"] = (at - spent[-1].occurred_at) // MINUTE
    located = [event for event in spent if event.latitude is not None and event.channel in ("card_present", "atm")]
    located = [event for event in located if event.occurred_at >= start("30d", at)]
    here = context.get("place", {})
    if located and "latitude" in here and context["channel"] in ("card_present", "atm"):
        last = located[-1]
        assert last.latitude is not None
        assert last.longitude is not None
        km = _kilometres(last.latitude, last.longitude, here["latitude"], here["longitude"])
        values["client.km_from_last"] = km
        values["client.speed_kmh"] = min(km / max((at - last.occurred_at) / HOUR, 1 / 60), 1e6)
    firsts: dict[str, datetime] = {}
    for event in spent:
        if event.payee:
            firsts.setdefault(event.payee, event.occurred_at)
    values["client.new_payees_24h"] = sum(first >= start("24h", at) for first in firsts.values())
    if "payee" in context:
        first = firsts.get(context["payee"]["account"])
        values["client.payee_known"] = first is not None
        if first is not None:
            values["client.payee_age_days"] = (at - first) // DAY
    return values


def _kilometres(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """By the spherical law of cosines, of places rounded to a hundredth of a degree."""
    begin, end = math.radians(round(latitude, 2)), math.radians(round(to_latitude, 2))
    cosine = math.sin(begin) * math.sin(end) + math.cos(begin) * math.cos(end) * math.cos(
        math.radians(round(longitude, 2) - round(to_longitude, 2))
    )
    return 6371.0088 * math.acos(max(-1.0, min(1.0, cosine)))
