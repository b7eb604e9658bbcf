"""The answers on record for one operation id, whichever operation and attempt it belongs to."""

from datetime import UTC, datetime

from cli.trace.answers import Record, find
from shared.embedded.memory_documents import MemoryDocuments
from shared.risk.answers import CODEC, AnswerRecord, record_key
from shared.storage.documents import Create
from tests.support.deadlines import plenty

AT = datetime(2026, 1, 1, tzinfo=UTC)


async def test_every_attempt_under_every_operation_is_found_in_order() -> None:
    documents, soon = MemoryDocuments(), plenty()
    stored = {("transaction", 2): [b'{"type": "open_review"}'], ("payee_change", 1): [], ("other", 1): []}
    for (operation, attempt), pending in stored.items():
        record = AnswerRecord(b"digest", b'{"advice": "APPROVE"}', AT, pending)
        await documents.commit([Create(record_key(operation, "op-1", attempt), CODEC.encode(record))], soon)
    assert await find(documents, "op-1", {"transaction", "payee_change"}, soon) == [
        Record("answers/payee_change.op-1.1", AT, {"advice": "APPROVE"}, []),
        Record("answers/transaction.op-1.2", AT, {"advice": "APPROVE"}, ["open_review"]),
    ]


async def test_an_operation_id_that_was_never_asked_about_has_none() -> None:
    assert await find(MemoryDocuments(), "op-1", {"transaction"}, plenty()) == []
