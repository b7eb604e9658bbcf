"""What happened, in the one form that all code here reads: a bank's own record is mapped to these before anything else.

An event's order is (occurred_at, event_id). Absent parts are `None`. Ids are the bank's, in clear: whatever stores
something keyed by them replaces them by tokens first.
"""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from shared.money import Money


class Kind(StrEnum):
    """What a transaction was."""

    PURCHASE = "purchase"
    TRANSFER = "transfer"
    CASH = "cash"
    SALARY = "salary"
    FEE = "fee"
    REVERSAL = "reversal"
    """Takes back the whole of the event that it names; a partial refund is a credit of its own."""

    DISPUTE = "dispute"
    """The client contests the event that it names; nothing is taken back yet."""

    OTHER = "other"
    """None of these, or one that this code does not know yet: an interest, a correction."""


class Direction(StrEnum):
    """Seen from the client's account."""

    DEBIT = "debit"
    CREDIT = "credit"


class Action(StrEnum):
    """What a client did at the bank that moved no money."""

    PROFILE_EDITED = "profile_edited"
    CONTACTS_UPDATED = "contacts_updated"
    PHONE_SYNCHRONISED = "phone_synchronised"
    DEVICE_ADDED = "device_added"
    LOGIN = "login"
    OTHER = "other"
    """None of these, or one that this code does not know yet."""


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """Money that moved, or moves back.

    `occurred_at` is aware UTC; `amount` is not negative; `balance_after` is in minor units of `amount`'s currency;
    `category` is a merchant category code (ISO 18245), `country` ISO 3166-1 alpha-2, a place in degrees (WGS 84).
    A reversal or a dispute names in `reverses` the event it is about, and repeats of that event what it can: its time
    in `reverses_at`, and its amount, merchant, card and device.
    """

    event_id: str
    client: str
    kind: Kind
    occurred_at: datetime
    amount: Money | None = None
    direction: Direction = Direction.DEBIT
    account: str | None = None
    card: str | None = None
    device: str | None = None
    channel: str | None = None
    merchant: str | None = None
    category: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    payee: str | None = None
    balance_after: int | None = None
    reverses: str | None = None
    reverses_at: datetime | None = None


class ClientSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What the bank knows of a client as of `occurred_at`.

    `time_zone` is an IANA name, `language` BCP 47, `country` that of residence, `account_opened` the first account's.
    The card of `card_type` is valid from one day to another, both included.
    """

    event_id: str
    client: str
    occurred_at: datetime
    time_zone: str | None = None
    language: str | None = None
    country: str | None = None
    segment: str | None = None
    card_type: str | None = None
    card_valid_from: date | None = None
    card_valid_until: date | None = None
    birth_year: int | None = None
    account_opened: datetime | None = None


class Overdraft(msgspec.Struct, frozen=True, kw_only=True):
    """A client's account went below zero (`overdrawn`), or came back above it; `balance` is that after the change."""

    event_id: str
    client: str
    occurred_at: datetime
    overdrawn: bool
    account: str | None = None
    balance: Money | None = None


class FraudLabel(msgspec.Struct, frozen=True, kw_only=True):
    """The transaction `labels`, made at `transaction_at`, was confirmed as fraud at `occurred_at`, often days later."""

    event_id: str
    client: str
    occurred_at: datetime
    labels: str
    transaction_at: datetime
    device: str | None = None
    merchant: str | None = None


class BankAction(msgspec.Struct, frozen=True, kw_only=True):
    """The client did `action`; `part` names what of the profile was edited (`phone`, `address`), never its content."""

    event_id: str
    client: str
    occurred_at: datetime
    action: Action
    device: str | None = None
    channel: str | None = None
    part: str | None = None


class AdviceGiven(msgspec.Struct, frozen=True, kw_only=True):
    """A question about a client that was answered, whether or not money moved then.

    `client` is the client's token already, for the log names nobody; `occurred_at` is the time decided for, aware UTC.
    """

    event_id: str
    client: str
    occurred_at: datetime
    rejected: bool


BankEvent = Transaction | ClientSnapshot | Overdraft | FraudLabel | BankAction
"""What the bank tells of, as Avro: a topic each in `shared.events.avro.event_codecs`."""

Event = BankEvent | AdviceGiven


def order(event: Event) -> tuple[datetime, str]:
    """The place of `event` among all events."""
    return event.occurred_at, event.event_id


def reversal(original: Transaction, event_id: str, occurred_at: datetime) -> Transaction:
    """The event that takes back `original`."""
    return Transaction(
        event_id=event_id,
        client=original.client,
        kind=Kind.REVERSAL,
        occurred_at=occurred_at,
        amount=original.amount,
        direction=Direction.CREDIT if original.direction is Direction.DEBIT else Direction.DEBIT,
        account=original.account,
        card=original.card,
        device=original.device,
        channel=original.channel,
        merchant=original.merchant,
        category=original.category,
        reverses=original.event_id,
        reverses_at=original.occurred_at,
    )
