"""The floor of a function on Firestore: Google's own client reads four documents and counts three attempts."""

import asyncio
import itertools
import os

import functions_framework.aio
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.services.firestore import FirestoreAsyncClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcAsyncIOTransport
from grpc import aio
from starlette.requests import Request
from starlette.responses import Response

_DATABASE = "projects/slacker-bench/databases/(default)"
_METADATA = [("authorization", "Bearer owner"), ("x-goog-request-params", f"database={_DATABASE}")]
_clients: list[FirestoreAsyncClient] = []
_reads = itertools.cycle(
    [
        [f"{_DATABASE}/documents/{name}" for name in names.split("+")]
        for names in os.environ["SLACKER_BENCH_READS"].split(",")
    ]
)


def _client() -> FirestoreAsyncClient:
    if not _clients:
        channel = aio.insecure_channel(os.environ["SLACKER_BENCH_DOCUMENTS"])
        _clients.append(FirestoreAsyncClient(transport=FirestoreGrpcAsyncIOTransport(channel=channel)))
    return _clients[0]


async def _read(client: FirestoreAsyncClient, names: list[str]) -> None:
    request = types.BatchGetDocumentsRequest(database=_DATABASE, documents=names)
    async for _ in await client.batch_get_documents(request, metadata=_METADATA, timeout=5):
        pass


async def _count(client: FirestoreAsyncClient, names: list[str]) -> None:
    increment = types.Value(integer_value=1)
    transform = types.DocumentTransform.FieldTransform(field_path="count", increment=increment)
    writes = [
        types.Write(
            update=types.Document(name=f"{_DATABASE}/documents/attempts/{name.rpartition('/')[2]}"),
            update_mask=types.DocumentMask(),
            update_transforms=[transform],
        )
        for name in names
    ]
    await client.commit(types.CommitRequest(database=_DATABASE, writes=writes), metadata=_METADATA, timeout=5)


@functions_framework.aio.http
async def firestore_calls(_: Request) -> Response:
    """Read and count."""
    client, names = _client(), next(_reads)
    await asyncio.gather(_read(client, names), _count(client, names[:3]))
    return Response(b"{}", media_type="application/json")
