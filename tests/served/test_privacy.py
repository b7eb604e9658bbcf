"""Nothing personal leaves: not in a log line, not in a document whose data class forbids it."""

import sqlite3
from typing import Any

import pytest

from shared.data_model.registry import COLLECTIONS
from shared.privacy import DataClass
from tests.served.conftest import Client
from tests.support.builders.advice import body

pytestmark = pytest.mark.asyncio(loop_scope="module")

PERSONAL = [
    "Quillon Vantreese",
    "Zwettelsburg",
    "rent for flat 9A",
    "DE77999888777666555",
    "48.123456",
    "4111111111111111",
]
PSEUDONYMOUS = ["client-7f3e11", "card-9a8b7c", "device-5d4c3b", "account-1c2d3e"]
WHOLE: dict[str, Any] = {
    "posting__account_id": "account-1c2d3e",
    "posting__details": "rent for flat 9A 4111111111111111",
    "posting__amount": {"minor": 2_500_000, "currency": "EUR"},
    "posting__phase": "transfer",
    "context__client_id": "client-7f3e11",
    "context__card_id": "card-9a8b7c",
    "context__device_id": "device-5d4c3b",
    "context__payee": {"account": "DE77999888777666555", "name": "Quillon Vantreese"},
    "context__place": {"country": "AT", "city": "Zwettelsburg", "latitude": 48.123456, "longitude": 15.987654},
}


async def test_no_personal_data_in_any_log_line_or_document(client: Client) -> None:
    review = await client.ask(body(operation_id="leak-1", **WHOLE))
    assert review.json["advice"] == "MANUAL_APPROVAL_NEEDED"  # so that a command with the client's id is stored
    await client.ask(body(operation_id="leak-1", **{**WHOLE, "posting__details": "4111111111111111"}))
    await client.ask(body(operation_id="leak-2", **{**WHOLE, "context__payee": {"account": 4111111111111111}}))
    await client.ask(body(operation_id="leak-3", **{**WHOLE, "posting__amount": "Quillon Vantreese"}))
    logs = b"".join(path.read_bytes() for path in client.stack.state.logs.iterdir())
    assert logs
    assert [word for word in PERSONAL + PSEUDONYMOUS if word.encode() in logs] == []
    assert leaks(client) == []


def leaks(client: Client) -> list[tuple[str, str]]:
    """Every collection with a word in it that its data class forbids."""
    store = sqlite3.connect(client.stack.state.directory / "documents.sqlite")
    [table] = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = store.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - the store's own table name
    store.close()
    classes = {collection.name: collection.data_class for collection in COLLECTIONS}
    assert {row[0] for row in rows} >= {"answers", "attempts"}
    return [
        (row[0], word)
        for row in rows
        for word in (PERSONAL if classes[row[0]] is DataClass.PSEUDONYMOUS else PERSONAL + PSEUDONYMOUS)
        if any(word.encode() in (cell if isinstance(cell, bytes) else str(cell).encode()) for cell in row)
    ]
