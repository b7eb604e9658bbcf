"""A dead letter: the message as it came, and beside it why."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.embedded.memory_publisher import MemoryPublisher
from shared.errors import Invalid, Problem, TooLarge, Unavailable
from shared.messaging.dead_letter_publisher import DeadLetterPublisher, code, reason
from shared.messaging.messages import Delivery, Message
from tests.support.deadlines import plenty

ERROR = Invalid(Problem("amount.minor", "a whole number expected"), Problem("client", "a text expected"))


def delivery(message: Message, attempt: int | None = 2, subscription: str = "transactions.f") -> Delivery:
    return Delivery(message, "m-1", subscription, attempt, datetime(2026, 3, 1, 12, tzinfo=UTC))


async def buried(delivered: Delivery, error: Exception = ERROR) -> Message:
    """The one dead letter of a delivery."""
    publisher = MemoryPublisher()
    await DeadLetterPublisher(publisher, "dead", "f").publish_error(delivered, error, plenty())
    [letter] = publisher.published["dead"]
    return letter


async def test_a_letter_is_the_message_with_the_reason_the_field_and_where_it_came_from() -> None:
    letter = await buried(delivery(Message(b"body", {"kafka.offset": "7"}, "key")))
    assert letter == Message(
        b"body",
        {
            "kafka.offset": "7",
            "slacker-code": "invalid",
            "slacker-reason": "amount.minor: a whole number expected; client: a text expected",
            "slacker-field": "amount.minor",
            "slacker-source": "transactions.f",
            "slacker-attempt": "2",
            "slacker-function": "f",
            "slacker-message": "m-1",
            "slacker-published": "2026-03-01T12:00:00+00:00",
        },
    )


async def test_a_letter_that_dies_again_tells_of_the_last_time() -> None:
    first = await buried(delivery(Message(b"body")))
    again = await buried(delivery(first, attempt=None), Invalid(Problem("x", "y")))
    assert again.attributes["slacker-reason"] == "x: y"


@pytest.mark.parametrize(
    ("error", "expected"), [(KeyError("C-1"), "our own fault: KeyError"), (Unavailable("no answer"), "no answer")]
)
def test_the_text_of_an_exception_that_is_not_ours_is_not_told(error: Exception, expected: str) -> None:
    """It may quote what it was given."""
    assert reason(error) == expected


@pytest.mark.parametrize(
    ("error", "expected"), [(TooLarge(9), "too_large"), (ERROR, "invalid"), (ZeroDivisionError(), "our_fault")]
)
def test_the_kind_of_reason_is_the_kind_of_error(error: Exception, expected: str) -> None:
    assert code(error) == expected


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(
    attributes=st.dictionaries(NAMES, NAMES | st.just("v" * 1025), max_size=8),
    size=st.integers(0, 3),
    subscription=NAMES,
    field=NAMES,
    text=st.text(max_size=2000, alphabet="aé"),
)
async def test_whatever_was_delivered_can_be_published(
    attributes: dict[str, str], size: int, subscription: str, field: str, text: str
) -> None:
    """The publisher refuses what Pub/Sub would not take."""
    data = b"x" * (0, 1, 9_000_001, 10_000_000)[size]
    many = {**attributes, **{f"a{number}": "" for number in range(95)}}
    letter = await buried(delivery(Message(data, many), subscription=subscription), Invalid(Problem(field, text)))
    assert ("slacker-cut" in letter.attributes) == (letter.data != data)
