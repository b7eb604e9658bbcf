"""The answers on record for one operation id, whichever operation and attempt it belongs to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from shared.deadline import Deadline
from shared.risk import answers
from shared.risk.answers import ATTEMPT_NUMBERS, record_key
from shared.storage.documents import Documents


@dataclass(frozen=True, slots=True)
class Record:
    """One answer as it was given; `pending` are the types of its commands that are not published yet."""

    document: str
    created_at: datetime
    answer: dict[str, Any]
    pending: Sequence[str]


async def find(documents: Documents, operation_id: str, operations: Iterable[str], deadline: Deadline) -> list[Record]:
    """Every record of `operation_id` under `operations`."""
    keys = [record_key(name, operation_id, attempt) for name in sorted(operations) for attempt in ATTEMPT_NUMBERS]
    stored_answers = await answers.load(documents, keys, deadline)
    return [
        Record(
            "/".join(key),
            stored.created_at,
            msgspec.json.decode(stored.answer),
            [_type(command) for command in stored.pending],
        )
        for key, stored in zip(keys, stored_answers, strict=True)
        if stored is not None
    ]


def _type(command: bytes) -> str:
    return str(msgspec.json.decode(command).get("type"))
