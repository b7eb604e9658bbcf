"""A message as the broker keeps it comes out as it went in, in Pub/Sub's envelope."""

import base64
import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.broker.stored_message import to_stored
from shared.messaging.envelope import parse_push
from shared.messaging.messages import Message

AT = datetime(2026, 12, 1, 8, 30, 0, 123456, tzinfo=UTC)
ID = (AT - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
SUBSCRIPTION = "projects/p/subscriptions/events.archive"

messages = st.builds(Message, st.binary(min_size=1), st.dictionaries(st.text(), st.text()), st.text(max_size=9))


@given(messages)
def test_what_is_kept_is_what_was_published(message: Message) -> None:
    assert to_stored(ID, message).message() == message


@given(messages)
def test_a_push_is_read_as_pubsubs(message: Message) -> None:
    kept = to_stored(ID, message)
    milliseconds = AT.replace(microsecond=123000)
    assert parse_push(kept.envelope(SUBSCRIPTION, 3)) == msgspec.structs.replace(
        kept.delivery("events.archive", 3), published_at=milliseconds
    )


def test_an_id_is_the_microsecond_of_publication() -> None:
    assert to_stored(ID, Message(b"x")).published_at == AT


@pytest.mark.parametrize(("attempt", "counted"), [(None, {}), (2, {"deliveryAttempt": 2})])
def test_an_attempt_is_told_where_there_is_a_dead_letter_policy(attempt: int | None, counted: dict[str, int]) -> None:
    envelope = json.loads(to_stored(ID, Message(b"x", {"a": "b"})).envelope(SUBSCRIPTION, attempt))
    time = "2026-12-01T08:30:00.123Z"
    assert envelope == {
        "message": {
            "attributes": {"a": "b"},
            "data": base64.b64encode(b"x").decode(),
            "messageId": str(ID),
            "message_id": str(ID),
            "publishTime": time,
            "publish_time": time,
        },
        "subscription": SUBSCRIPTION,
        **counted,
    }
