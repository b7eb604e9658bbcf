"""W3C Trace Context: one trace id runs from the bank's request through every log line (https://www.w3.org/TR/trace-context/)."""

import re

import msgspec

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")


class Trace(msgspec.Struct, frozen=True):
    """A span of a trace: `trace_id` has 32, `span_id` 16 lower-case hexadecimal digits."""

    trace_id: str
    span_id: str
    flags: str = "01"

    def traceparent(self) -> str:
        """The value of the header `traceparent` for what this span calls."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def child_of(traceparent: str | None, random: bytes) -> Trace:
    """A new span of the caller's trace, or of a new trace where the header is absent or broken.

    `random` is 24 fresh bytes: 16 for a new trace id, 8 for the span.
    """
    span = random[16:].hex()
    match = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if match is None:
        return Trace(random[:16].hex(), span)
    return Trace(match[1], span, match[3])
