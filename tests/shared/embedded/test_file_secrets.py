"""The file of secrets: made once by several at a time, read by its owner alone, damaged."""

import asyncio
import fcntl
import os
import stat
from pathlib import Path

import pytest

from shared.deadline import Deadline
from shared.embedded.file_secrets import FileSecrets
from shared.embedded.manual_clock import ManualClock
from shared.errors import DeadlineExceeded, Forbidden, Misconfigured, NotFound
from tests.support.deadlines import plenty


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "secrets.json"


def soon() -> Deadline:
    return plenty()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


async def test_a_missing_version_is_made_and_only_its_owner_may_read_it(path: Path) -> None:
    secrets = FileSecrets(path)
    await secrets.ensure("key", 1, lambda: b"fresh", soon())
    assert await secrets.access("key", 1, soon()) == b"fresh"
    assert mode(path) == 0o600


async def test_a_version_that_is_there_stays_and_others_stand_beside_it(path: Path) -> None:
    secrets = FileSecrets(path)
    for name, version, payload in (("key", 1, b"a"), ("key", 1, b"b"), ("key", 2, b"c"), ("other", 1, b"d")):
        await secrets.ensure(name, version, payload.__bytes__, soon())
    payloads = [await secrets.access(name, version, soon()) for name, version in (("key", 1), ("key", 2), ("other", 1))]
    assert payloads == [b"a", b"c", b"d"]


async def test_of_many_at_once_one_makes_the_secret(path: Path) -> None:
    made: list[bytes] = []

    def make() -> bytes:
        made.append(os.urandom(32))
        return made[-1]

    stores = [FileSecrets(path) for _ in range(20)]
    await asyncio.gather(*(store.ensure("key", 1, make, soon()) for store in stores))
    assert [await store.access("key", 1, soon()) for store in stores] == made * 20
    assert len(made) == 1


async def test_a_lock_that_another_process_holds_costs_the_deadline(path: Path) -> None:
    path.parent.mkdir()
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(DeadlineExceeded):
            await FileSecrets(path).ensure("key", 1, bytes, Deadline.after(1, ManualClock(skip_sleeps=True)))
    await FileSecrets(path).ensure("key", 1, bytes, soon())


async def test_a_file_left_half_written_is_written_anew(path: Path) -> None:
    write(path.with_suffix(".new"), b'{"key"')
    await FileSecrets(path).ensure("key", 1, lambda: b"fresh", soon())
    assert await FileSecrets(path).access("key", 1, soon()) == b"fresh"


async def test_without_a_file_nothing_is_found(path: Path) -> None:
    with pytest.raises(NotFound):
        await FileSecrets(path).access("key", 1, soon())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"key": "x"}',
        b'{"key": {"1": 5}}',
        b'{"key": {"1": "!"}}',
        b"\xff",
        b'{"key": ' + b"[" * 200_000,
    ],
)
async def test_a_file_that_holds_something_else_is_a_matter_of_the_setup(path: Path, content: bytes) -> None:
    write(path, content)
    with pytest.raises(Misconfigured):
        await FileSecrets(path).access("key", 1, soon())


async def test_what_cannot_be_read_is_forbidden(path: Path) -> None:
    write(path / "a file in a directory of that name", b"")
    with pytest.raises(Forbidden):
        await FileSecrets(path).access("key", 1, soon())


async def test_a_directory_that_cannot_be_made_is_a_matter_of_the_setup(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="SLACKER_STATE"):
        await FileSecrets(tmp_path / "file" / "secrets.json").ensure("key", 1, bytes, soon())
