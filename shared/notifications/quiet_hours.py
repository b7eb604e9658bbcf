"""Quiet hours: whether it is night where the client is, and until when."""

from datetime import datetime, time, timedelta, tzinfo

from shared.notifications.preferences import QuietHours
from shared.times import in_utc, in_zone


def quiet_until(now: datetime, hours: QuietHours, zone: tzinfo) -> datetime | None:
    """When the quiet hours end that `now` is in (aware UTC, and after `now`), or `None` where it is in none.

    An hour that the change to summer time leaves out ends as late as it would have begun; of an hour that comes twice
    the first counts that is still ahead.
    """
    here = in_zone(now, zone)
    start, end, clock = time.fromisoformat(hours.start), time.fromisoformat(hours.end), here.time()
    inside = start <= clock < end if start <= end else clock >= start or clock < end
    if not inside:
        return None
    day = here.date() if clock < end else here.date() + timedelta(days=1)
    ends = datetime.combine(day, end, tzinfo=zone)
    first, second = (in_utc(ends.replace(fold=fold)) for fold in (0, 1))
    return first if first > now else second
