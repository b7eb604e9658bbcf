"""The watermark: the time of the newest event that the features hold, from which their lag is told."""

from datetime import datetime

import msgspec

from shared.privacy import DataClass
from shared.storage.codec import Codec
from shared.storage.collection import Collection
from shared.times import EPOCH, MICROSECOND, microseconds


def _encode(at: datetime) -> bytes:
    return msgspec.msgpack.encode(microseconds(at))


def _parse(state: bytes) -> datetime:
    return EPOCH + msgspec.msgpack.decode(state, type=int) * MICROSECOND


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
