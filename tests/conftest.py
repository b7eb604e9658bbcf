"""What several suites share: property tests depend on no machine's speed; an emulator of each kind serves one process,
started by the first test of it that asks for one.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support import emulators

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


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
