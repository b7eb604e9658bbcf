"""Builds what these tests are about: requests, rule sets held in memory, states in a store."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from functions.risk_decision.active_rules import ActiveRules, parse_rules
from functions.risk_decision.request import Request, RequestParser
from shared.catalogue.active import Active, Refreshed
from shared.catalogue.active_versions import Current
from shared.catalogue.versions import RULE_SETS
from shared.catalogue.yaml_files import content
from shared.events.events import ClientSnapshot, Event, Kind, Transaction
from shared.money import Money
from shared.privacy import Pseudonymiser
from shared.risk.features.fold import fold
from shared.risk.features.keys import WATERMARK
from shared.risk.features.watermark import CODEC
from shared.storage.documents import Create, Documents
from tests.support.builders.advice import body
from tests.support.deadlines import plenty

RULES = Path(__file__).parents[3] / "functions/risk_decision/rule_sets"
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TOKENS = Pseudonymiser(b"k" * 32, 1)


def request(**changes: Any) -> Request:
    """A request about `tests.support.builders.advice.body(**changes)`, all answers legal."""
    return request_with(body(attempt=changes.pop("attempt", 1), **changes))


def request_with(question: Mapping[str, Any], **changes: Any) -> Request:
    """A request with this question, members replaced by `changes`."""
    return RequestParser().parse(document(question, **changes))


def document(question: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """What `advice` sends."""
    return {
        "operation": "transaction",
        "operation_version": "transaction@1",
        "operation_id": question["operation_id"],
        "attempt": question.get("attempt", 1),
        "at": "2026-11-22T09:30:00Z",
        "legal": ["APPROVE", "MANUAL_APPROVAL_NEEDED", "REJECT", "STEPUP_NEEDED"],
        "question": question,
        **changes,
    }


def bundled_rules(name: str = "transaction") -> Active[ActiveRules]:
    """The rule set that ships, as an instance without a store holds it."""
    return Active(RULE_SETS, name, parse_rules, lambda: content(RULES / f"{name}.yaml"))


def purchase(number: int, at: datetime, minor: int = 2500, **changes: Any) -> Transaction:
    """A purchase of the client and card in `body()`."""
    fields: dict[str, Any] = {
        "event_id": f"e-{number}",
        "client": "C-1",
        "card": "K-1",
        "merchant": "M-1",
        "category": "5411",
        "channel": "ecommerce",
        "kind": Kind.PURCHASE,
        "occurred_at": at,
        "amount": Money(minor, "EUR"),
        **changes,
    }
    return Transaction(**fields)


def snapshot() -> ClientSnapshot:
    """The client of `body()`, ten years with the bank."""
    return ClientSnapshot(
        event_id="s-1", client="C-1", occurred_at=datetime(2026, 1, 1, tzinfo=UTC), time_zone="Europe/Prague",
        country="CZ", account_opened=datetime(2016, 1, 1, tzinfo=UTC),
    )  # fmt: skip


async def remember(documents: Documents, events: list[Event], newest: datetime = AT) -> None:
    """Fold `events` into the features of an empty store."""
    states = fold({}, events, TOKENS).states
    writes = [Create(key, state) for key, state in states.items()]
    await documents.commit([*writes, Create(WATERMARK, CODEC.encode(newest))], plenty())


def current(rules: Active[ActiveRules], now: float = 0.0) -> Current[ActiveRules]:
    """What `ActiveVersions.current` gives for rules that are in memory, at `now` of the monotonic clock."""
    return Current(rules, Refreshed(), due=rules.due(now))
