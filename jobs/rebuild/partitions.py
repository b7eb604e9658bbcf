"""Events sorted into partitions on disk, so that memory holds one partition at a time, whatever the archive's size.

Clients and devices are partitioned by their document's key, since a state must see all its events in order. Merchants
are partitioned by the hour in which events happened: their states add up in any order within weeks, and what tells an
event that came twice is kept by the minute. A partition is a file of records, each with its length before it.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from shared.events.events import AdviceGiven, BankAction, ClientSnapshot, Event, FraudLabel, Overdraft, Transaction
from shared.risk.features.keys import MERCHANTS
from shared.storage.documents import Key

KINDS = (Transaction, ClientSnapshot, Overdraft, FraudLabel, BankAction, AdviceGiven)

_BUFFERED = 16_000_000  # bytes in memory before they are written
_HEAD = struct.Struct("<IB")
_HOUR = 3600
_encode = msgspec.msgpack.Encoder().encode
_decoders = [msgspec.msgpack.Decoder(kind) for kind in KINDS]


def partition(key: Key, event: Event, shards: int) -> str:
    """Where `event` goes for the document at `key`; partitions are folded in order of their names."""
    if key.collection == MERCHANTS:
        return f"merchants-{int(event.occurred_at.timestamp()) // _HOUR:012d}"
    return f"{key.collection.removeprefix('features_')}-{zlib.crc32(key.id.encode()) % shards:06d}"


class Partitions:
    """The partitions in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._buffers: dict[str, bytearray] = {}
        self._buffered = 0

    def names(self) -> list[str]:
        """The partitions there are, in the order in which they are folded."""
        return sorted(path.name for path in self._folder.iterdir()) if self._folder.is_dir() else []

    def add(self, names: set[str], event: Event) -> None:
        """Put `event` into the partitions `names`."""
        body = _encode(event)
        record = _HEAD.pack(len(body), KINDS.index(type(event))) + body
        for name in names:
            self._buffers.setdefault(name, bytearray()).extend(record)
            self._buffered += len(record)
        if self._buffered > _BUFFERED:
            self._write()

    def flush(self) -> dict[str, int]:
        """Write what is in memory; the size in bytes of every partition."""
        self._write()
        return {path.name: path.stat().st_size for path in self._folder.iterdir()}

    def restore(self, sizes: Mapping[str, int]) -> None:
        """Take back what was written after the partitions had `sizes`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in list(self._folder.iterdir()):
            if path.name not in sizes:
                path.unlink()
                continue
            with path.open("r+b") as file:
                file.truncate(sizes[path.name])

    def read(self, name: str) -> Iterator[Event]:
        """The events of a partition, in the order they were added."""
        content = memoryview((self._folder / name).read_bytes())
        at = 0
        while at < len(content):
            size, kind = _HEAD.unpack_from(content, at)
            at += _HEAD.size + size
            event: Any = _decoders[kind].decode(content[at - size : at])
            yield event

    def _write(self) -> None:
        for name, buffer in self._buffers.items():
            with (self._folder / name).open("ab") as file:
                file.write(buffer)
        self._buffers.clear()
        self._buffered = 0
