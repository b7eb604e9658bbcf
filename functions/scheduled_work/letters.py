"""Dead letters that people sent back and whose time has come, and bodies of letters that nobody needs any more."""

import msgspec

from shared.backend import Backend
from shared.claims import Done
from shared.dead_letters.finishing import finish_due

from .work import Turn


class DueLetters(msgspec.Struct, frozen=True):
    """Publishes them to the topic they came from, at the rate that was asked for."""

    behind: Backend
    name: str = "due_dead_letters"

    async def run(self, turn: Turn) -> Done:
        """See `Work`."""
        behind = self.behind
        return await finish_due(
            behind.documents, behind.publisher, now=turn.now, limit=turn.limit, deadline=turn.deadline
        )
