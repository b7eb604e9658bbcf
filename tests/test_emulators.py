"""Emulators that cannot be had are skipped or missed, and those that can leave nothing behind."""

import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.support import emulators

Emulator = Callable[[], AbstractContextManager[str]]
EMULATORS = [emulators.firestore, emulators.pubsub]


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize("emulator", EMULATORS)
def test_without_the_emulator_its_tests_are_skipped_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, emulator: Emulator
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="install the Google Cloud SDK"), emulator():
        pass


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize("emulator", EMULATORS)
def test_without_the_emulator_ci_fails(monkeypatch: pytest.MonkeyPatch, emulator: Emulator) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="install the Google Cloud SDK"), emulator():
        pass


def test_stopping_ends_a_process_with_all_it_started_even_what_does_not_want_to() -> None:
    stubborn = "trap '' TERM; sleep 3600 & echo started; wait; sleep 3600"
    with subprocess.Popen(["sh", "-c", stubborn], stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        emulators.stop(process, patience=0.2)
        process.stdout.read()  # comes back when the last process that holds the pipe has gone
