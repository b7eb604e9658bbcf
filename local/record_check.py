"""Holds every answer the bank was given against the store, byte for byte: nothing given may be missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from local.bank_service import ReceivedAnswer
from local.question import OPERATION
from shared.answer_record import find, record_key
from shared.deadline import Deadline
from shared.documents import MAX_WRITES, Documents

_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Checked:
    """Answers that are on record as given, were given with `recorded: false`, are not there, or read differently."""

    recorded: int
    unrecorded: int
    lost: tuple[str, ...]
    differing: tuple[str, ...]


async def check(documents: Documents, answers: Iterable[ReceivedAnswer]) -> Checked:
    """Compare each answer given with its record."""
    recorded, unrecorded, lost, differing = 0, 0, [], []
    remaining = iter(answers)
    while batch := list(islice(remaining, MAX_WRITES)):
        keys = [record_key(OPERATION, answered.answer.operation_id, answered.answer.attempt) for answered in batch]
        for answered, record in zip(batch, await find(documents, keys, Deadline.after(_WITHIN)), strict=True):
            if record is not None and record.answer == answered.body:
                recorded += 1
            elif not answered.answer.recorded:
                unrecorded += 1
            elif record is None:
                lost.append(answered.answer.operation_id)
            else:
                differing.append(answered.answer.operation_id)
    return Checked(recorded, unrecorded, tuple(lost), tuple(differing))
