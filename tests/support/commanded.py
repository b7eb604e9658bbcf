"""What is commanded in a campaign, and what must become of it: most of it is good, some is sent twice or broken."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from msgspec.structs import replace

from shared.commands.command import Command
from shared.commands.types import topic_for
from shared.ids import OperationRef
from shared.messaging.messages import Message
from shared.risk.operation import Verdict
from shared.risk.reviews.review import Approval, Decision, Review
from tests.support.event_streams import dice

DUPLICATE, WINDOW = 0.1, 200
"""Part of the commands that are sent a second time, up to so many messages later."""

BROKEN = (b"", b"{", b'{"id": "broken"}', b"\xff\xfe\x00", b"[1, 2]", b"x" * 70_000)
NOW = datetime.now(UTC)
LONG = timedelta(days=7)

_KINDS = {"ticket": 45, "notification": 20, "resolution": 22, "review": 5, "undecided": 3, "broken": 2, "conflict": 3}


@dataclass
class Commanded:
    """`messages` by topic in their order; `good` are the commands, each once, that must come to an end by id."""

    messages: list[tuple[str, Message]] = field(default_factory=list)
    good: dict[str, Command] = field(default_factory=dict)
    reviews: list[Review] = field(default_factory=list)
    undecided: set[str] = field(default_factory=set)
    broken: int = 0
    conflicts: set[str] = field(default_factory=set)


def commanded(seed: int, count: int) -> Commanded:
    """`count` commands, and what of them comes twice."""
    rng, made = dice(seed), Commanded()
    for number in range(count):
        kind = rng.choices(list(_KINDS), list(_KINDS.values()))[0]
        if kind == "broken":
            made.broken += 1
            made.messages.append(("commands-create-ticket", Message(b"%s %d" % (rng.choice(BROKEN), number))))
        elif kind == "conflict" and made.good:
            victim = made.good[rng.choice([*made.good][-WINDOW:])]
            other = replace(victim, payload={**victim.payload, "client_id": "somebody-else"})
            if victim.type in ("create_ticket", "notify_client"):
                made.conflicts.add(victim.id)
                made.messages.append(_message(other))
        else:
            command = _command(kind, number, rng, made)
            made.good[command.id] = command
            made.messages.append(_message(command))
    made.messages = list(_twice(made.messages, rng))
    return made


def _command(kind: str, number: int, rng: Random, made: Commanded) -> Command:
    payload: dict[str, object]
    if kind == "notification":
        payload = {"client_id": f"client-{number}", "channel": rng.choice(("text", "push")),
                   "template": "card_blocked", "category": "security"}  # fmt: skip
        return _of("notify_client", f"n-{number}", payload)
    operation = OperationRef("transaction", f"op-{number}", 1)
    if kind == "review":
        payload = {"client_id": f"client-{number}", "reasons": ["NEW_PAYEE"], "rule_set": "transaction@1"}
        return _of("open_review", f"r-{number}", payload, operation)
    if kind in ("resolution", "undecided"):
        review = _review(operation, rng)
        (made.reviews.append(review) if kind == "resolution" else made.undecided.add(f"t-{number}"))
        assert review.decision is not None
        payload = {"transaction_id": operation.id, "review": review.id, "decision": review.decision.verdict,
                   "reviewer": review.decision.by, "reason": review.decision.reason}  # fmt: skip
        return _of("resolve_transaction", f"t-{number}", payload, operation)
    payload = {"kind": "fraud_case", "summary": f"Look at number {number}", "client_id": f"client-{number}"}
    return _of("create_ticket", f"k-{number}", payload, operation)


def _review(operation: OperationRef, rng: Random) -> Review:
    verdict: Verdict = rng.choice(("approve", "reject"))
    by, reason = "anna@slacker.local", {"approve": "CLIENT_CONFIRMED", "reject": "CLIENT_DENIED"}[verdict]
    approvals = (Approval("ben@slacker.local", NOW, reason), Approval(by, NOW, reason))
    return Review(
        operation=operation, client=f"client-{operation.id}", amount=None, opened_for=(), rule_set="transaction@1",
        policy="transaction@1", opened_at=NOW, expires_at=NOW + LONG, expires_as="reject", approvals_needed=1,
        reasons={}, kept_for=LONG, decision=Decision(verdict, by, NOW, reason),
        approvals=approvals if verdict == "approve" else (),
    )  # fmt: skip


def _of(kind: str, id_: str, payload: Mapping[str, object], operation: OperationRef | None = None) -> Command:
    return Command(
        id=id_, type=kind, version=1, issued_at=NOW, issued_by="risk_decision", not_after=NOW + LONG, payload=payload,
        operation=operation,
    )  # fmt: skip


def _message(command: Command) -> tuple[str, Message]:
    return topic_for(command.type).name, Message(command.encoded())


def _twice(messages: Sequence[tuple[str, Message]], rng: Random) -> Iterator[tuple[str, Message]]:
    """The same in their order, some of them again a while later."""
    later: dict[int, list[tuple[str, Message]]] = {}
    for number, message in enumerate(messages):
        yield message
        if rng.random() < DUPLICATE:
            later.setdefault(number + rng.randrange(1, WINDOW), []).append(message)
        yield from later.pop(number, ())
    for rest in later.values():
        yield from rest
