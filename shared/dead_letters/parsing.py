"""What a message from a dead-letter topic says about itself: where it comes from, why it is there, and what it is.

Two kinds arrive: those that a function of ours buried, with the reason as attributes, and those that Pub/Sub's own
policy forwarded after too many deliveries, which say no more than where from and how often
(https://cloud.google.com/pubsub/docs/dead-letter-topics). What cannot be read is left out, and the letter is kept all
the same.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from shared.dead_letters.letter import Letter, letter_id
from shared.messaging import dead_letter_publisher
from shared.messaging.messages import Delivery
from shared.messaging.topics import subscriber_of, topic_of, topics
from shared.times import parse_time

NOT_DELIVERED, UNEXPLAINED = "not_delivered", "unexplained"
"""Codes of letters that no function of ours gave a reason for."""

REDRIVEN = "slacker-redriven"
"""The attribute of a message that was redriven: the letter it comes from."""

_PUBSUB = "CloudPubSubDeadLetter"
_OURS = frozenset(value for value in vars(dead_letter_publisher).values() if str(value).startswith("slacker-")) | {
    REDRIVEN
}


class IncomingLetter(NamedTuple):
    """A letter under its id."""

    id: str
    letter: Letter


def parse_letter(delivered: Delivery, now: datetime) -> IncomingLetter:
    """The letter that a message is, before anything is known of what it is about; `now` is aware UTC."""
    attributes, body = delivered.message.attributes, delivered.message.data
    forwarded = dead_letter_publisher.REASON not in attributes
    subscription = attributes.get(
        f"{_PUBSUB}SourceSubscription" if forwarded else dead_letter_publisher.SOURCE, ""
    ).rpartition("/")[2]
    topic = topics().get(topic_of(subscription))
    published = attributes.get(f"{_PUBSUB}SourceTopicPublishTime" if forwarded else dead_letter_publisher.PUBLISHED, "")
    published_at = _time(published) or delivered.published_at
    own = {name: text for name, text in attributes.items() if not (name in _OURS or name.startswith(_PUBSUB))}
    code, reason = (
        _unexplained(attributes, subscription)
        if forwarded
        else (attributes.get(dead_letter_publisher.CODE, ""), attributes[dead_letter_publisher.REASON])
    )
    letter = Letter(
        topic=topic.name if topic else "",
        subscription=subscription,
        function=attributes.get(dead_letter_publisher.FUNCTION, subscriber_of(subscription)),
        attempt=_number(
            attributes.get(f"{_PUBSUB}SourceDeliveryCount" if forwarded else dead_letter_publisher.ATTEMPT, "")
        ),
        code=code,
        reason=reason,
        field=attributes.get(dead_letter_publisher.FIELD, ""),
        message=attributes.get(dead_letter_publisher.MESSAGE, delivered.id),
        published_at=published_at,
        drained_at=now,
        attributes=own,
        size=len(body),
        digest=sha256(body).digest(),
        type=(topic.command or topic.name) if topic else "unknown",
        truncated_from=_number(attributes.get(dead_letter_publisher.CUT, "")),
        redriven_from=attributes.get(REDRIVEN, ""),
    )
    return IncomingLetter(letter_id(published_at, subscription, body, own), letter)


def _unexplained(attributes: Mapping[str, str], subscription: str) -> tuple[str, str]:
    """The code and the reason of a letter that nobody of ours gave one."""
    if not subscription:
        return UNEXPLAINED, "came without a reason, and does not say where from: somebody published it here"
    times = _number(attributes.get(f"{_PUBSUB}SourceDeliveryCount", ""))
    often = f"{times} times" if times else "too often"
    return NOT_DELIVERED, f"delivered {often} without success: the log of who receives {subscription} says why"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _time(text: str) -> datetime | None:
    try:
        return parse_time(text)
    except ValueError:
        return None
