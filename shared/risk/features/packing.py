"""How the parts of an event are written into a state: fixed in width, so that columns of them can be packed."""

import struct
import zlib
from functools import lru_cache

from shared.risk.features.inputs import CARD_PRESENT, MAX_AMOUNT, FeatureInputs

NOWHERE = b"\x80\x80\x80\x80"
"""No place: neither half is a latitude or a longitude, and no place ends with the byte 0x80."""

UNKNOWN_BALANCE = int.from_bytes(b"\x80" * 8, "little", signed=True)
"""No balance: no balance ends with the byte 0x80."""

MAX_BALANCE = 10**13
_HOUR = 3_600_000_000
_PLACE = struct.Struct("<hh")
_DEGREE = 100  # places are kept to a hundredth of a degree, about a kilometre


def ref(token: str | None) -> int:
    """32 bits of a token, never zero; zero for none. They mean something within one state only."""
    return (zlib.crc32(token.encode()) or 1) if token else 0


@lru_cache(1024)
def code(letters: str | None) -> int:
    """A currency or country of up to three letters in 15 bits; zero for none."""
    packed = 0
    for letter in letters or "":
        packed = (packed << 5 | (ord(letter) & 31)) & 0x7FFF
    return packed


def hour(time: int) -> int:
    """The hour of the day, UTC, of a time in µs."""
    return time // _HOUR % 24


def amount(minor: int | None) -> int:
    """An amount within the bounds that the features declare."""
    return min(max(minor or 0, 0), MAX_AMOUNT)


def balance(minor: int | None) -> int:
    """A balance within its bounds, or `UNKNOWN_BALANCE`."""
    return UNKNOWN_BALANCE if minor is None else min(max(minor, -MAX_BALANCE), MAX_BALANCE)


def pack_place(facts: FeatureInputs) -> bytes:
    """The place of a card that was present, in two int16 of hundredths of a degree, or `NOWHERE`."""
    latitude, longitude = facts.latitude, facts.longitude
    if latitude is None or longitude is None or facts.channel not in CARD_PRESENT:
        return NOWHERE
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return NOWHERE
    return _PLACE.pack(round(latitude * _DEGREE), round(longitude * _DEGREE))


def unpack_place(packed: bytes) -> tuple[float, float]:
    """Latitude and longitude of a packed place."""
    latitude, longitude = _PLACE.unpack(packed)
    return latitude / _DEGREE, longitude / _DEGREE
