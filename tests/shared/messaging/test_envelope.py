"""What a push carries comes out whole, and whatever else is posted is refused by the name of the field."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Malformed
from shared.messaging.envelope import MAX_BODY, parse_push
from shared.messaging.messages import Delivery, Message
from shared.messaging.publisher import MAX_ATTRIBUTES, MAX_BYTES, MAX_NAME_BYTES, MAX_VALUE_BYTES

PUSH: dict[str, Any] = {
    "message": {
        "attributes": {"origin": "kafka", "Schlüssel": "ключ 🔑"},
        "data": "AP+AYQ==",
        "messageId": "2070443601311540",
        "message_id": "2070443601311540",
        "orderingKey": "client-7",
        "publishTime": "2026-02-26T19:13:55.749Z",
        "publish_time": "2026-02-26T19:13:55.749Z",
    },
    "deliveryAttempt": 5,
    "subscription": "projects/bank/subscriptions/risk-features",
}
EVENTARC = {
    "message": {
        "data": "AP+AYQ==",
        "messageId": "1",
        "message_id": "1",
        "publishTime": "2026-02-26T19:13:55.749123456Z",
        "publish_time": "2026-02-26T19:13:55.749123456Z",
    },
    "subscription": "projects/bank/subscriptions/eventarc-europe-west1-risk-sub-1",
}


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def changed(path: str, value: Any) -> dict[str, Any]:
    """PUSH with another value at a dotted path."""
    copy = json.loads(json.dumps(PUSH))
    *parents, last = path.split(".")
    target = copy
    for parent in parents:
        target = target[parent]
    target[last] = value
    return copy  # type: ignore[no-any-return] # json's own


def without(path: str) -> dict[str, Any]:
    """PUSH without the value at a dotted path."""
    copy = changed(path, None)
    *parents, last = path.split(".")
    target = copy
    for parent in parents:
        target = target[parent]
    del target[last]
    return copy


def test_a_push_gives_all_it_carries() -> None:
    assert parse_push(encoded(PUSH)) == Delivery(
        Message(b"\x00\xff\x80a", {"origin": "kafka", "Schlüssel": "ключ 🔑"}, "client-7"),
        "2070443601311540",
        "risk-features",
        5,
        datetime(2026, 2, 26, 19, 13, 55, 749_000, UTC),
    )


def test_a_body_of_an_eventarc_trigger_is_read_like_a_push() -> None:
    assert parse_push(encoded(EVENTARC)) == Delivery(
        Message(b"\x00\xff\x80a"),
        "1",
        "eventarc-europe-west1-risk-sub-1",
        None,
        datetime(2026, 2, 26, 19, 13, 55, 749_123, UTC),
    )


@pytest.mark.parametrize("body", [without("message.data"), changed("message.data", "")])
def test_a_message_without_data_is_an_empty_one(body: dict[str, Any]) -> None:
    assert parse_push(encoded(body)).message.data == b""


def test_a_time_with_another_offset_is_the_same_instant() -> None:
    moved = changed("message.publishTime", "2026-02-26T21:13:55.749+02:00")
    assert parse_push(encoded(moved)).published_at == datetime(2026, 2, 26, 19, 13, 55, 749_000, UTC)
    assert parse_push(encoded(moved)).published_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", ""),
        (b"{", ""),
        (b"\xff\xfe", ""),
        (b"[" * 100_000, ""),
        (b"null", ""),
        (b"[]", ""),
        (b"{}", "/message"),
        (encoded({"message": {}, "subscription": "s"}), "/message/messageId"),
        (encoded(without("subscription")), "/subscription"),
        (encoded(changed("subscription", "")), "/subscription"),
        (encoded(changed("subscription", 7)), "/subscription"),
        (encoded(changed("subscription", "s" * 5000)), "/subscription"),
        (encoded(changed("message", "text")), "/message"),
        (encoded(changed("message.messageId", "")), "/message/messageId"),
        (encoded(changed("message.messageId", 7)), "/message/messageId"),
        (encoded(changed("message.data", "!")), "/message/data"),
        (encoded(changed("message.data", "AP+AYQ")), "/message/data"),
        (encoded(changed("message.data", "AP+AYQ==\n")), "/message/data"),
        (encoded(changed("message.data", "AP-AYQ==")), "/message/data"),
        (encoded(changed("message.data", 7)), "/message/data"),
        (encoded(changed("message.attributes", {"secret-name": 7})), "/message/attributes"),
        (encoded(changed("message.attributes", [])), "/message/attributes"),
        (encoded(changed("message.orderingKey", 7)), "/message/orderingKey"),
        (encoded(changed("message.publishTime", "yesterday")), "/message/publishTime"),
        (encoded(changed("message.publishTime", "2026-02-26T19:13:55")), "/message/publishTime"),
        (encoded(changed("message.publishTime", "0001-01-01T00:00:00+02:00")), "/message/publishTime"),
        (encoded(changed("deliveryAttempt", 0)), "/deliveryAttempt"),
        (encoded(changed("deliveryAttempt", "1")), "/deliveryAttempt"),
    ],
)
def test_anything_else_is_malformed_and_the_field_is_named(body: bytes, field: str) -> None:
    with pytest.raises(Malformed) as raised:
        parse_push(body)
    (problem,) = raised.value.problems
    assert problem.field == field
    assert problem.message
    assert "secret-name" not in str(raised.value)


def test_the_largest_message_fits_into_the_largest_body() -> None:
    """A control character takes one byte in Pub/Sub and six in JSON."""
    attributes = {
        chr(index + 1) + "\x01" * (MAX_NAME_BYTES - 2): "\x01" * MAX_VALUE_BYTES for index in range(MAX_ATTRIBUTES)
    }
    size = sum(len(name) + len(value) for name, value in attributes.items())
    body = changed("message.attributes", attributes)
    body["message"]["data"] = base64.b64encode(b"\xff" * (MAX_BYTES - size)).decode()
    assert len(encoded(body)) < MAX_BODY


texts = st.text(max_size=20)
times = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants it so


@given(st.binary(max_size=200), st.dictionaries(texts, texts), texts, st.none() | st.integers(1, 100), times)
def test_whatever_is_pushed_comes_back(
    data: bytes, attributes: dict[str, str], key: str, attempt: int | None, published_at: datetime
) -> None:
    message = {
        "data": base64.b64encode(data).decode(),
        "attributes": attributes,
        "orderingKey": key,
        "messageId": "7",
        "publishTime": published_at.isoformat(),
    }
    body: dict[str, Any] = {"message": message, "subscription": "projects/p/subscriptions/s"}
    body |= {} if attempt is None else {"deliveryAttempt": attempt}
    expected = Delivery(Message(data, attributes, key), "7", "s", attempt, published_at)
    assert parse_push(encoded(body)) == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
paths = ["message", "subscription", "deliveryAttempt", *(f"message.{name}" for name in PUSH["message"])]


@given(st.sampled_from(paths), json_values)
def test_a_field_of_any_other_kind_is_read_or_malformed_and_nothing_else(path: str, value: Any) -> None:
    with suppress(Malformed):
        parse_push(encoded(changed(path, value)))


@given(st.binary(max_size=300) | st.integers(0, len(encoded(PUSH)) - 1).map(lambda end: encoded(PUSH)[:end]))
def test_no_bytes_raise_anything_but_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse_push(body)
