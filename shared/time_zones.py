"""Time zones by name, each read once."""

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(1024)
def zone(name: str) -> ZoneInfo | None:
    """The IANA time zone `name`; `None` where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
