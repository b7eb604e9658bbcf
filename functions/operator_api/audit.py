"""The audit over HTTP: entries as they are stored, so that whoever reads them can verify the chain himself."""

from dataclasses import dataclass

from shared.audit.reading import page
from shared.documents import Documents

from .roles import Role
from .route import Asked, Route, Shown

_AUDITORS = frozenset({Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class AuditRoutes:
    """The routes over one store."""

    documents: Documents

    def routes(self) -> tuple[Route, ...]:
        """See `Route`."""
        return (Route("GET", "/v1/audit", _AUDITORS, "audit.read", self.read),)

    async def read(self, asked: Asked) -> Shown:
        """A page of the chain, and its head as it was before."""
        first, limit = asked.query["first"], asked.query["limit"]
        found = await page(self.documents, first, limit, asked.deadline)
        entries = [
            None if sealed is None else {"hash": sealed.hash, "content": sealed.content.decode("utf-8", "replace")}
            for sealed in found.entries
        ]
        last = found.first + len(entries) - 1
        head = {"sequence": found.head.sequence, "hash": found.head.hash}
        return Shown({"head": head, "first": found.first, "entries": entries}, (f"{found.first}-{last}",))
