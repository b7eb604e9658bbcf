"""The outbox of answers: a command that belongs to an answer stands in the answer's record until it is published, by
`advice` before it answers or by `scheduled_work` later. Publishing one twice is harmless: its id names it for ever.
"""

from collections.abc import Callable, Sequence

import msgspec

from shared import answer_record
from shared.commands.command import Command, parse
from shared.commands.publisher import CommandPublisher
from shared.deadline import Deadline
from shared.documents import Document, Documents, Update


class Outbox(msgspec.Struct, frozen=True):
    """Sends what is in it. `publisher` is made when it is needed: most answers have no commands."""

    documents: Documents
    publisher: Callable[[], CommandPublisher]

    async def publish(self, commands: Sequence[Command], deadline: Deadline) -> None:
        """Publish `commands`, confirmed; raises what the publisher does, after which some may have been."""
        await self.publisher().publish(commands, deadline)

    async def send(self, stored: Document, deadline: Deadline) -> int:
        """Publish what the record of an answer has pending and clear it; how many commands that were.

        Raises what the publisher and the documents port do: then the record stays due, and all of it comes again.
        """
        record = answer_record.CODEC.decode(stored)
        if record.pending:
            await self.publish([parse(each) for each in record.pending], deadline)
        cleared = answer_record.CODEC.encode(msgspec.structs.replace(record, pending=[]))
        await self.documents.commit([Update(stored.key, stored.version, cleared, None, stored.expires_at)], deadline)
        return len(record.pending)
