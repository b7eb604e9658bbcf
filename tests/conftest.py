"""What several suites share: an emulator of each kind for the whole run, started by the first test that asks for it."""

from collections.abc import Iterator

import pytest

from tests import emulators


@pytest.fixture(scope="session")
def firestore_emulator() -> Iterator[str]:
    """The host and port of Firestore's emulator."""
    with emulators.firestore() as address:
        yield address


@pytest.fixture(scope="session")
def pubsub_emulator() -> Iterator[str]:
    """The host and port of Pub/Sub's emulator."""
    with emulators.pubsub() as address:
        yield address
