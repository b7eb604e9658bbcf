"""The publisher port: messages go to a topic, and are confirmed once they are stored for delivery.

A publish that failed may have happened, and an adapter repeats one that was lost: a message can be there twice.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from shared.deadline import Deadline
from shared.errors import Invalid, Problem
from shared.messaging.messages import Message

MAX_MESSAGES = 1000
"""Messages in one request (https://cloud.google.com/pubsub/quotas, like all that follows)."""

MAX_BYTES = 10_000_000
"""Bytes of one request, and so of one message with everything that belongs to it."""

MAX_ATTRIBUTES = 100
MAX_NAME_BYTES = 256
MAX_VALUE_BYTES = 1024
MAX_ORDERING_KEY_BYTES = 1024

_REQUEST_BYTES = 1_000  # for the topic's name and what frames a request
_MESSAGE_BYTES = 40  # for what frames a message's fields
_ATTRIBUTE_BYTES = 16


class Publisher(Protocol):
    """Publishes messages."""

    async def publish(self, topic: str, messages: Sequence[Message], deadline: Deadline) -> list[str]:
        """Publish all of `messages` and give their ids, in that order, once every one is confirmed.

        Raises `NotFound` where there is no such topic, `Invalid` for a message beyond the limits above (then none was
        published), `Unavailable` and `DeadlineExceeded`, after which some may have been.
        """
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...


def batches(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    """`messages` in order, split into batches that one request may hold. Every adapter checks them all first."""
    start, size = 0, _REQUEST_BYTES
    for index, message in enumerate(messages):
        more = _size(message)
        if index > start and (index - start == MAX_MESSAGES or size + more > MAX_BYTES):
            yield messages[start:index]
            start, size = index, _REQUEST_BYTES
        size += more
    if start < len(messages):
        yield messages[start:]


def validate(messages: Sequence[Message]) -> None:
    """Raise `Invalid`, naming each message by its index, for what Pub/Sub would not take."""
    problems = [
        Problem(f"/messages/{index}{field}", expected)
        for index, message in enumerate(messages)
        for field, expected in _problems(message)
    ]
    if problems:
        raise Invalid(*problems)


def _problems(message: Message) -> Iterator[tuple[str, str]]:
    if _REQUEST_BYTES + _size(message) > MAX_BYTES:
        yield "", f"at most {MAX_BYTES} bytes with its attributes expected"
    if not (message.data or message.attributes):
        yield "", "data or an attribute expected"
    if len(message.attributes) > MAX_ATTRIBUTES:
        yield "/attributes", f"at most {MAX_ATTRIBUTES} expected"
    for name, value in message.attributes.items():
        if not (name and _fits(name, MAX_NAME_BYTES)) or name.startswith("goog"):
            yield "/attributes", f"a name of 1 to {MAX_NAME_BYTES} bytes that does not begin with `goog` expected"
        if not _fits(value, MAX_VALUE_BYTES):
            yield "/attributes", f"a value of at most {MAX_VALUE_BYTES} bytes of UTF-8 expected"
    if not _fits(message.ordering_key, MAX_ORDERING_KEY_BYTES):
        yield "/ordering_key", f"at most {MAX_ORDERING_KEY_BYTES} bytes of UTF-8 expected"


def _size(message: Message) -> int:
    """Bytes that a message takes in a request, or some more."""
    attributes = sum(_ATTRIBUTE_BYTES + _length(name) + _length(value) for name, value in message.attributes.items())
    return _MESSAGE_BYTES + len(message.data) + attributes + _length(message.ordering_key)


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _fits(text: str, most: int) -> bool:
    """Whether `text` has UTF-8, which half a surrogate pair has not, and that is at most `most` bytes."""
    if text.isascii():
        return len(text) <= most
    try:
        return len(text.encode()) <= most
    except UnicodeEncodeError:
        return False
