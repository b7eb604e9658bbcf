"""The archive's files are whole whenever they can be seen, and what was archived outlives the process."""

from datetime import UTC, datetime
from pathlib import Path

from local.stack.archive import Archive, Limits
from shared.messaging import archive
from shared.messaging.messages import Delivery, Message
from tests.support.eventually import eventually

AT = datetime(2024, 3, 1, tzinfo=UTC)


def delivery(data: bytes, topic: str = "transactions") -> Delivery:
    return Delivery(Message(data), "1", f"{topic}.archive", None, AT)


def read(folder: Path) -> dict[str, list[bytes]]:
    """The bodies in the finished files, by topic."""
    bodies: dict[str, list[bytes]] = {}
    for path in sorted(folder.glob("*/*.avro")):
        with path.open("rb") as file:
            bodies.setdefault(path.parent.name, []).extend(delivered.message.data for delivered in archive.read(file))
    return bodies


def growing(folder: Path) -> list[Path]:
    return list(folder.glob("*/*.part"))


async def test_each_topic_has_files_of_its_own(tmp_path: Path) -> None:
    sink = Archive(tmp_path)
    await sink([delivery(b"1"), delivery(b"2", "overdrafts")])
    await sink([delivery(b"3")])
    await sink.close()
    assert read(tmp_path) == {"transactions": [b"1", b"3"], "overdrafts": [b"2"]}


async def test_a_file_is_complete_after_so_many_messages(tmp_path: Path) -> None:
    sink = Archive(tmp_path, Limits(messages=2))
    for number in range(5):
        await sink([delivery(b"%d" % number)])
    assert read(tmp_path) == {"transactions": [b"0", b"1", b"2", b"3"]}
    await sink.close()
    assert read(tmp_path) == {"transactions": [b"0", b"1", b"2", b"3", b"4"]}


async def test_a_file_is_complete_after_its_time(tmp_path: Path) -> None:
    sink = Archive(tmp_path, Limits(seconds=0.01))
    await sink([delivery(b"1")])
    await eventually(lambda: read(tmp_path))
    assert read(tmp_path) == {"transactions": [b"1"]}


async def test_what_a_killed_archive_left_is_finished_by_the_next_one(tmp_path: Path) -> None:
    lost = Archive(tmp_path, Limits(seconds=3600))
    await lost([delivery(b"1"), delivery(b"2")])
    Archive(tmp_path)
    assert read(tmp_path) == {"transactions": [b"1", b"2"]}


async def test_of_a_torn_file_what_was_archived_is_kept(tmp_path: Path) -> None:
    lost = Archive(tmp_path, Limits(seconds=3600))
    await lost([delivery(b"1")])
    (left,) = growing(tmp_path)
    with left.open("ab") as file:
        file.write(b"\x02\x10torn")
    Archive(tmp_path)
    assert read(tmp_path) == {"transactions": [b"1"]}
    assert growing(tmp_path) == []
