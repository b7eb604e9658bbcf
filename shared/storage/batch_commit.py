"""Commits one batch: its documents are read, folded and written, and again after a write conflict."""

import random
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from shared.deadline import Deadline
from shared.errors import Conflict, Invalid, Problem, WriteConflict
from shared.storage.batch_fold import BatchFold, FoldResult, Needs
from shared.storage.documents import MAX_WRITES, Create, Document, Documents, Key, Update, Write

MAX_COMMIT_BYTES = 9_000_000
"""Bytes of all states in one commit: Firestore's 10 MiB per request, less room for names and framing."""

MAX_NEEDED_BYTES = 4_000_000
"""Bytes of all states that are read in one batch because items need them."""

_TRIES = 6
_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1  # seconds, before a batch is folded again that met a conflict

Item = TypeVar("Item")
Result = TypeVar("Result")


class ItemFault(Exception):
    """A batch failed because of one of its items, not known which; `error` is what that item is to fail with."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


class BatchCommit(Generic[Item, Result]):
    """Commits batches of items to `documents`."""

    def __init__(self, documents: Documents, fold: BatchFold[Item, Result | Needs]) -> None:
        self._documents = documents
        self._fold = fold

    async def commit(
        self, items: Sequence[Item], needed: Sequence[Key], created: dict[Key, None], deadline: Deadline
    ) -> Sequence[Result | Needs]:
        """The results of `items`, one each, committed but for those that need more documents.

        The keys in `needed` and in `created` are read too. A store does not say which write met a conflict, so after
        one every document that a fold created without having read it is added to `created`: the next fold sees whether
        it exists.

        Raises `ItemFault` for what the fold raises, for a commit beyond the limits, and for an item that creates a
        document it was shown; and every error of the documents port.
        """
        pause = _FIRST_PAUSE
        for attempt in range(_TRIES):
            if attempt:
                await deadline.sleep(random.uniform(0, pause))  # noqa: S311 - jitter
                pause = min(2 * pause, _LONGEST_PAUSE)
            keys = self._keys(items, needed, created)
            documents = dict(zip(keys, await self._documents.read(keys, deadline), strict=True)) if keys else {}
            if needed:
                _check_needed(documents, needed)
            folded = self._folded(documents, items)
            if created:
                _check_created(documents, folded.writes)
            try:
                if folded.writes:
                    await self._documents.commit(folded.writes, deadline)
            except WriteConflict:
                unread = (
                    write.key for write in folded.writes if isinstance(write, Create) and write.key not in documents
                )
                created.update(dict.fromkeys(unread))
                continue
            return folded.results
        raise WriteConflict(f"the documents changed under {_TRIES} tries")

    def _keys(self, items: Sequence[Item], needed: Sequence[Key], created: Mapping[Key, None]) -> Sequence[Key]:
        try:
            keys = self._fold.keys(items)
        except Exception as error:
            raise ItemFault(error) from error
        return list(dict.fromkeys((*keys, *needed, *created))) if needed or created else keys

    def _folded(self, documents: Mapping[Key, Document | None], items: Sequence[Item]) -> FoldResult[Result | Needs]:
        try:
            folded = self._fold.fold(documents, items)
            _check_commit(folded.writes)
            if len(folded.results) != len(items):
                raise ValueError(f"{len(folded.results)} results of {len(items)} items")  # noqa: TRY301 - as the fold's own
        except Exception as error:
            raise ItemFault(error) from error
        return folded


def _check_commit(writes: Sequence[Write]) -> None:
    """Raise `Invalid` for writes beyond the limits of a commit: a batch is halved then, a single item fails."""
    if len(writes) > MAX_WRITES:
        raise Invalid(Problem("writes", f"at most {MAX_WRITES} in one commit"))
    if sum(len(write.state) for write in writes if isinstance(write, Create | Update)) > MAX_COMMIT_BYTES:
        raise Invalid(Problem("writes", f"at most {MAX_COMMIT_BYTES} bytes in one commit"))


def _check_needed(documents: Mapping[Key, Document | None], needed: Sequence[Key]) -> None:
    read = (documents[key] for key in dict.fromkeys(needed))
    if sum(len(document.state) for document in read if document is not None) > MAX_NEEDED_BYTES:
        raise ItemFault(Invalid(Problem("needs", f"at most {MAX_NEEDED_BYTES} bytes of documents")))


def _check_created(documents: Mapping[Key, Document | None], writes: Sequence[Write]) -> None:
    for write in writes:
        if isinstance(write, Create) and documents.get(write.key) is not None:
            raise ItemFault(Conflict(f"a document of {write.key.collection} that is to be created exists"))
