"""What the log says of the chain: the number and hash of each entry, written down where whoever can write to the store
cannot get at it, and now and then the head, signed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from shared.deadline import Deadline
from shared.errors import Forbidden
from shared.signing.verifier import Verifier

ENTRY_LINE, HEAD_LINE = "audit", "audit_head"
"""The kinds of log lines that name an entry, and the signed head."""

KIND = "audit-head"
"""The kind of statement that a signed head is."""

SIGNED_BY = "scheduled_work"


EVER = 10**12
"""A number beyond every chain."""


class SignedHead(msgspec.Struct, frozen=True):
    """The payload of such a statement, as JSON: the head of the chain at a time, aware UTC."""

    sequence: int
    hash: str
    at: datetime


class Anchor(msgspec.Struct, frozen=True):
    """A hash that the entry of that number had once; `forged` where the log names one as signed that is not."""

    sequence: int
    hash: str
    forged: bool = False


class AuditLines(Protocol):
    """The log lines about the chain, wherever they are kept."""

    async def between(self, first: int, last: int, deadline: Deadline) -> Sequence[Mapping[str, Any]]:
        """The lines of both kinds whose `sequence` lies from `first` to `last`, in any order.

        Raises `Unavailable`, `DeadlineExceeded`, and `Forbidden` or `Misconfigured` for whoever may not read them.
        """
        ...


class Anchors(msgspec.Struct, frozen=True):
    """The anchors in `lines`; signed ones are verified."""

    lines: AuditLines
    verifier: Verifier

    async def between(self, first: int, last: int, deadline: Deadline) -> Sequence[Anchor]:
        """Those of the entries from `first` to `last`; raises what the two do."""
        lines = await self.lines.between(first, last, deadline)
        return [anchor for line in lines if (anchor := await self._anchor(line, deadline)) is not None]

    async def _anchor(self, line: Mapping[str, Any], deadline: Deadline) -> Anchor | None:
        sequence, hash_ = line.get("sequence"), line.get("hash")
        if not isinstance(sequence, int | float) or not isinstance(hash_, str):  # Cloud Logging has numbers as doubles
            return None
        anchor = Anchor(int(sequence), hash_)
        if line.get("kind") != HEAD_LINE or await self._signed(anchor, str(line.get("statement")), deadline):
            return anchor
        return msgspec.structs.replace(anchor, forged=True)

    async def _signed(self, anchor: Anchor, statement: str, deadline: Deadline) -> bool:
        try:
            payload = await self.verifier.verify(statement, KIND, SIGNED_BY, deadline)
            head = msgspec.json.decode(payload, type=SignedHead)
        except (Forbidden, msgspec.MsgspecError):
            return False
        return (head.sequence, head.hash) == (anchor.sequence, anchor.hash)
