"""The cities of the made-up bank's world: where its clients live, and where they (or a thief) may be instead.

Coordinates are rounded to about a kilometre, time zones are hours east of UTC without daylight saving: enough for
distances and nights, and independent of any time zone database.
"""

from dataclasses import dataclass

from jobs.history.transaction import Place


@dataclass(frozen=True, slots=True)
class City:
    """A place, its time zone (IANA), offset from UTC in hours and, where clients live, its share of them."""

    location: Place
    zone: str
    utc_offset: int
    weight: int = 0


def _city(
    country: str, name: str, latitude: float, longitude: float, zone: str, utc_offset: int, weight: int = 0
) -> City:
    return City(Place(country, name, latitude, longitude), zone, utc_offset, weight)


HOMES = (
    _city("IE", "Dublin", 53.35, -6.26, "Europe/Dublin", 0, 14),
    _city("IE", "Cork", 51.90, -8.47, "Europe/Dublin", 0, 5),
    _city("PT", "Porto", 41.15, -8.61, "Europe/Lisbon", 0, 6),
    _city("ES", "Valencia", 39.47, -0.38, "Europe/Madrid", 1, 8),
    _city("FR", "Lyon", 45.76, 4.84, "Europe/Paris", 1, 9),
    _city("FR", "Nantes", 47.22, -1.55, "Europe/Paris", 1, 5),
    _city("BE", "Ghent", 51.05, 3.72, "Europe/Brussels", 1, 4),
    _city("NL", "Utrecht", 52.09, 5.12, "Europe/Amsterdam", 1, 7),
    _city("DE", "Leipzig", 51.34, 12.37, "Europe/Berlin", 1, 9),
    _city("DE", "Hamburg", 53.55, 9.99, "Europe/Berlin", 1, 12),
    _city("AT", "Graz", 47.07, 15.44, "Europe/Vienna", 1, 4),
    _city("IT", "Bologna", 44.49, 11.34, "Europe/Rome", 1, 7),
    _city("FI", "Tampere", 61.50, 23.76, "Europe/Helsinki", 2, 4),
    _city("GR", "Patras", 38.25, 21.73, "Europe/Athens", 2, 3),
)

ABROAD = (
    _city("GB", "Brighton", 50.82, -0.14, "Europe/London", 0),
    _city("TR", "Antalya", 36.90, 30.71, "Europe/Istanbul", 3),
    _city("US", "Miami", 25.76, -80.19, "America/New_York", -5),
    _city("US", "Seattle", 47.61, -122.33, "America/Los_Angeles", -8),
    _city("BR", "Recife", -8.05, -34.88, "America/Recife", -3),
    _city("TH", "Phuket", 7.88, 98.39, "Asia/Bangkok", 7),
    _city("JP", "Osaka", 34.69, 135.50, "Asia/Tokyo", 9),
    _city("ZA", "Durban", -29.86, 31.03, "Africa/Johannesburg", 2),
    _city("AE", "Dubai", 25.20, 55.27, "Asia/Dubai", 4),
    _city("AU", "Perth", -31.95, 115.86, "Australia/Perth", 8),
)
