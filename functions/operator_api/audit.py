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
        chain_page = await page(self.documents, first, limit, request.deadline)
        entries = [
            None if sealed is None else {"hash": sealed.hash, "content": sealed.content.decode("utf-8", "replace")}
            for sealed in chain_page.entries
        ]
        last = chain_page.first + len(entries) - 1
        head = {"sequence": chain_page.head.sequence, "hash": chain_page.head.hash}
        return ApiResponse(
            {"head": head, "first": chain_page.first, "entries": entries}, (f"{chain_page.first}-{last}",)
        )
