"""Memory: what was seen for the first time when, for good, but for the least recently used beyond a bound."""

import struct

import msgspec

from shared.windowing.columns import find


class Memory(msgspec.Struct, array_like=True):
    """`refs` packs references (uint32), the least recently used first; `firsts` when each was first seen (µs)."""

    refs: bytes = b""
    firsts: bytes = b""

    def see(self, ref: int, time: int, cap: int) -> None:
        """Note that `ref` was used at `time`, not before what was noted earlier; at most `cap` are remembered."""
        if not ref:
            return
        packed = struct.pack("<I", ref)
        if self.refs.endswith(packed):
            return  # the one used last, as most often
        first = struct.pack("<q", time)
        place = find(self.refs, packed)
        if place >= 0:
            first = self.firsts[place * 8 : place * 8 + 8]
            self.refs = self.refs[: place * 4] + self.refs[place * 4 + 4 :]
            self.firsts = self.firsts[: place * 8] + self.firsts[place * 8 + 8 :]
        self.refs = (self.refs + packed)[-cap * 4 :]
        self.firsts = (self.firsts + first)[-cap * 8 :]

    def first(self, packed: bytes) -> int | None:
        """When the packed reference was first seen, in µs; `None` if it never was, or was forgotten."""
        place = find(self.refs, packed) if self.refs else -1
        if place < 0:
            return None
        time: int = struct.unpack_from("<q", self.firsts, place * 8)[0]
        return time
