"""The values of a device's features at one moment, seen strictly before it."""

from bisect import bisect_left

from shared.risk.features.client_view import MAX_COUNT, MAX_DAYS, FeatureVector, mask_of
from shared.risk.features.device import CLIENT, TIME, DeviceState
from shared.risk.features.inputs import FeatureInputs
from shared.risk.features.windows import AsOf, WindowStarts
from shared.times import DAY, MINUTE

_AGE = mask_of("device.age_days")
_ALL = _AGE | mask_of("device.known", "device.clients_30d", "device.count_1h", "device.count_24h", "device.fraud_30d")
_NONE: tuple[FeatureVector, int] = ((None,) * 6, _ALL)
_NEW: tuple[FeatureVector, int] = ((False, None, 0, 0, 0, 0), _AGE)


def device_values(device: DeviceState | None, facts: FeatureInputs, when: AsOf) -> tuple[FeatureVector, int]:
    """The values of `device.*`, from `None` for a device never used."""
    if facts.device is None:
        return _NONE
    if device is None:
        return _NEW
    _, time, windows = when
    times = memoryview(device.used.columns[TIME]).cast("q")
    end = bisect_left(times, time)
    frauds = _frauds(device.frauds.columns[TIME], time, windows) if device.frauds.columns[TIME] else 0
    if not end and not device.since:
        return (False, None, 0, 0, 0, frauds), _AGE
    month = bisect_left(times, windows.month, 0, end)
    day = bisect_left(times, windows.day, month, end)
    in_hour, in_day = end - bisect_left(times, windows.hour, day, end), end - day
    if device.overflow.starts:
        in_hour, in_day = _with_overflow(device, time, windows, (in_hour, in_day))
    clients = device.used.columns[CLIENT][month * 4 : end * 4]
    distinct = 1 if clients == clients[:4] * (end - month) else len(set(memoryview(clients).cast("I")))
    age = min(max((time - (device.since or times[0])) // DAY, 0), MAX_DAYS)
    return (True, age, distinct if clients else 0, in_hour, in_day, frauds), 0


def _frauds(confirmed: bytes, time: int, windows: WindowStarts) -> int:
    times = memoryview(confirmed).cast("q")
    return bisect_left(times, time) - bisect_left(times, windows.month)


def _with_overflow(device: DeviceState, time: int, windows: WindowStarts, counts: tuple[int, int]) -> tuple[int, int]:
    """Counts together with the uses that were evicted for the cap."""
    hour, day, now = device.overflow.sums_before((windows.hour // MINUTE, windows.day // MINUTE, time // MINUTE + 1))
    return min(counts[0] + now - hour, MAX_COUNT), min(counts[1] + now - day, MAX_COUNT)
