"""How the steps of scenarios are written."""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.events.avro.events import encode, topic_of
from shared.events.events import Event
from tests.corpus.content import text
from tests.corpus.stage import Json

Steps = Generator[Json, Any, None]
"""Yields steps, and is sent what came of each."""

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BANK, GATEWAY, SCHEDULER = "payments@slacker.local", "gateway@slacker.local", "push@slacker.local"
ADVICE = "/v1/operations/transaction/advice"
FEATURES = ("risk_features", "merchant_features")
_COMMANDS = ("commands-open-review", "commands-create-ticket", "commands-notify-client", "commands-resolve-transaction")


def http(to: str, path: str, body: Any = None, method: str = "POST", **more: Any) -> Json:
    """A request; a body that is no text is sent as JSON."""
    step = {"do": "http", "to": to, "method": method, "path": path, **more}
    if body is not None:
        as_is = isinstance(body, str) or (isinstance(body, dict) and "long" in body)
        step["body"] = body if as_is else json.dumps(body, separators=(",", ":"))
    return step


def push(to: str, topic: str, content: bytes | Json | None, **more: Any) -> Json:
    """A message; `None` is a tombstone."""
    readable = text(content) if isinstance(content, bytes) else content
    return {"do": "push", "to": to, "topic": topic, **({} if readable is None else {"data": readable}), **more}


def at(moment: datetime) -> str:
    """As steps have it."""
    return moment.isoformat()


def events(happened: Event, **more: Any) -> Iterator[Json]:
    """The pushes of an event to everybody who folds it."""
    topic = topic_of(happened)
    for to in FEATURES if topic in {"transactions", "fraud-labels"} else FEATURES[:1]:
        yield push(to, topic, encode(happened), attributes={"kafka.key": happened.client}, **more)


def settle() -> Iterator[Json]:
    """Everything that was published reaches whom it is for."""
    for _ in range(2):
        for topic in _COMMANDS:
            yield {"do": "deliver", "topic": topic, "to": "command_dispatch"}
    yield {"do": "deliver", "topic": "notifications", "to": "push_notification"}
    for topic in cases("commands-dead-letter", "dead-letters-events"):
        yield {"do": "deliver", "topic": topic, "to": "dead_letters"}


def command(id_: str, kind: str, payload: Mapping[str, Any], **changes: Any) -> bytes:
    """A command's body."""
    document = {
        "id": id_,
        "type": kind,
        "version": 1,
        "issued_at": at(NOON),
        "issued_by": "risk_decision",
        "not_after": at(NOON + timedelta(hours=6)),
        "payload": payload,
        "operation": {"name": "transaction", "id": "op-1", "attempt": 1},
        **changes,
    }
    return json.dumps(document, separators=(",", ":")).encode()


def operator(who: str, method: str, path: str, body: Any = None, **more: Any) -> Json:
    """A call of the operators' API."""
    return http("operator_api", path, body, method, **{"as": f"{who}@slacker.local"}, **more)


def cli(*arguments: str, **more: Any) -> Json:
    """A command of the command line."""
    return {"do": "cli", "arguments": list(arguments), **more}


def cases(*rows: Any) -> tuple[Any, ...]:
    """A table of inputs, whatever they are."""
    return rows


def again(steps: Sequence[Json], most: int, do: str = "http", **fields: Any) -> Steps:
    """Up to `most` of the steps that have all of `wanted`, once more."""
    fitting = (each for each in steps if each["do"] == do and fields.items() <= each.items())
    while (step := next(fitting, None)) is not None and most:
        yield step
        most -= 1


def late(hours: float, year: int = 2026) -> Json:
    """The scheduler calls, that long after the scenarios' noon."""
    moment = NOON.replace(year=year) + timedelta(hours=hours)
    return http("scheduled_work", "/", at=at(moment), **{"as": SCHEDULER})


BODY: Json = {
    "operation_id": "op-1",
    "posting": {
        "phase": "authorisation",
        "direction": "debit",
        "account_id": "A-1",
        "amount": {"minor": 1250, "currency": "EUR"},
        "value_time": "2026-11-22T12:00:00Z",
    },
    "context": {
        "client_id": "C-1",
        "card_id": "K-1",
        "channel": "ecommerce",
        "merchant": {"id": "M-1", "category": "5411"},
        "occurred_at": "2026-11-22T12:00:00Z",
    },
}


def changed(path: str, value: Any, base: Json = BODY) -> Json:
    """`base` with the member at a dotted path replaced; `None` removes it."""
    made: Json = json.loads(json.dumps(base))
    *parents, last = path.split(".")
    target = made
    for parent in parents:
        target = target[parent]
    if value is None:
        target.pop(last, None)
    else:
        target[last] = value
    return made
