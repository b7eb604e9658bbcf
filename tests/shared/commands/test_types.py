"""The types of commands: each has a topic and a schema."""

import pytest

from shared.commands.types import PAYMENTS, command_topics, payload_schema, topic_for
from shared.errors import Invalid


@pytest.mark.parametrize("kind", sorted(command_topics()))
def test_every_type_has_a_topic_of_its_own_and_a_first_version(kind: str) -> None:
    assert topic_for(kind).command == kind
    with pytest.raises(Invalid):
        payload_schema(kind, 1).validate(None)


def test_a_type_that_there_is_not_is_told_those_that_there_are() -> None:
    with pytest.raises(Invalid, match=r"/type: one of .*create_ticket.* expected"):
        topic_for("make_coffee")


def test_a_version_that_there_is_not_is_told() -> None:
    with pytest.raises(Invalid, match="/version: a version that create_ticket has expected"):
        payload_schema("create_ticket", 99)


def test_payments_wait_for_types_that_there_are() -> None:
    assert PAYMENTS - set(command_topics()) == set()
