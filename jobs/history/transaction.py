"""What a bank knows of one transaction, and what was found out about it later; whatever a source lacks is `None`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.money import Money

Channel = Literal["card_present", "ecommerce", "atm", "mobile_app", "web", "branch", "standing_order"]
Direction = Literal["debit", "credit"]

CARD_CHANNELS = frozenset(("card_present", "ecommerce", "atm"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person who acts is. `country` is ISO 3166-1 alpha-2; degrees are WGS 84."""

    country: str
    city: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Shop:
    """The merchant of a transaction. `category` is an ISO 18245 code."""

    id: str
    name: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Payee:
    """Whom a transfer goes to, or whom it comes from."""

    account: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction as its source tells it. `at` is aware UTC; `direction` is seen from the client's account.

    `fraud` and `scenario` (the kind of fraud) are the truth that is known only later: no question ever carries them.
    """

    id: str
    at: datetime
    client: str
    account: str
    amount: Money
    channel: Channel
    direction: Direction = "debit"
    card: str | None = None
    device: str | None = None
    shop: Shop | None = None
    location: Place | None = None
    payee: Payee | None = None
    details: str | None = None
    fraud: bool = False
    scenario: str | None = None
