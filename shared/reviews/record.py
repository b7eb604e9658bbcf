"""A review as it is stored: its state with the commands that are still to be published, in one document.

`due_at` keeps it in sight while it is open or has something to publish; once neither, it is kept as long as its
operation's answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from shared.commands.command import Command, parse
from shared.documents import Create, Document, Key, Update, Write
from shared.errors import Unavailable
from shared.reviews.review import Review

COLLECTION = "reviews"

PUBLISH_AFTER = timedelta(minutes=1)
"""How long the one who changed a review has to publish its commands before they are due for anyone."""

_FORMAT = 1


class _State(msgspec.Struct, frozen=True, array_like=True):
    format: int
    review: Review
    pending: list[bytes]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_State).decode


@dataclass(frozen=True, slots=True)
class Record:
    """A review and its outbox."""

    review: Review
    pending: tuple[Command, ...] = ()


def review_key(review: str) -> Key:
    """Where the review of that id stands."""
    return Key(COLLECTION, review)


def read(document: Document) -> Record:
    """The record in a document; raises `Unavailable` for a damaged one."""
    try:
        state = _decode(document.state)
    except msgspec.MsgspecError as error:
        raise Unavailable("the record of a review is damaged") from error
    return Record(state.review, tuple(parse(data) for data in state.pending))


def written(before: Document | None, record: Record, now: datetime) -> Write:
    """The write that puts `record` in the place of what was read."""
    review, pending = record.review, record.pending
    due = [now + PUBLISH_AFTER] if pending else []
    due += [review.expires_at] if review.decision is None else []
    state = _encode(_State(_FORMAT, review, [command.encoded() for command in pending]))
    due_at = min(due, default=None)
    expires_at = None if due else now + review.kept_for
    key = review_key(review.id)
    if before is None:
        return Create(key, state, due_at, expires_at)
    return Update(key, before.version, state, due_at, expires_at)


def without(record: Record, published: Sequence[Command]) -> Record:
    """The record once those commands are out."""
    gone = {command.id for command in published}
    return Record(record.review, tuple(command for command in record.pending if command.id not in gone))
