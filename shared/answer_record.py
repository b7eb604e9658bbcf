"""The record of an answer as it is stored: one document per attempt, written once by `advice`, read by others too.

Commands that belong to the answer stand in it as `pending`, each as its message's body, and the document's `due_at`
keeps it in sight until they are published.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from shared.deadline import Deadline
from shared.documents import Document, Documents, Key
from shared.errors import Unavailable
from shared.ids import OperationRef

COLLECTION = "answers"
FORMAT = 2

ATTEMPTS = range(1, 10)
"""The attempts there may be at one operation; the schemas of questions say the same."""


class AnswerRecord(msgspec.Struct, frozen=True, array_like=True):
    """The state, in MessagePack. `digest` is over the question's content, `answer` the bytes given."""

    format: int
    digest: bytes
    answer: bytes
    created_at: datetime
    pending: list[bytes]


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(AnswerRecord).decode


def record_key(operation: str, operation_id: str, attempt: int) -> Key:
    """Where the record of one attempt stands."""
    return Key(COLLECTION, OperationRef(operation, operation_id, attempt).key)


async def find(documents: Documents, keys: Sequence[Key], deadline: Deadline) -> list[AnswerRecord | None]:
    """The records at `keys`, in that order; raises what the documents port does, `Unavailable` for a damaged one."""
    found = await documents.read(keys, deadline)
    return [None if document is None else read(document) for document in found]


def read(document: Document) -> AnswerRecord:
    """The record in a document; raises `Unavailable` for a damaged one."""
    try:
        return decode(document.state)
    except msgspec.MsgspecError as error:
        raise Unavailable("the record of an answer is damaged") from error
