"""Kill switches over HTTP: which commands go through, and turning one off or on at once, with a reason."""

from typing import Any

import msgspec

from shared.audit.change import AuditedChange, ChangeResult, DocumentsRead
from shared.audit.log import AuditLog
from shared.commands import kill_switches
from shared.commands.kill_switches import Switch
from shared.errors import Damaged, NotFound
from shared.http.api import ApiResponse, Handler
from shared.storage.documents import Document, Documents

from .access import OperatorRequest, audit_context


class SwitchHandlers(msgspec.Struct, frozen=True):
    """The handlers over one store."""

    documents: Documents
    audit: AuditLog

    def handlers(self) -> dict[str, Handler[str]]:
        """By operation id."""
        return {
            "switches.list": self.list,
            "switches.turn": self.turn,
        }

    async def list(self, request: OperatorRequest) -> ApiResponse:
        """Every switch there is."""
        keys = [kill_switches.CODEC.key(name) for name in kill_switches.names()]
        documents = await self.documents.read(keys, request.deadline)
        return ApiResponse(
            {"switches": [_row(key.id, document) for key, document in zip(keys, documents, strict=True)]}
        )

    async def turn(self, request: OperatorRequest) -> ApiResponse:
        """Turn one; turning it to what it is changes nothing."""
        name, on, reason = request.path["switch"], request.body["on"], request.body["why"]
        if name not in kill_switches.names():
            raise NotFound(f"there is no such switch: one of {', '.join(kill_switches.names())} expected")
        key = kill_switches.CODEC.key(name)
        after = Switch(on, request.caller, request.now, reason)

        def fold(documents: DocumentsRead) -> ChangeResult[dict[str, Any]]:
            before = _row(name, documents[key])
            if before["on"] == on:
                return ChangeResult(before, targets=(name,), changed=False)
            return ChangeResult(_content(name, after), [kill_switches.CODEC.put(documents[key], key, after)], (name,))

        turned = f"{'on' if on else 'off'}: {reason}"
        return ApiResponse(
            await self.audit.record(
                AuditedChange(audit_context(request, turned), (key,), fold, (name,)), request.deadline
            )
        )


def _row(name: str, document: Document | None) -> dict[str, Any]:
    """A switch as it stands; one that cannot be read counts as off, as it does for those that it stops."""
    if document is None:
        return {"name": name, "on": True, "by": None, "at": None, "why": None}
    try:
        return _content(name, kill_switches.CODEC.decode(document))
    except Damaged:
        return {"name": name, "on": False, "by": None, "at": None, "why": "cannot be read: turn it"}


def _content(name: str, switch: Switch) -> dict[str, Any]:
    return {"name": name, "on": switch.on, "by": switch.by, "at": switch.at, "why": switch.reason}
