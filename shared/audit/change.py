"""Something that somebody does on record: what it changes is committed together with the entry that tells of it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from shared.storage.documents import Document, Key, Write
from shared.trace import Trace

R = TypeVar("R")

DocumentsRead = Mapping[Key, Document | None]


class AuditContext(msgspec.Struct, frozen=True):
    """Who does what, when and why. `actor` is an e-mail address or a function's name, `action` reads
    `reviews.approve`, `at` is aware UTC.
    """

    actor: str
    action: str
    at: datetime
    reason: str = ""
    trace: Trace | None = None


class ChangeResult(msgspec.Struct, Generic[R], frozen=True):
    """What an act led to. `writes` are creates, updates and deletes of the act's own keys, `targets` the ids of what
    was read or changed, `subjects` the tokens of the clients it is about; not `changed` where it had been done before.
    """

    result: R
    writes: Sequence[Write] = ()
    targets: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    changed: bool = True


class AuditedChange(msgspec.Struct, Generic[R], frozen=True):
    """A deed and what it changes: `fold` is given the documents at `keys` and says what to write.

    It is pure, for it is folded again after a conflict. A `Permanent` error that it raises is recorded as a refusal of
    `targets`, and raised to whoever acts.
    """

    context: AuditContext
    keys: tuple[Key, ...]
    fold: Callable[[DocumentsRead], ChangeResult[R]]
    targets: tuple[str, ...] = ()
