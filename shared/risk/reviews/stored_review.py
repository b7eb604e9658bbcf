"""A review as it is stored: its state with the commands that are still to be published, in one document.

`due_at` keeps it in sight while it is open or has something to publish; once neither, it is kept as long as its
operation's answers.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from shared.commands.command import Command, parse
from shared.commands.publisher import CommandPublisher
from shared.privacy import DataClass
from shared.risk.reviews.review import Review
from shared.storage.codec import Codec, msgpack_codec
from shared.storage.collection import ByField, Collection
from shared.storage.documents import Document, Documents, Key, Write
from shared.storage.outbox import Outbox

PUBLISH_AFTER = timedelta(minutes=1)
"""How long the one who changed a review has to publish its commands before they are due for anyone."""


class StoredReview(msgspec.Struct, frozen=True):
    """A review and its outbox."""

    review: Review
    pending: tuple[Command, ...] = ()


class _State(msgspec.Struct, frozen=True, array_like=True, tag_field="format", tag=1):
    review: Review
    pending: list[bytes]


_states = msgpack_codec(
    Collection(
        "reviews",
        "{operation}.{operation id}.{attempt}",
        "command_dispatch",
        DataClass.PERSONAL,
        "as its operation declares",
        "what is to be reviewed, who said what, how it was decided, and commands still to be published",
        (ByField("review.client", "token"), ByField("review.client", "id")),
    ),
    _State,
    "a review",
)


def _encode(record: StoredReview) -> bytes:
    return _states.encode(_State(record.review, [command.encoded() for command in record.pending]))


def _parse(data: bytes) -> StoredReview:
    state = _states.parse(data)
    return StoredReview(state.review, tuple(parse(command) for command in state.pending))


CODEC = Codec(_states.collection, _states.noun, _encode, _parse, _states.format)


def review_key(review: str) -> Key:
    """Where the review of that id stands."""
    return CODEC.key(review)


def written(before: Document | None, record: StoredReview, now: datetime) -> Write:
    """The write that puts `record` in the place of what was read."""
    review, pending = record.review, record.pending
    due = [now + PUBLISH_AFTER] if pending else []
    due += [review.expires_at] if review.decision is None else []
    return CODEC.put(
        before,
        review_key(review.id),
        record,
        due_at=min(due, default=None),
        expires_at=None if due else now + review.kept_for,
    )


def outbox(documents: Documents, publisher: Callable[[], CommandPublisher]) -> Outbox[StoredReview, Command]:
    """The outbox of the reviews in a store."""
    return Outbox(documents, CODEC, lambda record: record.pending, _cleared, publisher, _permitted)


def _permitted(document: Document, record: StoredReview, command: Command) -> Command | None:
    """A command that the review leads to: a ticket about its client, or its resolution."""
    review, payload = record.review, command.payload
    ticket = command.type == "create_ticket" and payload.get("client_id") == review.client
    resolution = command.type == "resolve_transaction" and payload["review"] == review.id
    own = document.key.id == review.id and command.operation == review.operation
    return command if own and (ticket or resolution) else None


def _cleared(document: Document, record: StoredReview, published: Sequence[Command], now: datetime) -> Write | None:
    """The record without those commands; one that has none pending stays as it is."""
    if not record.pending:
        return None
    sent = {command.id for command in published}
    left = tuple(command for command in record.pending if command.id not in sent)
    return written(document, StoredReview(record.review, left), now)
