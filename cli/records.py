"""The answers on record for one operation id, whichever operation and attempt it belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from shared import answer_record
from shared.answer_record import ATTEMPTS, record_key
from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import OPERATIONS
from shared.deadline import Deadline
from shared.documents import Documents


@dataclass(frozen=True, slots=True)
class Record:
    """One answer as it was given; `pending` are the types of its commands that are not published yet."""

    document: str
    created_at: datetime
    answer: dict[str, Any]
    pending: Sequence[str]


async def find(documents: Documents, operation_id: str, operations: set[str], deadline: Deadline) -> list[Record]:
    """Every record of `operation_id` under `operations`, or under any that is published if none is given."""
    names = operations or set(await Catalogue(documents, OPERATIONS).names(deadline))
    keys = [record_key(name, operation_id, attempt) for name in sorted(names) for attempt in ATTEMPTS]
    found = await answer_record.find(documents, keys, deadline)
    return [
        Record(
            "/".join(key),
            stored.created_at,
            msgspec.json.decode(stored.answer),
            [str(command.get("type")) for command in stored.pending],
        )
        for key, stored in zip(keys, found, strict=True)
        if stored is not None
    ]
