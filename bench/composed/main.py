"""`risk_decision` as it is deployed, but for its documents: preloaded in memory, or in Firestore's emulator.

Everything else stays embedded, since there is no emulator of Secret Manager.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import functions_framework.aio
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from functions.risk_decision.main import compose
from functions.risk_decision.service import Service
from shared.composition.entry_point import EntryPoint
from shared.composition.ports import open_ports
from shared.embedded.memory_documents import MemoryDocuments
from shared.storage.documents import Document, Documents, Key

DOCUMENTS = "SLACKER_BENCH_DOCUMENTS"
"""The variable that names an emulator's host and port, or is `memory`."""


class Preloaded(MemoryDocuments):
    """Documents in memory that begin as those of a SQLite file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        with sqlite3.connect(path) as source:
            for collection, name, state in source.execute("SELECT collection, id, state FROM documents"):
                key = Key(collection, name)
                self._documents[key] = Document(key, state, version="0")


def build(environ: Mapping[str, str]) -> Service:
    """The service over the documents that `environ` names."""
    ports = open_ports(environ)
    return compose(replace(ports, documents=_documents(environ[DOCUMENTS], ports.settings.state)))


def _documents(where: str, state: Path) -> Documents:
    if where == "memory":
        return Preloaded(state / "documents.sqlite")
    from shared.gcp.firestore_documents import FirestoreDocuments  # noqa: PLC0415 - only where it is measured

    return FirestoreDocuments("slacker-bench", where)


_entry = EntryPoint("risk_decision", build)


@functions_framework.aio.http
async def composed(request: Request) -> Response:
    """Answers as `risk_decision` does."""
    return await _entry(request)
