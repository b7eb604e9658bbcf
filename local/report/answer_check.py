"""Compares every answer that the bank received with the stored one, byte for byte."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from local.replay.bank_service import ReceivedAnswer
from local.replay.question import OPERATION
from shared.deadline import Deadline
from shared.risk.answers import load, record_key
from shared.storage.documents import MAX_WRITES, Documents

_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """How many answers are stored as received, and how many others came with `recorded: false`; the operation ids of
    answers that are missing in the store (`lost`) or stored with other bytes (`differing`).
    """

    recorded: int
    unrecorded: int
    lost: tuple[str, ...]
    differing: tuple[str, ...]


async def check(documents: Documents, answers: Iterable[ReceivedAnswer]) -> AnswerCheck:
    """Compare each answer with its record in the store."""
    recorded, unrecorded, lost, differing = 0, 0, [], []
    remaining = iter(answers)
    while batch := list(islice(remaining, MAX_WRITES)):
        keys = [record_key(OPERATION, answered.answer.operation_id, answered.answer.attempt) for answered in batch]
        for answered, record in zip(batch, await load(documents, keys, Deadline.after(_WITHIN)), strict=True):
            if record is not None and record.answer == answered.body:
                recorded += 1
            elif not answered.answer.recorded:
                unrecorded += 1
            elif record is None:
                lost.append(answered.answer.operation_id)
            else:
                differing.append(answered.answer.operation_id)
    return AnswerCheck(recorded, unrecorded, tuple(lost), tuple(differing))
