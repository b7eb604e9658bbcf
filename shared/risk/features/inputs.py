"""What the features need to know of a question or of an event, every id replaced by what documents hold of it."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from shared.events.events import AdviceGiven, Direction, Event, FraudLabel, Overdraft, Transaction
from shared.privacy import Pseudonymiser

MAX_AMOUNT = 10**12
"""Minor units; a larger amount is taken as this one, so that sums of it stay within their declared range."""

CARD_PRESENT = frozenset({"card_present", "atm"})
"""The channels where the client's card was at the place of the payment."""


class FeatureInputs(NamedTuple):
    """Every part is optional: an operation that has no merchant has no features of a merchant.

    `client`, `card` and `device` are tokens; `merchant` is a digest, for a merchant is no person; `account` and `payee`
    are short references that mean something within one client's state only. `amount` is in minor units of `currency`.
    `latitude` and `longitude` are degrees, both given or none.
    """

    client: str | None = None
    card: str | None = None
    device: str | None = None
    merchant: str | None = None
    account: int = 0
    payee: int = 0
    amount: int | None = None
    currency: str | None = None
    debit: bool = True
    category: str | None = None
    channel: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None


_NOTHING: Mapping[str, Any] = {}


def of_question(question: Mapping[str, Any], tokens: Pseudonymiser) -> FeatureInputs:
    """The facts of a question: whatever of `context`, `posting` and `change` its operation has, in the shapes known."""
    context, posting = _part(question, "context"), _part(question, "posting")
    amount = _part(posting, "amount")
    merchant, location = _part(context, "merchant"), _part(context, "place")
    payee = _part(context, "payee") or _part(_part(question, "change"), "payee")
    client = _token(tokens, "client", _text(context, "client_id"))
    minor = amount.get("minor")
    latitude, longitude = location.get("latitude"), location.get("longitude")
    placed = isinstance(latitude, int | float) and isinstance(longitude, int | float)
    return FeatureInputs(
        client,
        _token(tokens, "card", _text(context, "card_id")),
        _token(tokens, "device", _text(context, "device_id")),
        _digest(_text(merchant, "id")),
        _reference(client, _text(posting, "account_id")),
        _reference(client, _text(payee, "account")),
        minor if isinstance(minor, int) else None,
        _text(amount, "currency"),
        posting.get("direction") != "credit",
        _text(merchant, "category"),
        _text(context, "channel"),
        _text(location, "country"),
        latitude if placed else None,
        longitude if placed else None,
    )


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under `name`; an operation may have something else there, which then tells nothing."""
    part = whole.get(name)
    return part if isinstance(part, dict) else _NOTHING


def _text(part: Mapping[str, Any], name: str) -> str | None:
    text = part.get(name)
    return text if isinstance(text, str) else None


def of_event(event: Event, tokens: Pseudonymiser) -> FeatureInputs:
    """The facts of an event that happened."""
    if isinstance(event, AdviceGiven):
        return FeatureInputs(event.client)
    client = tokens.client(event.client)
    if isinstance(event, Transaction):
        return _of_transaction(event, client, tokens)
    if isinstance(event, Overdraft):
        return FeatureInputs(client, account=_reference(client, event.account))
    if isinstance(event, FraudLabel):
        return FeatureInputs(client, device=_token(tokens, "device", event.device), merchant=_digest(event.merchant))
    return FeatureInputs(client)


def _of_transaction(event: Transaction, client: str, tokens: Pseudonymiser) -> FeatureInputs:
    amount = event.amount
    return FeatureInputs(
        client,
        _token(tokens, "card", event.card),
        _token(tokens, "device", event.device),
        _digest(event.merchant),
        _reference(client, event.account),
        _reference(client, event.payee),
        amount.minor if amount else None,
        amount.currency if amount else None,
        event.direction is Direction.DEBIT,
        event.category,
        event.channel,
        event.country,
        event.latitude,
        event.longitude,
    )


def _token(tokens: Pseudonymiser, kind: str, value: str | None) -> str | None:
    return tokens.token(kind, value) if value else None


@lru_cache(8192)  # merchants come again and again, and are no persons: their ids may stay
def _digest(merchant: str | None) -> str | None:
    return hashlib.blake2b(merchant.encode(), digest_size=16).hexdigest() if merchant else None


def _reference(client: str | None, account: str | None) -> int:
    """32 bits of `account` under the client's token: too few to tell whose account it is, and never zero."""
    if not account:
        return 0
    digest = hashlib.blake2b(account.encode(), digest_size=4, key=(client or "").encode()).digest()
    return int.from_bytes(digest, "little") or 1
