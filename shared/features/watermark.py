"""The watermark: the time of the newest event that the features hold, from which their lag is told."""

from datetime import UTC, datetime, timedelta

import msgspec

from shared.errors import Malformed, Problem

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 of an aware time, exact."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def encode(at: datetime) -> bytes:
    """The state of the watermark's document."""
    return msgspec.msgpack.encode(microseconds(at))


def decode(state: bytes) -> datetime:
    """The time in such a state. Raises `Malformed`."""
    try:
        return EPOCH + msgspec.msgpack.decode(state, type=int) * _MICROSECOND
    except (msgspec.DecodeError, OverflowError) as error:
        raise Malformed(Problem("watermark", "expected microseconds since 1970")) from error
