"""Holds every answer the bank was given against the store, byte for byte: nothing given may be missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import msgspec

from functions.advice.record import Stored, record_key
from local.bank_service import Given
from local.question import OPERATION
from shared.deadline import Deadline
from shared.documents import MAX_WRITES, Documents

_WITHIN = 30.0
_decode = msgspec.msgpack.Decoder(Stored).decode


@dataclass(frozen=True, slots=True)
class Checked:
    """Answers that are on record as given, were given with `recorded: false`, are not there, or read differently."""

    recorded: int
    unrecorded: int
    lost: tuple[str, ...]
    differing: tuple[str, ...]


async def check(documents: Documents, given: Iterable[Given]) -> Checked:
    """Compare each answer given with its record."""
    recorded, unrecorded, lost, differing = 0, 0, [], []
    answers = iter(given)
    while batch := list(islice(answers, MAX_WRITES)):
        keys = [record_key(OPERATION, one.answer.operation_id, one.answer.attempt) for one in batch]
        for one, document in zip(batch, await documents.read(keys, Deadline.after(_WITHIN)), strict=True):
            if document is not None and _decode(document.state).answer == one.body:
                recorded += 1
            elif not one.answer.recorded:
                unrecorded += 1
            elif document is None:
                lost.append(one.answer.operation_id)
            else:
                differing.append(one.answer.operation_id)
    return Checked(recorded, unrecorded, tuple(lost), tuple(differing))
