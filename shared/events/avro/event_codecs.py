"""The codec of each kind of event: its required and optional fields, and the rules that hold between fields.

The field names are those of the topic's newest schema in `schemas/avro/`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from shared.errors import Invalid, Problem
from shared.events.avro.fields import (
    AMOUNT,
    BALANCE,
    CATEGORY,
    COUNTRY,
    DAY,
    EVENT_TIME,
    FLAG,
    ID,
    MINOR,
    TIME,
    Field,
    integer,
    number,
    word,
)
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


class Channel(StrEnum):
    """The channels through which a client acts; the same words as in the questions that banks ask."""

    OTHER = "other"
    CARD_PRESENT = "card_present"
    ECOMMERCE = "ecommerce"
    ATM = "atm"
    MOBILE_APP = "mobile_app"
    WEB = "web"
    BRANCH = "branch"
    STANDING_ORDER = "standing_order"


class EventCodec:
    """Reads and writes one kind of event; `required` and `optional` are its fields by name."""

    def __init__(self, event: type[Event], required: Mapping[str, Field], optional: Mapping[str, Field]) -> None:
        self.event = event
        self.required = required
        self.optional = optional
        self._required = [(name, field.read) for name, field in required.items()]
        self._optional = [(name, field.read) for name, field in optional.items()]

    def read(self, record: Mapping[str, Any]) -> Event:
        """The event in a decoded record. Raises `Invalid`, naming every field that is wrong and what was expected."""
        values = {}
        try:
            for name, read in self._required:
                values[name] = read(record[name])
            for name, read in self._optional:
                value = record[name]
                if value is not None:
                    values[name] = read(value)
        except (Invalid, TypeError, KeyError):
            raise Invalid(*self._problems(record)) from None
        event = self.event(**values)
        if type(event) is Transaction:
            _check_transaction(event)
        return event

    def write(self, event: Event) -> dict[str, Any]:
        """The record of an event, to be encoded. Raises `Invalid` for an event that `read` would refuse."""
        record: dict[str, Any] = {name: field.write(getattr(event, name)) for name, field in self.required.items()}
        for name, field in self.optional.items():
            value = getattr(event, name)
            record[name] = None if value is None else field.write(value)
        self.read(record)
        return record

    def _problems(self, record: Mapping[str, Any]) -> list[Problem]:
        problems = []
        for name, field in {**self.required, **self.optional}.items():
            value = record.get(name)
            if value is None:
                problems += [Problem(f"/{name}", "is required")] if name in self.required else []
                continue
            try:
                field.read(value)
            except Invalid as error:
                problems += [Problem(f"/{name}{problem.field}", problem.message) for problem in error.problems]
        return problems


def _check_transaction(event: Transaction) -> None:
    if event.reverses is None and event.kind in (Kind.REVERSAL, Kind.DISPUTE):
        raise Invalid(Problem("/reverses", "is required of a reversal and of a dispute"))
    if (event.latitude is None) is not (event.longitude is None):
        raise Invalid(Problem("/longitude" if event.longitude is None else "/latitude", "both or none expected"))


_COMMON = {"event_id": ID, "client": ID, "occurred_at": EVENT_TIME}
_CHANNEL = word(Channel)

CODECS: Mapping[str, EventCodec] = {
    "transactions": EventCodec(
        Transaction,
        {**_COMMON, "kind": word(Kind), "direction": word(Direction)},
        {
            "amount": AMOUNT,
            "account": ID,
            "card": ID,
            "device": ID,
            "channel": _CHANNEL,
            "merchant": ID,
            "category": CATEGORY,
            "country": COUNTRY,
            "latitude": number(-90, 90),
            "longitude": number(-180, 180),
            "payee": ID,
            "balance_after": MINOR,
            "reverses": ID,
            "reverses_at": EVENT_TIME,
        },
    ),
    "overdrafts": EventCodec(Overdraft, {**_COMMON, "overdrawn": FLAG}, {"account": ID, "balance": BALANCE}),
    "client-snapshots": EventCodec(
        ClientSnapshot,
        _COMMON,
        {
            "time_zone": ID,
            "language": ID,
            "country": COUNTRY,
            "segment": ID,
            "card_type": ID,
            "card_valid_from": DAY,
            "card_valid_until": DAY,
            "birth_year": integer(1880, 2100),
            "account_opened": TIME,
        },
    ),
    "bank-actions": EventCodec(
        BankAction, {**_COMMON, "action": word(Action)}, {"device": ID, "channel": _CHANNEL, "part": ID}
    ),
    "fraud-labels": EventCodec(
        FraudLabel, {**_COMMON, "labels": ID, "transaction_at": EVENT_TIME}, {"device": ID, "merchant": ID}
    ),
}
"""The codecs by topic."""

TOPICS: Mapping[type[Any], str] = {shape.event: topic for topic, shape in CODECS.items()}
"""The topic of each kind of event."""
