"""Publishing commands, each to the topic of its type.

Who may issue a type is who may publish to its topic: Terraform grants that by `publishers` in `schemas/topics.json`.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import msgspec

from shared.commands.command import Command
from shared.commands.types import topic_for
from shared.deadline import Deadline
from shared.messaging.messages import Message
from shared.messaging.publisher import Publisher


class CommandPublisher(Protocol):
    """Where commands are published."""

    async def publish(self, commands: Sequence[Command], deadline: Deadline) -> object:
        """Publish all of `commands`, confirmed; raises what a publisher does, after which some may have been."""
        ...


class TopicCommandPublisher(msgspec.Struct, frozen=True):
    """Implements the port over topics: the way out for the commands of one function."""

    publisher: Publisher

    async def publish(self, commands: Sequence[Command], deadline: Deadline) -> list[str]:
        """Publish `commands`, which were parsed or validated, and give the messages' ids, in that order, once all are
        confirmed.

        Raises what the publisher does, after which some may have been published: the same commands may then be
        published again.
        """
        by_topic: dict[str, list[tuple[int, Message]]] = {}
        for index, command in enumerate(commands):
            by_topic.setdefault(topic_for(command.type).name, []).append((index, Message(command.encoded())))
        ids = [""] * len(commands)

        async def send(topic: str, numbered: list[tuple[int, Message]]) -> None:
            published = await self.publisher.publish(topic, [message for _, message in numbered], deadline)
            for (index, _), id_ in zip(numbered, published, strict=True):
                ids[index] = id_

        failed = await asyncio.gather(
            *(send(topic, numbered) for topic, numbered in by_topic.items()), return_exceptions=True
        )
        for error in failed:
            if error is not None:
                raise error
        return ids
