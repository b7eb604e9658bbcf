"""`notify_client`: the command goes on, as it is, to `push_notification`, which knows channels and preferences.

A publish may happen twice; who receives it knows the command's id and tells the client once.
"""

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from shared.commands.command import Command
from shared.commands.outcome import CommandOutcome
from shared.composition.ports import Ports
from shared.deadline import Deadline
from shared.messaging.messages import Message
from shared.messaging.publisher import Publisher
from shared.trace import Trace

TOPIC = "notifications"


class NotifyClient(msgspec.Struct, frozen=True):
    """Hands notifications over."""

    publisher: Publisher
    settling_time: timedelta = timedelta()

    async def perform(self, command: Command, *, uncertain: bool, trace: Trace, deadline: Deadline) -> CommandOutcome:
        """See `Handler`; done is what is confirmed by Pub/Sub."""
        await self.publisher.publish(TOPIC, [Message(command.encoded())], deadline)
        return CommandOutcome.done()


def build(ports: Ports, environ: Mapping[str, str]) -> NotifyClient:
    """The handler of this instance."""
    return NotifyClient(ports.publisher)
