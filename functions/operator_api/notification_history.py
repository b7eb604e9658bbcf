"""A client's notifications and what became of each, over HTTP, for support: neither their texts nor phone numbers."""

from collections.abc import Mapping
from typing import Any

import msgspec

from shared.audit.log import AuditLog
from shared.http.api import ApiResponse, Handler
from shared.notifications import devices, history, preferences
from shared.notifications.history import HistoryEntry
from shared.notifications.notification import Category, Channel
from shared.notifications.preferences import Preferences
from shared.storage.documents import Documents

from .access import OperatorRequest, audit_context


class NotificationHistoryHandlers(msgspec.Struct, frozen=True):
    """The handlers over one store."""

    documents: Documents
    audit: AuditLog

    def handlers(self) -> dict[str, Handler[str]]:
        """By operation id. A POST, so that no client's id stands in an address."""
        return {"messages.list": self.list}

    async def list(self, request: OperatorRequest) -> ApiResponse:
        """Everything about one client, put on record before it is shown."""
        client = request.tokens.token_or_id("client", request.body["client"])
        keys = [history.key(client), preferences.key(client), devices.key(client)]
        history_document, preferences_document, devices_document = await self.documents.read(keys, request.deadline)
        entries = history.read(keys[0], history_document).history.entries
        content = {
            "client": client,
            "devices": len(devices.read(devices_document).devices),
            "choices": _choices(preferences.read(preferences_document)),
            "messages": [_row(entry) for entry in sorted(entries, key=lambda entry: entry.at, reverse=True)],
        }
        await self.audit.note(audit_context(request, request.body.get("why", "")), (), (client,), request.deadline)
        return ApiResponse(content)


def _choices(chosen: Preferences) -> Mapping[str, Any]:
    quiet = chosen.quiet
    return {
        **{
            channel.value: [category.value for category in Category if chosen.allows(channel, category)]
            for channel in Channel
        },
        "quiet_hours": f"{quiet.start}-{quiet.end}" if quiet.start != quiet.end else "none",
        "language": chosen.language,
        "time_zone": chosen.time_zone,
    }


def _row(entry: HistoryEntry) -> Mapping[str, Any]:
    return {
        "command": entry.id,
        "at": entry.at,
        "channel": entry.channel,
        "category": entry.category,
        "template": entry.template,
        "language": entry.language,
        "outcome": entry.status,
        "code": entry.reason,
        "until": entry.until if not entry.final else None,
        "changed_at": entry.changed_at,
        "references": entry.references,
    }
