"""Where, when and with whom a client spends: merchants, countries, devices, hours, places and payees, old and new."""

import math

from shared.risk.features import client as c
from shared.risk.features.client_view import MAX_DAYS, MAX_RATIO, ClientAsOf, FeatureVector, mask_of
from shared.risk.features.packing import NOWHERE, code, hour, pack_place, ref, unpack_place
from shared.time_zones import zone
from shared.times import DAY, MINUTE, in_zone
from shared.windowing.columns import find
from shared.windowing.first_seen import FirstSeen

_NEW_COUNTRY, _NEW_MERCHANT = mask_of("client.new_country"), mask_of("client.new_merchant")
_NEW_DEVICE = mask_of("client.new_device")
_LOCAL = mask_of("client.local_hour", "client.is_weekend")
_USUAL, _SINCE = mask_of("client.usual_hour"), mask_of("client.minutes_since_last")
_TRAVEL = mask_of("client.km_from_last", "client.speed_kmh")
_HOME, _ABROAD = mask_of("client.home_country"), mask_of("client.abroad")
_PAYEE_KNOWN, _PAYEE_AGE = mask_of("client.payee_known"), mask_of("client.payee_age_days")

_NEAR = tuple(bytes((middle + by) % 24 for by in (-2, -1, 0, 1, 2)) for middle in range(24))
"""By hour of the day: the hours within two of it."""

_EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""

_MAX_MINUTES = 10**8
_SATURDAY = 5


def diversity(view: ClientAsOf) -> tuple[FeatureVector, int]:
    """`client.merchants_*`, `client.countries_*`, `client.new_country`, `client.new_merchant`, `client.*device*`."""
    facts, state, missing, day, month = view.facts, view.state, 0, view.day, view.month
    merchants = view.refs(c.MERCHANT, month)
    in_month, in_day = set(merchants), set(merchants[day - month :])
    countries = view.distinct(c.COUNTRY, 2, (month, view.week, day))
    devices = view.distinct(c.DEVICE, 4, (month,))
    new_country = _is_new(view, c.COUNTRY, 2, state.countries, code(facts.country))
    new_device = _is_new(view, c.DEVICE, 4, state.devices, ref(facts.device))
    new_merchant: bool | None = None
    if not view.merchant:
        missing = _NEW_MERCHANT
    else:
        new_merchant = view.merchant not in in_month
    if new_country is None:
        missing |= _NEW_COUNTRY
    if new_device is None:
        missing |= _NEW_DEVICE
    return (
        len(in_day) - (0 in in_day),
        len(in_month) - (0 in in_month),
        countries[2],
        countries[1],
        countries[0],
        new_country,
        new_merchant,
        devices[0],
        new_device,
    ), missing


def _is_new(view: ClientAsOf, column: int, width: int, memory: FirstSeen, value: int) -> bool | None:
    """Whether `value` was never seen before; unknown while nothing of its kind was, or without one."""
    if not value:
        return None
    part = view.columns[column][: view.end * width]
    packed = value.to_bytes(width, "little")
    if part.startswith(packed) or find(part, packed) >= 0:
        return False
    if memory.time_of(value.to_bytes(4, "little")) is not None:
        return False
    return True if memory.refs or any(part) else None


def time_of_day(view: ClientAsOf) -> tuple[FeatureVector, int]:
    """`client.local_hour`, `client.is_weekend`, `client.usual_hour`, `client.minutes_since_last`."""
    profile, missing, end, month = view.profile, 0, view.end, view.month
    there = zone(profile.zone) if profile is not None and profile.zone else None
    local_hour = weekend = share = since = None
    if there is None:
        missing = _LOCAL
    else:
        local = in_zone(view.at, there)
        local_hour, weekend = local.hour, local.weekday() >= _SATURDAY
    if end == month:
        missing |= _USUAL
    else:
        others = view.columns[c.HOUR][month:end].translate(None, _NEAR[hour(view.time)])
        share = 1 - len(others) / (end - month)
    last = view.last_time()
    if last is None:
        missing |= _SINCE
    else:
        since = (view.time - last) // MINUTE
        since = min(_MAX_MINUTES, since)
    return (local_hour, weekend, share, since), missing


def travel(view: ClientAsOf) -> tuple[FeatureVector, int]:
    """`client.km_from_last`, `client.speed_kmh`, `client.home_country`, `client.abroad`."""
    km = speed = abroad = None
    missing = _TRAVEL
    here = pack_place(view.facts)
    visited = view.columns[c.PLACE][view.month * 4 : view.end * 4].rstrip(NOWHERE) if here != NOWHERE else b""
    if visited:
        last = (len(visited) - 1) // 4  # what was stripped is whole entries, for no place ends with 0x80
        km = 0.0 if visited[last * 4 :] == here else kilometres(unpack_place(visited[last * 4 :]), unpack_place(here))
        taken = view.time - view.times[view.month + last]
        speed, missing = min(km * 60 * MINUTE / (max(MINUTE, taken)), MAX_RATIO), 0
    profile = view.profile
    home = profile.country if profile is not None else None
    if home is None:
        missing |= _HOME | _ABROAD
    elif view.facts.country is None:
        missing |= _ABROAD
    else:
        abroad = view.facts.country != home
    return (km, speed, home, abroad), missing


def kilometres(origin: tuple[float, float], destination: tuple[float, float]) -> float:
    """The great-circle distance of two places in degrees, by the haversine formula (R. W. Sinnott, 1984)."""
    latitude, longitude = math.radians(origin[0]), math.radians(origin[1])
    to_latitude, to_longitude = math.radians(destination[0]), math.radians(destination[1])
    chord = (
        math.sin((to_latitude - latitude) / 2) ** 2
        + math.cos(latitude) * math.cos(to_latitude) * math.sin((to_longitude - longitude) / 2) ** 2
    )
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(chord, 1.0)))


def payees(view: ClientAsOf) -> tuple[FeatureVector, int]:
    """`client.payee_known`, `client.payee_age_days`, `client.new_payees_24h`."""
    new = 0
    part = view.columns[c.PAYEE][view.day * 4 : view.end * 4]
    if any(part):
        start = view.starts.day
        for payee in set(view.refs(c.PAYEE, view.day)) - {0}:
            first = view.first_time(c.PAYEE, view.state.payees, payee)
            new += first is not None and first >= start
    if not view.facts.payee:
        return (None, None, new), _PAYEE_KNOWN | _PAYEE_AGE
    first = view.first_time(c.PAYEE, view.state.payees, view.facts.payee)
    if first is None:
        return (False, None, new), _PAYEE_AGE
    return (True, min((view.time - first) // DAY, MAX_DAYS), new), 0
