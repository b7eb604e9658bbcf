"""The command restores a store of this machine, goes on where it was killed, and says what it did."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from shared.embedded.sqlite_documents import SqliteDocuments
from shared.risk.features import deduplication
from shared.risk.features.keys import CLIENTS, DEVICES, MERCHANTS
from tests.support.builders.archives import delivery, states, write
from tests.support.event_streams import stream
from tests.support.eventually import PATIENCE

ROOT = Path(__file__).parents[3]
ARRIVED = stream(3, 300, days=30)
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("SLACKER_", "GOOGLE_"))}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    write(tmp_path / "archive", [delivery(event, number) for number, event in enumerate(ARRIVED.arrivals)])
    return tmp_path / "archive"


def command(archive: Path, state: Path, *options: str) -> list[str]:
    work = ["--work", str(state / "work")]
    return [sys.executable, "-m", "jobs", "rebuild", str(archive), "--state", str(state), *work, *options]


def run(archive: Path, state: Path, *options: str) -> subprocess.CompletedProcess[str]:
    arguments = command(archive, state, *options)
    return subprocess.run(arguments, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False)


def report(done: subprocess.CompletedProcess[str]) -> Mapping[str, Any]:
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def restored(state: Path) -> dict[str, bytes]:
    """The features in the store there."""

    async def read() -> dict[str, bytes]:
        documents = SqliteDocuments(state / "documents.sqlite")
        try:
            return await states(documents, CLIENTS, DEVICES, MERCHANTS, deduplication.CODEC.collection.name)
        finally:
            await documents.close()

    return asyncio.run(read())


def test_a_run_that_was_killed_goes_on_and_restores_the_same(archive: Path, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert report(run(archive, whole, "--json"))["messages"] == len(ARRIVED.arrivals)
    killed.mkdir()
    copy(whole / "secrets.json", killed)  # the same token key
    progress = killed / "work" / "progress.json"
    with subprocess.Popen(command(archive, killed), cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + PATIENCE
        while not (progress.exists() and json.loads(progress.read_bytes())["folded"]) and time.monotonic() < until:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert report(run(archive, killed, "--json"))["messages"] == len(ARRIVED.arrivals)
    assert restored(killed) == restored(whole)


def test_a_dry_run_writes_nothing_and_tells_the_same(archive: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    dry = report(run(archive, state, "--dry-run", "--json"))
    assert (restored(state), (state / "work").exists()) == ({}, False)
    assert dry["folded"] == report(run(archive, state, "--json"))["folded"]


def test_again_begins_with_the_first_file_and_changes_nothing(archive: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    run(archive, state)
    before = restored(state)
    again = report(run(archive, state, "--again", "--json"))
    assert (again["messages"], restored(state)) == (len(ARRIVED.arrivals), before)


def test_an_archive_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere", tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "nowhere" in done.stderr


def test_the_work_of_another_archive_is_left_alone(archive: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    run(archive, state)
    other = tmp_path / "other"
    write(other, [])
    other.mkdir()
    done = run(other, state)
    assert (done.returncode, "choose another --work" in done.stderr) == (2, True)
