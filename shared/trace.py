"""W3C Trace Context: one trace id runs from the bank's request through every log line (https://www.w3.org/TR/trace-context/)."""

import re

import msgspec

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")


class Trace(msgspec.Struct, frozen=True):
    """Where in which story we are: `trace_id` is 32, `span_id` 16 lower-case hexadecimal digits."""

    trace_id: str
    span_id: str
    flags: str = "01"

    def header(self) -> str:
        """The `traceparent` to send on."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def continued(traceparent: str | None, random: bytes) -> Trace:
    """The trace of a request: the caller's with a span of our own, or a new one where the header is absent or broken.

    `random` is 24 fresh bytes: 16 for a new trace id, 8 for the span.
    """
    span = random[16:].hex()
    match = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if match is None:
        return Trace(random[:16].hex(), span)
    return Trace(match[1], span, match[3])
