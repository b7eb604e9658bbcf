"""Pushes of what happened at the made-up bank after its month of history, in order; each has an event id of its own."""

import base64
import itertools
import json
import secrets
from collections.abc import Iterator, Sequence
from functools import cache

from msgspec.structs import replace

from bench import load
from bench.bank import CLIENTS, SEED, bank
from bench.baselines.metadata.main import token
from local.bank.bank import transactions
from local.replay.ledger import Ledger
from shared.events.avro.events import encode
from shared.events.events import Event, Transaction

CALLER = "push@slacker.local"

_ID_BYTES = 23  # with its length before it, 24: the first 32 characters of the data in base64 are the event's id alone
_EVENTS = 60_000
_MERCHANT = "M-BENCH-HOT"


@cache
def events() -> tuple[Event, ...]:
    """What the transactions after the history lead to; more than a measurement sends, so that time goes on."""
    ledger, first = Ledger({}), len(bank().history)
    stream = itertools.islice(transactions(SEED, CLIENTS), first, first + _EVENTS)
    return tuple(event for transaction in stream for event in ledger.book(transaction))


def heated(happened: Sequence[Event], part: float) -> list[Event]:
    """The same, with `part` of the transactions made at one merchant."""
    every = round(1 / part * 10)
    return [
        replace(event, merchant=_MERCHANT) if isinstance(event, Transaction) and number * 10 % every < 10 else event
        for number, event in enumerate(happened)
    ]


def bodies(function: str, happened: Sequence[Event]) -> Iterator[bytes]:
    """The bodies of pushes to `function`."""
    halves = [_body(function, event).split(b"#" * 32) for event in happened]
    run = secrets.token_hex(6)
    for number, (head, tail) in enumerate(itertools.cycle(halves)):
        name = f"{run}-{number:010d}"
        yield head + base64.b64encode(bytes([2 * _ID_BYTES]) + name.encode()) + tail


def requests(function: str, happened: Sequence[Event]) -> Iterator[bytes]:
    """Pushes as the broker sends them."""
    sent = {name.decode(): value.decode() for name, value in headers()}
    for body in bodies(function, happened):
        yield load.post("/", body, sent)


@cache
def headers() -> list[tuple[bytes, bytes]]:
    """The headers of a push."""
    return [(b"authorization", f"Bearer {token(CALLER)}".encode())]


def _body(function: str, event: Event) -> bytes:
    data = encode(replace(event, event_id="x" * _ID_BYTES))
    envelope = {
        "message": {
            "data": "#" * 32 + base64.b64encode(data[_ID_BYTES + 1 :]).decode(),
            "attributes": {"kafka.topic": "transactions", "kafka.partition": "3", "kafka.offset": "1234567"},
            "messageId": "1234567890123456",
            "publishTime": "2026-11-22T08:30:00.123Z",
        },
        "subscription": f"projects/bench/subscriptions/transactions.{function}",
        "deliveryAttempt": 1,
    }
    return json.dumps(envelope).encode()
