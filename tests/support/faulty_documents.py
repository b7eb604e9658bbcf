"""A documents store that fails or hangs as told: the faults every function has to live with."""

from collections.abc import Sequence

from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import DeadlineExceeded, Unavailable
from shared.storage.documents import Document, Key, Write, Written


class Troubled(MemoryDocuments):
    """Its reads and commits `work`, `fail`, `hang` until the deadline, or are `lost`: done, but never confirmed."""

    def __init__(self, *, reads: str = "work", commits: str = "work") -> None:
        super().__init__()
        self.reads, self.commits = reads, commits

    async def read(self, keys: Sequence[Key], deadline: Deadline) -> list[Document | None]:
        await _trouble(self.reads, deadline)
        return await super().read(keys, deadline)

    async def commit(self, writes: Sequence[Write], deadline: Deadline) -> list[Written]:
        if self.commits == "lost":
            await super().commit(writes, deadline)
            raise DeadlineExceeded("the store did not confirm")
        await _trouble(self.commits, deadline)
        return await super().commit(writes, deadline)


async def _trouble(how: str, deadline: Deadline) -> None:
    if how == "fail":
        raise Unavailable("the store is down")
    if how == "hang":
        await deadline.sleep(deadline.remaining())
        raise DeadlineExceeded("the store is slow")
