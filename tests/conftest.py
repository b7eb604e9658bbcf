"""What several suites share: one emulator for the whole run, started by the first test that asks for it."""

from collections.abc import Iterator

import pytest

from tests import emulators


@pytest.fixture(scope="session")
def firestore_emulator() -> Iterator[str]:
    """The host and port of Firestore's emulator."""
    with emulators.firestore() as address:
        yield address
