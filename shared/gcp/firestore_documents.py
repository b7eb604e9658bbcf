"""The documents port on Firestore: one BatchGetDocuments per read, one Commit per commit, a query for the rest.

Reads are repeated where the server was away. A commit is repeated only when Firestore aborted it for contention, which
says that nothing was written; after any other failure it may have been, and an increment would count twice.
"""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from grpc import StatusCode

from shared.deadline import Deadline
from shared.errors import Invalid, Problem, WriteConflict
from shared.gcp import firestore_messages as messages
from shared.gcp.grpc_channel import Channel, Message, Method
from shared.storage.documents import Document, Key, Write, Written, check_keys, check_limits

HOST = "firestore.googleapis.com"

_SERVICE = "/google.firestore.v1.Firestore/"
_READ_AGAIN = frozenset({StatusCode.UNAVAILABLE, StatusCode.ABORTED, StatusCode.INTERNAL})
_READ = Method(_SERVICE + "BatchGetDocuments", messages.BatchGetResponse, _READ_AGAIN)
_QUERY = Method(_SERVICE + "RunQuery", messages.RunQueryResponse, _READ_AGAIN)
_COMMIT = Method(
    _SERVICE + "Commit",
    messages.CommitResponse,
    again=frozenset({StatusCode.ABORTED}),
    errors={
        StatusCode.ALREADY_EXISTS: WriteConflict,
        StatusCode.FAILED_PRECONDITION: WriteConflict,
        StatusCode.NOT_FOUND: WriteConflict,
        StatusCode.ABORTED: WriteConflict,
        StatusCode.INVALID_ARGUMENT: lambda text: Invalid(Problem("writes", text)),
    },
)


class FirestoreDocuments:
    """Implements `shared.storage.documents.Documents` in the default database of `project`; `emulator` is its host
    and port.
    """

    def __init__(self, project: str, emulator: str = "") -> None:
        database = f"projects/{project}/databases/(default)"
        self._layout = messages.Layout(database)
        self._channel = Channel(HOST, f"database={quote(database, safe='')}", emulator)

    async def read(self, keys: Sequence[Key], deadline: Deadline) -> list[Document | None]:
        """See the port."""
        check_keys(keys)
        responses = await self._channel.stream(_READ, self._layout.batch_get(keys), deadline) if keys else []
        documents = (self._layout.document(response.found) for response in responses if response.HasField("found"))
        by_key = {document.key: document for document in documents}
        return [by_key.get(key) for key in keys]

    async def commit(self, writes: Sequence[Write], deadline: Deadline) -> list[Written]:
        """See the port."""
        check_limits(writes)
        response = await self._channel.unary(_COMMIT, self._layout.commit(writes), deadline)
        results = response.write_results
        return [messages.written(write, result) for write, result in zip(writes, results, strict=True)]

    async def scan(
        self, collection: str, deadline: Deadline, *, prefix: str = "", after: str = "", limit: int = 100
    ) -> list[Document]:
        """See the port."""
        return await self._query(self._layout.scan(collection, prefix, after, limit), deadline)

    async def due(self, collection: str, deadline: Deadline, *, before: datetime, limit: int = 100) -> list[Document]:
        """See the port."""
        return await self._query(self._layout.due(collection, before, limit), deadline)

    async def close(self) -> None:
        """See the port."""
        await self._channel.close()

    async def _query(self, request: Message, deadline: Deadline) -> list[Document]:
        responses = await self._channel.stream(_QUERY, request, deadline)
        # Some responses carry no document, only how far the query has come.
        return [self._layout.document(response.document) for response in responses if response.HasField("document")]
