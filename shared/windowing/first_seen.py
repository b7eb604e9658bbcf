"""When each of many things was first seen: for good, but for the least recently seen beyond a bound."""

import struct

import msgspec

from shared.windowing.columns import find


class FirstSeen(msgspec.Struct, array_like=True):
    """`refs` packs references (uint32), the least recently seen first; `times` when each was first seen (int64)."""

    refs: bytes = b""
    times: bytes = b""

    def record(self, ref: int, time: int, cap: int) -> None:
        """Record that `ref`, if it is one (not zero), was seen at `time`; at most `cap` are remembered.

        Times may not descend from call to call.
        """
        if not ref:
            return
        packed = struct.pack("<I", ref)
        if self.refs.endswith(packed):
            return  # the one seen last, as most often
        first = struct.pack("<q", time)
        index = find(self.refs, packed)
        if index >= 0:
            first = self.times[index * 8 : index * 8 + 8]
            self.refs = self.refs[: index * 4] + self.refs[index * 4 + 4 :]
            self.times = self.times[: index * 8] + self.times[index * 8 + 8 :]
        self.refs = (self.refs + packed)[-cap * 4 :]
        self.times = (self.times + first)[-cap * 8 :]

    def time_of(self, packed: bytes) -> int | None:
        """When the packed reference was first seen; `None` if it never was, or was forgotten."""
        index = find(self.refs, packed) if self.refs else -1
        if index < 0:
            return None
        time: int = struct.unpack_from("<q", self.times, index * 8)[0]
        return time
