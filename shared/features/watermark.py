"""The watermark: the time of the newest event that the features hold, from which their lag is told."""

from datetime import UTC, datetime, timedelta

import msgspec

from shared.privacy import DataClass
from shared.storage.codec import Codec
from shared.storage.collection import Collection

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 of an aware time, exact."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _encode(at: datetime) -> bytes:
    return msgspec.msgpack.encode(microseconds(at))


def _parse(state: bytes) -> datetime:
    return EPOCH + msgspec.msgpack.decode(state, type=int) * _MICROSECOND


CODEC = Codec(
    Collection(
        "watermarks",
        "features",
        "risk_features",
        DataClass.NONE,
        "until deleted",
        "the time of the newest transaction that the features hold",
    ),
    "microseconds since 1970",
    _encode,
    _parse,
)
