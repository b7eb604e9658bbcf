"""The types of commands: a schema per version in `schemas/json/commands/`, an entry each in `schemas/topics.json`."""

from collections.abc import Mapping
from functools import cache

from shared import schema_files
from shared.errors import Invalid, Problem
from shared.json_schema import JsonSchema
from shared.messaging.topics import Topic, topics

PAYMENTS = frozenset({"resolve_transaction", "open_review"})
"""Types without which a payment stays held."""


@cache
def command_topics() -> Mapping[str, Topic]:
    """The topic of each type of command, whose publishers alone may issue it."""
    return {topic.command: topic for topic in topics().values() if topic.command}


def topic_for(kind: str) -> Topic:
    """The topic of a type of command; raises `Invalid` for one that there is not."""
    topic = command_topics().get(kind)
    if topic is None:
        raise Invalid(Problem("/type", f"one of {', '.join(sorted(command_topics()))} expected"))
    return topic


def may_issue(function: str, kind: str) -> bool:
    """Whether the table of topics lets a function issue commands of a type."""
    return function in topic_for(kind).publishers


@cache
def payload_schema(kind: str, version: int) -> JsonSchema:
    """What a payload of a type and version must be; raises `Invalid` where there is no such type or version."""
    topic_for(kind)
    try:
        return JsonSchema(schema_files.load(f"json/commands/{kind}.v{version}.json"))
    except FileNotFoundError as error:
        raise Invalid(Problem("/version", f"a version that {kind} has expected")) from error
