"""The values of a device's features at one moment, seen strictly before it."""

from bisect import bisect_left

from shared.features.device import CLIENT, TIME, DeviceState, decode
from shared.features.facts import Facts
from shared.features.moment import MAX_COUNT, MAX_DAYS, Values, bits
from shared.features.tail import DAY
from shared.features.windows import MINUTE, Starts

_AGE = bits("device.age_days")
_ALL = _AGE | bits("device.known", "device.clients_30d", "device.count_1h", "device.count_24h", "device.fraud_30d")
_NONE: tuple[Values, int] = ((None,) * 6, _ALL)
_NEW: tuple[Values, int] = ((False, None, 0, 0, 0, 0), _AGE)


def device_values(state: bytes | None, facts: Facts, time: int, windows: Starts) -> tuple[Values, int]:
    """The values of `device.*` from the document's bytes, `None` for a device never used; `time` is in µs."""
    if facts.device is None:
        return _NONE
    if state is None:
        return _NEW
    device = decode(state)
    times = memoryview(device.used.columns[TIME]).cast("q")
    end = bisect_left(times, time)
    month, day, hour = (bisect_left(times, start, 0, end) for start in (windows.month, windows.day, windows.hour))
    confirmed = memoryview(device.frauds.columns[TIME]).cast("q") if device.frauds.columns[TIME] else ()
    frauds = bisect_left(confirmed, time) - bisect_left(confirmed, windows.month)
    first = device.since or (times[0] if end else None)
    if first is None:
        return (False, None, 0, 0, 0, max(frauds, 0)), _AGE
    clients = len(set(memoryview(device.used.columns[CLIENT]).cast("I")[month:end]))
    in_hour, in_day = end - hour, end - day
    if device.overflow.starts:
        in_hour, in_day = _with_overflow(device, time, windows, (in_hour, in_day))
    age = min(max((time - first) // DAY, 0), MAX_DAYS)
    return (True, age, clients, in_hour, in_day, frauds), 0


def _with_overflow(device: DeviceState, time: int, windows: Starts, counts: tuple[int, int]) -> tuple[int, int]:
    """Counts together with what the tail let go for its cap."""
    end = time // MINUTE + 1
    more = (device.overflow.between(start // MINUTE, end) for start in (windows.hour, windows.day))
    in_hour, in_day = (min(count + each.events, MAX_COUNT) for count, each in zip(counts, more, strict=True))
    return in_hour, in_day
