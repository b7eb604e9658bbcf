"""The record of an answer as it is stored: one document per attempt, written once by `advice`, read by others too.

Commands that belong to the answer stand in it as `pending`, each as its message's body, and the document's `due_at`
keeps it due until they are published. Each has a seal, by which `scheduled_work` knows that `advice` has put it there:
who can only write to the store cannot have clients told things.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from shared.commands.command import Command, parse
from shared.commands.publisher import CommandPublisher
from shared.commands.types import may_issue
from shared.deadline import Deadline
from shared.ids import OperationRef
from shared.privacy import DataClass, Pseudonymiser
from shared.storage.codec import msgpack_codec
from shared.storage.collection import ByField, Collection
from shared.storage.documents import Document, Documents, Key, Write
from shared.storage.outbox import Outbox

ATTEMPT_NUMBERS = range(1, 10)
"""The attempts there may be at one operation; the schemas of questions say the same."""


Permitted = Callable[[Document, "AnswerRecord", Command], Command | None]
"""Gives a pending command of a record as it may be sent, `None` where it may not."""


class _CommandId(msgspec.Struct):
    """Of a command that was parsed when it became pending, its id alone."""

    id: str


class AnswerRecord(msgspec.Struct, frozen=True, array_like=True, tag_field="format", tag=2):
    """The state. `digest` is over the question's content, `answer` the bytes given, `pending` commands as they are
    published, `seals` those of them in any order: none where the token key could not be read.
    """

    digest: bytes
    answer: bytes
    created_at: datetime
    pending: list[bytes]
    seals: list[bytes] = []


ANSWERS = Collection(
    "answers",
    "{operation}.{operation id}.{attempt}",
    "advice",
    DataClass.PERSONAL,
    "as its operation declares",
    "the answer that was given, the hash of what was asked, versions, and commands still to be published",
    (ByField("pending.payload.client_id", "id"),),
)
_decode_id = msgspec.json.Decoder(_CommandId).decode
CODEC = msgpack_codec(ANSWERS, AnswerRecord, "the record of an answer")


def record_key(operation: str, operation_id: str, attempt: int) -> Key:
    """The key of the record of one attempt."""
    return CODEC.key(OperationRef(operation, operation_id, attempt).key)


async def load(documents: Documents, keys: Sequence[Key], deadline: Deadline) -> list[AnswerRecord | None]:
    """The records at `keys`, in that order; raises what the documents port does, `Damaged` for one that is none."""
    stored = await documents.read(keys, deadline)
    return [None if document is None else CODEC.decode(document) for document in stored]


def outbox(
    documents: Documents, publisher: Callable[[], CommandPublisher], permitted: Permitted
) -> Outbox[AnswerRecord, Command]:
    """The outbox of the answers in a store, which sends what is `permitted`."""
    return Outbox(documents, CODEC, _pending, _cleared, publisher, permitted)


def issuable(document: Document, record: AnswerRecord, command: Command) -> Command | None:  # noqa: ARG001 - the outbox's
    """A command that `advice` may issue with this very answer."""
    own = command.operation is not None and command.operation.key == document.key.id
    return command if own and may_issue(ANSWERS.owner, command.type) else None


def sealed(tokens: Pseudonymiser) -> Permitted:
    """Permits what `advice` has issued with this very answer. A review is opened without a seal, too, or a payment
    would be held for ever; but without its amount, for which nobody vouches, so that its approval takes two people.
    """

    def permitted(document: Document, record: AnswerRecord, command: Command) -> Command | None:
        if seal(command, tokens) in record.seals:
            return issuable(document, record, command)
        if command.type != "open_review":
            return None
        payload = {name: value for name, value in command.payload.items() if name != "amount"}
        return issuable(document, record, replace(command, payload=payload))

    return permitted


def seal(command: Command, tokens: Pseudonymiser) -> bytes:
    """The seal of a pending command, which names its operation and so its answer."""
    return tokens.seal(ANSWERS.name, command.encoded())


def _pending(record: AnswerRecord) -> list[Command]:
    return [parse(command) for command in record.pending]


def _cleared(document: Document, record: AnswerRecord, published: Sequence[Command], now: datetime) -> Write | None:  # noqa: ARG001 - an answer is kept from when it was given
    """The record without those commands: once none is left it is no longer due."""
    if not record.pending and document.due_at is None:
        return None  # cleared by a concurrent sender
    sent = {command.id for command in published}
    left = [data for data in record.pending if _decode_id(data).id not in sent]
    due_at = document.due_at if left else None
    after = replace(record, pending=left, seals=record.seals if left else [])
    return CODEC.put(document, document.key, after, due_at=due_at, expires_at=document.expires_at)
