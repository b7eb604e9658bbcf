"""Where, when and with whom a client spends: merchants, countries, devices, hours, places and payees, old and new."""

import math

from shared.features import client as c
from shared.features.codes import NOWHERE, code, degrees, hour, place, ref
from shared.features.moment import MAX_DAYS, MAX_RATIO, Moment, Values, bits
from shared.time_zones import zone
from shared.times import DAY, MINUTE
from shared.windowing.columns import find
from shared.windowing.first_seen import FirstSeen

_NEW_COUNTRY, _NEW_MERCHANT = bits("client.new_country"), bits("client.new_merchant")
_NEW_DEVICE = bits("client.new_device")
_LOCAL = bits("client.local_hour", "client.is_weekend")
_USUAL, _SINCE = bits("client.usual_hour"), bits("client.minutes_since_last")
_TRAVEL = bits("client.km_from_last", "client.speed_kmh")
_HOME, _ABROAD = bits("client.home_country"), bits("client.abroad")
_PAYEE_KNOWN, _PAYEE_AGE = bits("client.payee_known"), bits("client.payee_age_days")

_NEAR = tuple(bytes((each + by) % 24 for by in (-2, -1, 0, 1, 2)) for each in range(24))
"""By hour of the day: the hours within two of it."""

_EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""

_MAX_MINUTES = 10**8
_SATURDAY = 5


def variety(moment: Moment) -> tuple[Values, int]:
    """`client.merchants_*`, `client.countries_*`, `client.new_country`, `client.new_merchant`, `client.*device*`."""
    facts, state, missing, day, month = moment.facts, moment.state, 0, moment.day, moment.month
    merchants = moment.refs(c.MERCHANT, month)
    in_month, in_day = set(merchants), set(merchants[day - month :])
    countries = moment.distinct(c.COUNTRY, 2, (month, moment.week, day))
    devices = moment.distinct(c.DEVICE, 4, (month,))
    new_country = _is_new(moment, c.COUNTRY, 2, state.countries, code(facts.country))
    new_device = _is_new(moment, c.DEVICE, 4, state.devices, ref(facts.device))
    new_merchant: bool | None = None
    if not moment.merchant:
        missing = _NEW_MERCHANT
    else:
        new_merchant = moment.merchant not in in_month
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


def _is_new(moment: Moment, column: int, width: int, memory: FirstSeen, wanted: int) -> bool | None:
    """Whether `wanted` was never seen before; unknown while nothing of its kind was, or without one."""
    if not wanted:
        return None
    part = moment.columns[column][: moment.end * width]
    packed = wanted.to_bytes(width, "little")
    if part.startswith(packed) or find(part, packed) >= 0:
        return False
    if memory.time_of(wanted.to_bytes(4, "little")) is not None:
        return False
    return True if memory.refs or any(part) else None


def hours(moment: Moment) -> tuple[Values, int]:
    """`client.local_hour`, `client.is_weekend`, `client.usual_hour`, `client.minutes_since_last`."""
    profile, missing, end, month = moment.profile, 0, moment.end, moment.month
    there = zone(profile.zone) if profile is not None and profile.zone else None
    local_hour = weekend = usual = since = None
    if there is None:
        missing = _LOCAL
    else:
        local = moment.at.astimezone(there)
        local_hour, weekend = local.hour, local.weekday() >= _SATURDAY
    if end == month:
        missing |= _USUAL
    else:
        others = moment.columns[c.HOUR][month:end].translate(None, _NEAR[hour(moment.time)])
        usual = 1 - len(others) / (end - month)
    last = moment.last()
    if last is None:
        missing |= _SINCE
    else:
        since = (moment.time - last) // MINUTE
        since = min(_MAX_MINUTES, since)
    return (local_hour, weekend, usual, since), missing


def places(moment: Moment) -> tuple[Values, int]:
    """`client.km_from_last`, `client.speed_kmh`, `client.home_country`, `client.abroad`."""
    km = speed = abroad = None
    missing = _TRAVEL
    here = place(moment.facts)
    known = moment.columns[c.PLACE][moment.month * 4 : moment.end * 4].rstrip(NOWHERE) if here != NOWHERE else b""
    if known:
        last = (len(known) - 1) // 4  # what was stripped is whole entries, for no place ends with 0x80
        km = 0.0 if known[last * 4 :] == here else kilometres(degrees(known[last * 4 :]), degrees(here))
        taken = moment.time - moment.times[moment.month + last]
        speed, missing = min(km * 60 * MINUTE / (max(MINUTE, taken)), MAX_RATIO), 0
    profile = moment.profile
    home = profile.country if profile is not None else None
    if home is None:
        missing |= _HOME | _ABROAD
    elif moment.facts.country is None:
        missing |= _ABROAD
    else:
        abroad = moment.facts.country != home
    return (km, speed, home, abroad), missing


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance of two places in degrees, by the haversine formula (R. W. Sinnott, 1984)."""
    latitude, longitude = math.radians(one[0]), math.radians(one[1])
    to_latitude, to_longitude = math.radians(other[0]), math.radians(other[1])
    chord = (
        math.sin((to_latitude - latitude) / 2) ** 2
        + math.cos(latitude) * math.cos(to_latitude) * math.sin((to_longitude - longitude) / 2) ** 2
    )
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(chord, 1.0)))


def payees(moment: Moment) -> tuple[Values, int]:
    """`client.payee_known`, `client.payee_age_days`, `client.new_payees_24h`."""
    new = 0
    part = moment.columns[c.PAYEE][moment.day * 4 : moment.end * 4]
    if any(part):
        start = moment.starts.day
        for payee in set(moment.refs(c.PAYEE, moment.day)) - {0}:
            first = moment.first(c.PAYEE, moment.state.payees, payee)
            new += first is not None and first >= start
    if not moment.facts.payee:
        return (None, None, new), _PAYEE_KNOWN | _PAYEE_AGE
    first = moment.first(c.PAYEE, moment.state.payees, moment.facts.payee)
    if first is None:
        return (False, None, new), _PAYEE_AGE
    return (True, min((moment.time - first) // DAY, MAX_DAYS), new), 0
