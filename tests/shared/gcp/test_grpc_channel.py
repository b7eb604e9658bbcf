"""Connecting: credentials are looked for once, however long that takes, and again if there were none."""

import threading
from collections.abc import Callable
from typing import Any

import google.auth
import google.auth.credentials
import google.auth.exceptions
import pytest

from shared.errors import DeadlineExceeded, Unavailable
from shared.gcp.firestore_documents import FirestoreDocuments
from shared.storage.documents import Key
from tests.support.deadlines import plenty
from tests.support.giving_up import given_up

KEY = Key("things", "a")


def looks(monkeypatch: pytest.MonkeyPatch, default: Callable[[], google.auth.credentials.Credentials]) -> list[int]:
    """One entry for each time that credentials are looked for."""
    seen: list[int] = []

    def look(scopes: Any) -> tuple[google.auth.credentials.Credentials, str]:
        seen.append(len(seen))
        return default(), "bank"

    monkeypatch.setattr(google.auth, "default", look)
    return seen


async def test_credentials_that_take_longer_than_a_call_are_there_for_a_later_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ready = threading.Event()

    def slow() -> google.auth.credentials.Credentials:
        assert ready.wait(60)
        return google.auth.credentials.AnonymousCredentials()  # type: ignore[no-untyped-call] # typed in part

    seen = looks(monkeypatch, slow)
    documents = FirestoreDocuments("bank")
    for _ in range(3):
        with pytest.raises(DeadlineExceeded, match="connect"):
            await given_up(lambda deadline: documents.read([KEY], deadline))
    ready.set()
    await documents._channel._open(plenty())
    await documents.close()
    assert seen == [0]


async def test_without_credentials_the_store_is_unavailable_and_the_next_call_looks_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none() -> google.auth.credentials.Credentials:
        raise google.auth.exceptions.DefaultCredentialsError("none")  # type: ignore[no-untyped-call] # typed in part

    seen = looks(monkeypatch, none)
    documents = FirestoreDocuments("bank")
    for _ in range(2):
        with pytest.raises(Unavailable, match="GOOGLE_APPLICATION_CREDENTIALS"):
            await documents.read([KEY], plenty())
    await documents.close()
    assert seen == [0, 1]
