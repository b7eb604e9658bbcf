"""What one request may hold, and how many it takes."""

from hypothesis import given
from hypothesis import strategies as st

from shared.gcp import pubsub_messages
from shared.messaging.messages import Message
from shared.messaging.publisher import MAX_BYTES, MAX_MESSAGES, batches

sizes = st.sampled_from([0, 1, 1_000, 3_000_000, 5_000_000, 9_000_000])
some = st.builds(
    lambda size, names, key: Message(bytes(size), dict.fromkeys(names, "ö" * 500), key),
    sizes,
    st.lists(st.text("aö", min_size=1, max_size=100), max_size=3),
    st.text("k", max_size=100),
)


@given(st.lists(some, max_size=12))
def test_batches_are_all_messages_in_order_each_within_the_limits_as_pubsub_counts(messages: list[Message]) -> None:
    cut = list(batches(messages))
    assert [message for batch in cut for message in batch] == messages
    assert all(0 < len(batch) <= MAX_MESSAGES for batch in cut)
    topic = f"projects/{'p' * 30}/topics/{'t' * 255}"
    assert all(pubsub_messages.publish(topic, batch).ByteSize() <= MAX_BYTES for batch in cut)


@given(st.integers(0, 3500))
def test_no_request_is_made_that_could_have_been_saved(count: int) -> None:
    assert len(list(batches([Message(b"1")] * count))) == -(-count // MAX_MESSAGES)
