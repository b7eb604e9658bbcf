"""The table of topics is complete: what the code sends and receives is in it, and nothing gets lost."""

from pathlib import Path

from shared.events.avro.event_codecs import TOPICS
from shared.events.receiver import DECISIONS
from shared.messaging.dead_letter_publisher import EVENTS
from shared.messaging.topics import subscriber_of, topic_of, topics

FUNCTIONS = Path(__file__).parents[3] / "functions"


def test_every_event_has_a_topic_that_is_archived() -> None:
    archived = {name for name, topic in topics().items() if topic.archived}
    assert archived == {*TOPICS.values(), DECISIONS}


def test_what_comes_from_kafka_is_what_is_written_in_avro() -> None:
    assert {name for name, topic in topics().items() if topic.source == "kafka"} == set(TOPICS.values())


def test_every_topic_has_a_subscriber_so_that_no_message_is_lost() -> None:
    assert [name for name, topic in topics().items() if not topic.subscribers] == []


def test_every_topic_that_is_no_dead_letters_has_a_topic_for_them() -> None:
    without = {name for name, topic in topics().items() if not topic.dead_letters}
    assert without == {name for name, topic in topics().items() if topic.source == "dead_letters"}
    assert {topic.dead_letters for topic in topics().values()} - {""} == without
    assert EVENTS in without


def test_some_function_may_publish_wherever_a_dead_letter_may_have_to_go_back_to() -> None:
    """Commands come back through the ledger, everything else from the dead letters: by scheduled work."""
    assert [
        name for name, topic in topics().items() if topic.dead_letters and "scheduled_work" not in topic.publishers
    ] == []


def test_only_functions_and_the_dead_letters_way_back_publish_beside_a_topics_source() -> None:
    elsewhere = [topic for topic in topics().values() if topic.source != "functions"]
    assert {topic.publishers for topic in elsewhere} == {("scheduled_work",), ()}


def test_a_subscription_says_which_topic_it_is_of() -> None:
    assert topic_of("commands-open-review.command_dispatch") == "commands-open-review"
    assert subscriber_of("commands-open-review.command_dispatch") == "command_dispatch"


def test_every_type_of_command_says_how_long_it_may_be_begun() -> None:
    assert [topic.name for topic in topics().values() if bool(topic.command) != bool(topic.lifetime)] == []
