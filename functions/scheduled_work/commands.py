"""Commands that nobody is about to deliver: parked ones, lapsed claims, dead letters that were not published."""

import msgspec

from shared.backend import Backend
from shared.claims import Done
from shared.commands.due import republish_due

from .work import Turn


class DueCommands(msgspec.Struct, frozen=True):
    """Publishes them again, for `command_dispatch` to settle."""

    behind: Backend
    name: str = "due_commands"

    async def run(self, turn: Turn) -> Done:
        """See `Work`."""
        behind = self.behind
        return await republish_due(
            behind.documents, behind.publisher, now=turn.now, limit=turn.limit, deadline=turn.deadline
        )
