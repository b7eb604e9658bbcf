"""The layout of a document in Firestore: one unindexed bytes field, a count, two times; and the API's messages.

`state` is exempt from indexes, `due_at` is indexed and `expires_at` has a TTL policy: Terraform sets all three.
Messages are plain protobuf, since Google's wrapper types take several times as long.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from google.cloud.firestore_v1 import types

from shared.errors import Invalid, Problem
from shared.gcp.grpc_channel import Message
from shared.storage.documents import Create, Delete, Document, Increment, Key, Write, Written

BatchGetRequest, BatchGetResponse = types.BatchGetDocumentsRequest.pb(), types.BatchGetDocumentsResponse.pb()
CommitRequest, CommitResponse = types.CommitRequest.pb(), types.CommitResponse.pb()
RunQueryRequest, RunQueryResponse = types.RunQueryRequest.pb(), types.RunQueryResponse.pb()

_FieldFilter = types.StructuredQuery.FieldFilter
_BEHIND_ALL = "\U0010ffff"  # sorts behind every character that an id may have


class Layout:
    """Messages for one database, named `projects/{project}/databases/{database}`."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.root = f"{database}/documents"

    def batch_get(self, keys: Sequence[Key]) -> Message:
        """The request for the documents at `keys`."""
        return BatchGetRequest(database=self.database, documents=[self._name(key) for key in keys])

    def commit(self, writes: Sequence[Write]) -> Message:
        """The request that does `writes` together."""
        request = CommitRequest(database=self.database)
        for write in writes:
            self._add(request.writes.add(), write)
        return request

    def scan(self, collection: str, prefix: str, after: str, limit: int) -> Message:
        """The query for a collection in order of id."""
        request, query = self._query(collection, limit)
        query.order_by.add().field.field_path = "__name__"
        if prefix:
            both = query.where.composite_filter
            both.op = types.StructuredQuery.CompositeFilter.Operator.AND
            at_least, below = _FieldFilter.Operator.GREATER_THAN_OR_EQUAL, _FieldFilter.Operator.LESS_THAN
            for operator, bound in ((at_least, prefix), (below, prefix + _BEHIND_ALL)):
                condition = both.filters.add().field_filter
                condition.field.field_path, condition.op = "__name__", operator
                condition.value.reference_value = self._name(Key(collection, bound))
        if after:
            query.start_at.values.add().reference_value = self._name(Key(collection, after))
        return request

    def due(self, collection: str, before: datetime, limit: int) -> Message:
        """The query for the documents due by `before`, the oldest first."""
        request, query = self._query(collection, limit)
        condition = query.where.field_filter
        condition.field.field_path, condition.op = "due_at", _FieldFilter.Operator.LESS_THAN_OR_EQUAL
        condition.value.timestamp_value.FromDatetime(before)
        for path in ("due_at", "__name__"):
            query.order_by.add().field.field_path = path
        return request

    def document(self, message: Message) -> Document:
        """A document from its message."""
        fields = message.fields
        collection, id_ = message.name.removeprefix(self.root + "/").split("/")
        return Document(
            Key(collection, id_),
            fields["state"].bytes_value if "state" in fields else b"",
            _version(message.update_time),
            fields["count"].integer_value if "count" in fields else 0,
            _time(fields, "due_at"),
            _time(fields, "expires_at"),
        )

    def _query(self, collection: str, limit: int) -> tuple[Message, Message]:
        request = RunQueryRequest(parent=self.root)
        query = request.structured_query
        query.from_.add().collection_id = collection
        query.limit.value = limit
        return request, query

    def _name(self, key: Key) -> str:
        return f"{self.root}/{key.collection}/{key.id}"

    def _add(self, message: Message, write: Write) -> None:
        if isinstance(write, Delete):
            message.delete = self._name(write.key)
            if write.version is not None:
                _expect(message, write.version)
            return
        message.update.name = self._name(write.key)
        if isinstance(write, Increment):
            # With a mask, only what it names is written; this one names nothing but a new expiry.
            message.update_mask.SetInParent()
            if write.expires_at is not None:
                message.update_mask.field_paths.append("expires_at")
            _set_time(message.update.fields, "expires_at", write.expires_at)
            message.update_transforms.add(field_path="count").increment.integer_value = write.by
            return
        message.update.fields["state"].bytes_value = write.state
        _set_time(message.update.fields, "due_at", write.due_at)
        _set_time(message.update.fields, "expires_at", write.expires_at)
        if isinstance(write, Create):
            message.current_document.exists = False
        else:
            # A field in the mask without a value is removed; the count is not in it and stays.
            message.update_mask.field_paths.extend(("state", "due_at", "expires_at"))
            _expect(message, write.version)


def written(write: Write, result: Message) -> Written:
    """What one write led to, from its result."""
    if isinstance(write, Delete):
        return Written("")
    count = result.transform_results[0].integer_value if isinstance(write, Increment) else 0
    return Written(_version(result.update_time), count)


def _version(update_time: Message) -> str:
    return f"{update_time.seconds}.{update_time.nanos:09d}"


def _expect(message: Message, version: str) -> None:
    try:
        seconds, nanos = version.split(".")
        message.current_document.update_time.seconds = int(seconds)
        message.current_document.update_time.nanos = int(nanos)
    except ValueError as error:
        raise Invalid(Problem("version", "a version that was read from this store")) from error


def _set_time(fields: Message, name: str, time: datetime | None) -> None:
    if time is not None:
        fields[name].timestamp_value.FromDatetime(time)


def _time(fields: Message, name: str) -> datetime | None:
    # Read from a map of messages, a missing name would be put there.
    if name not in fields:
        return None
    time: datetime = fields[name].timestamp_value.ToDatetime(tzinfo=UTC)
    return time
