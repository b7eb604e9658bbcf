"""Notifications that waited for the end of quiet hours, or for whom they go by."""

import msgspec

from shared.backend import Backend
from shared.claims import Done
from shared.notifications.waiting import republish_due

from .work import Turn


class DueNotifications(msgspec.Struct, frozen=True):
    """Publishes them again, for `push_notification` to send."""

    behind: Backend
    name: str = "due_notifications"

    async def run(self, turn: Turn) -> Done:
        """See `Work`."""
        behind = self.behind
        return await republish_due(
            behind.documents, behind.publisher, now=turn.now, limit=turn.limit, deadline=turn.deadline
        )
