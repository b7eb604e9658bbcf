"""The audit over HTTP: entries as they are stored, so that whoever reads them can verify the chain himself."""

import msgspec

from shared.audit.pages import page
from shared.http.api import ApiResponse, Handler
from shared.storage.documents import Documents

from .access import OperatorRequest


class AuditHandlers(msgspec.Struct, frozen=True):
    """The handlers over one store."""

    documents: Documents

    def handlers(self) -> dict[str, Handler[str]]:
        """By operation id."""
        return {"audit.read": self.read}

    async def read(self, request: OperatorRequest) -> ApiResponse:
        """A page of the chain, and its head as it was before."""
        first, limit = request.query["first"], request.query["limit"]
        found = await page(self.documents, first, limit, request.deadline)
        entries = [
            None if sealed is None else {"hash": sealed.hash, "content": sealed.content.decode("utf-8", "replace")}
            for sealed in found.entries
        ]
        last = found.first + len(entries) - 1
        head = {"sequence": found.head.sequence, "hash": found.head.hash}
        return ApiResponse({"head": head, "first": found.first, "entries": entries}, (f"{found.first}-{last}",))
