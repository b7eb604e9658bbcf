"""What an operation's answers led to: its commands as the ledger has them, and its reviews."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.commands import ledger
from shared.deadline import Deadline
from shared.risk.reviews import stored_review
from shared.risk.reviews.review import Review
from shared.storage.documents import Documents

MAX_DOCUMENTS = 200
"""Documents of one operation that are read; a review has some six commands."""


@dataclass(frozen=True, slots=True)
class Issued:
    """One command: where it stands, in which of its `attempts`, and what it led to."""

    id: str
    type: str
    status: str
    accepted_at: datetime
    changed_at: datetime
    attempts: int
    code: str
    reason: str
    result: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One review: `open`, or what was decided, when and for which reason; who decided is told by `cli reviews`."""

    id: str
    status: str
    opened_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Consequences:
    """Commands in the order in which they were accepted, and reviews."""

    commands: Sequence[Issued]
    reviews: Sequence[Reviewed]


async def find(documents: Documents, operation_id: str, operations: Iterable[str], deadline: Deadline) -> Consequences:
    """Commands and reviews of `operation_id` under `operations`; raises what the documents port does."""
    commands: list[Issued] = []
    reviews: list[Reviewed] = []
    for name in sorted(operations):
        prefix = f"{name}.{operation_id}."
        for document in await documents.scan(ledger.COLLECTION, deadline, prefix=prefix, limit=MAX_DOCUMENTS):
            entry = ledger.read(document)
            if entry.operation.rpartition(".")[0] + "." == prefix:  # another operation's id may begin with this one
                commands.append(_issued(document.key.id, entry))
        for document in await documents.scan(
            stored_review.CODEC.collection.name, deadline, prefix=prefix, limit=MAX_DOCUMENTS
        ):
            review = stored_review.CODEC.decode(document).review
            if review.operation.id == operation_id:
                reviews.append(_reviewed(review))
    return Consequences(sorted(commands, key=lambda command: (command.accepted_at, command.id)), reviews)


def _issued(id_: str, entry: ledger.Entry) -> Issued:
    return Issued(
        id=id_,
        type=entry.type,
        status=entry.status.value,
        accepted_at=entry.accepted_at,
        changed_at=entry.changed_at,
        attempts=entry.attempts,
        code=entry.code,
        reason=entry.reason,
        result=entry.result,
    )


def _reviewed(review: Review) -> Reviewed:
    decision = review.decision
    return Reviewed(
        id=review.id,
        status=review.status,
        opened_at=review.opened_at,
        expires_at=review.expires_at,
        decided_at=decision.at if decision is not None else None,
        reason=decision.reason if decision is not None else "",
    )
