"""What only the store in a file can go through: other processes, locks, a kill, a file that is none."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.embedded.sqlite_documents import SqliteDocuments
from shared.errors import DeadlineExceeded, Misconfigured, Unavailable
from shared.storage.documents import Create, Increment, Key
from tests.support.deadlines import plenty

ROOT = Path(__file__).resolve().parents[3]
KEY = Key("counters", "hot")

INCREMENTING = """
import asyncio, sys
from pathlib import Path
from shared.deadline import Deadline
from shared.storage.documents import Create, Increment, Key
from shared.embedded.sqlite_documents import SqliteDocuments

async def main(path, name, times):
    documents = SqliteDocuments(Path(path))
    sys.stdin.read(1)  # all start together
    for number in range(int(times)):
        writes = [Increment(Key("counters", "hot")), Create(Key("events", f"{name}-{number:06}"), b"x" * 2000)]
        written = await documents.commit(writes, Deadline.after(60))
        sys.stdout.write(f"{written[0].count}\\n")
        sys.stdout.flush()
    await documents.close()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "documents.sqlite"


@pytest.fixture
async def documents(path: Path) -> AsyncIterator[SqliteDocuments]:
    store = SqliteDocuments(path)
    yield store
    await store.close()


def soon() -> Deadline:
    return plenty()


def overwrite(path: Path, content: bytes, start: int = 0) -> None:
    """Put bytes into a file, up to its end."""
    kept = path.read_bytes()[:start] if start else b""
    path.write_bytes(kept + content)


def incrementing(path: Path, name: str, times: int) -> subprocess.Popen[str]:
    """A process that commits `times` pairs of writes and says each count once it is confirmed."""
    return subprocess.Popen(
        [sys.executable, "-c", INCREMENTING, str(path), name, str(times)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


async def test_processes_that_share_the_file_lose_no_increment_and_get_distinct_counts(
    path: Path, documents: SqliteDocuments
) -> None:
    writers = [incrementing(path, name, 300) for name in ("a", "b")]
    counts = [int(line) for writer in writers for line in (await asyncio.to_thread(writer.communicate, "."))[0].split()]
    assert sorted(counts) == list(range(1, 601))
    (document,) = await documents.read([KEY], soon())
    assert document is not None
    assert document.count == 600


async def test_a_writer_killed_in_mid_stream_loses_nothing_it_confirmed(path: Path, documents: SqliteDocuments) -> None:
    with incrementing(path, "a", 1_000_000) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdin.write(".")
        writer.stdin.flush()
        confirmed = [int(writer.stdout.readline()) for _ in range(200)]
        os.kill(writer.pid, signal.SIGKILL)
        # What was in the pipe when it died was confirmed too; a line cut short was not.
        confirmed += [int(line) for line in writer.stdout.read().split("\n")[:-1]]
    last = confirmed[-1]
    assert confirmed == list(range(1, last + 1))
    (document,) = await documents.read([KEY], soon())
    assert document is not None
    assert document.count in {last, last + 1}
    events = [f"a-{number:06}" for number in range(document.count)]
    stored = await documents.scan("events", soon(), limit=len(events) + 1)
    assert [event.key.id for event in stored] == events


async def test_a_locked_file_costs_the_deadline_and_leaves_the_loop_free(
    path: Path, documents: SqliteDocuments
) -> None:
    await documents.commit([Increment(KEY)], soon())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    ticking = asyncio.ensure_future(tick())
    deadline = Deadline.after(0.2, ManualClock(skip_sleeps=True))
    with pytest.raises(DeadlineExceeded):
        await documents.commit([Increment(KEY)], deadline)
    assert deadline.passed()
    ticking.cancel()
    assert ticks > 20
    assert [document.count for document in await documents.read([KEY], soon()) if document] == [1]
    other.execute("ROLLBACK")
    other.close()
    assert (await documents.commit([Increment(KEY)], soon()))[0].count == 2


async def test_a_commit_waits_for_a_lock_that_is_given_back_in_time(path: Path, documents: SqliteDocuments) -> None:
    await documents.commit([Increment(KEY)], soon())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    clock = ManualClock()
    waiting = asyncio.ensure_future(documents.commit([Increment(KEY)], Deadline.after(20, clock)))
    await clock.advance(1)
    assert not waiting.done()
    other.execute("COMMIT")
    other.close()
    await clock.advance(1)
    assert (await waiting)[0].count == 2


async def test_a_call_given_up_while_the_file_is_locked_never_happens(path: Path, documents: SqliteDocuments) -> None:
    await documents.commit([Increment(KEY)], soon())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    clock = ManualClock(skip_sleeps=True)
    with pytest.raises(TimeoutError):
        async with clock.timeout(0.02):
            await documents.commit([Increment(KEY)], Deadline.after(20, clock))
    other.execute("COMMIT")
    other.close()
    assert (await documents.commit([Increment(KEY)], soon()))[0].count == 2


async def test_a_file_that_is_no_database_is_unavailable_until_it_is_replaced(
    path: Path, documents: SqliteDocuments
) -> None:
    overwrite(path, b"this is not a database at all" * 100)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await documents.read([KEY], soon())
    overwrite(path, b"")
    assert await documents.read([KEY], soon()) == [None]


async def test_a_damaged_database_is_unavailable(path: Path) -> None:
    first = SqliteDocuments(path)
    await first.commit([Create(Key("things", f"{number:03}"), bytes(2000)) for number in range(200)], soon())
    await first.close()
    overwrite(path, b"\xff" * 400_000, start=4096)
    second = SqliteDocuments(path)
    with pytest.raises(Unavailable):
        await second.read([Key("things", "000")], soon())
    await second.close()


async def test_a_missing_directory_is_made(tmp_path: Path) -> None:
    documents = SqliteDocuments(tmp_path / "deep" / "down" / "documents.sqlite")
    assert (await documents.commit([Increment(KEY)], soon()))[0].count == 1
    await documents.close()


async def test_a_directory_that_cannot_be_made_is_a_matter_of_the_setup(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="SLACKER_STATE"):
        await SqliteDocuments(tmp_path / "file" / "documents.sqlite").read([KEY], soon())


async def test_what_was_written_is_there_when_the_file_is_opened_again(path: Path) -> None:
    for count in (1, 2):
        documents = SqliteDocuments(path)
        assert (await documents.commit([Increment(KEY)], soon()))[0].count == count
        await documents.close()


async def test_a_store_that_was_closed_opens_again(documents: SqliteDocuments) -> None:
    await documents.commit([Increment(KEY)], soon())
    await documents.close()
    assert (await documents.commit([Increment(KEY)], soon()))[0].count == 2


async def test_expired_documents_are_removed_when_the_file_is_opened(path: Path, documents: SqliteDocuments) -> None:
    now = datetime.now(UTC)
    names = {"expired": now - timedelta(seconds=1), "alive": now + timedelta(hours=1), "for ever": None}
    keys = [Key("things", name) for name in names]
    await documents.commit([Create(key, b"", expires_at=names[key.id]) for key in keys], soon())
    await documents.close()
    assert [document.key.id for document in await documents.read(keys, soon()) if document] == ["alive", "for ever"]


async def test_expired_documents_are_removed_as_commits_go_on(documents: SqliteDocuments) -> None:
    expired = Key("things", "expired")
    await documents.commit([Create(expired, b"", expires_at=datetime.now(UTC) - timedelta(seconds=1))], soon())
    for _ in range(1100):
        await documents.commit([Increment(KEY)], soon())
    assert await documents.read([expired], soon()) == [None]
