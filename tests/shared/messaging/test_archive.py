"""Archived messages are read as they were published, from files that look as Google's do."""

from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Malformed
from shared.messaging import archive
from shared.messaging.messages import Delivery, Message

AT = datetime(2024, 3, 1, 12, 30, 15, 123_456, tzinfo=UTC)
NAMES = st.text(min_size=1, max_size=20).filter(lambda name: name != archive.ORDERING_KEY)


def delivery(data: bytes = b"body", **attributes: str) -> Delivery:
    return Delivery(Message(data, attributes), "17", "transactions.archive", None, AT)


def written(*deliveries: Delivery) -> BytesIO:
    file = BytesIO()
    archive.append(file, deliveries)
    file.seek(0)
    return file


@given(
    st.lists(
        st.builds(
            Delivery,
            st.builds(Message, st.binary(max_size=200), st.dictionaries(NAMES, st.text(max_size=20)), st.text()),
            st.text(min_size=1),
            st.just("transactions.archive"),
            st.none(),
            st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        )
    )
)
def test_what_is_archived_is_read_as_it_was_delivered(deliveries: list[Delivery]) -> None:
    assert list(archive.read(written(*deliveries))) == deliveries


def test_a_record_has_the_fields_that_google_documents() -> None:
    (record,) = fastavro.reader(written(delivery(key="k")))
    assert record == {
        "subscription_name": "transactions.archive",
        "message_id": "17",
        "publish_time": AT,
        "attributes": {"key": "k"},
        "data": b"body",
    }


def test_a_file_grows_by_appending() -> None:
    file = written(delivery(b"1"))
    file.seek(0, 2)
    archive.append(file, [delivery(b"2")])
    file.seek(0)
    assert [delivery.message.data for delivery in archive.read(file)] == [b"1", b"2"]


def test_a_subscription_is_read_by_its_short_name_whichever_way_it_is_told() -> None:
    file = BytesIO()
    record = {"subscription_name": "projects/p/subscriptions/overdrafts.archive", "message_id": "1",
              "publish_time": AT, "attributes": {}, "data": b""}  # fmt: skip
    fastavro.writer(file, archive.SCHEMA, [record])
    file.seek(0)
    (delivery,) = archive.read(file)
    assert archive.topic_of(delivery) == "overdrafts"


def test_a_torn_file_gives_what_is_whole_and_then_says_so() -> None:
    whole = written(delivery(b"1")).getvalue()
    file = BytesIO(whole)
    file.seek(0, 2)
    archive.append(file, [delivery(b"2")])
    torn = archive.read(BytesIO(file.getvalue()[:-20]))
    assert next(torn).message.data == b"1"
    with pytest.raises(Malformed):
        next(torn)


@pytest.mark.parametrize("content", [b"", b"Obj", b"Obj\x01", b"no such file", b"Obj\x01" + bytes(100)])
def test_what_is_no_container_file_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed, match="PubsubMessageWithMetadata"):
        list(archive.read(BytesIO(content)))


@given(st.binary(max_size=60), st.integers(0, 300))
def test_a_spoilt_file_is_malformed_or_read(noise: bytes, at: int) -> None:
    content = written(delivery(b"1"), delivery(b"2")).getvalue()
    spoilt = content[:at] + noise + content[at + len(noise) :]
    with suppress(Malformed):
        assert len(list(archive.read(BytesIO(spoilt)))) <= 300
