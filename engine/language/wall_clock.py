"""The clock on the wall of a zone: local dates and times to instants and back, daylight saving included.

A local time that daylight saving skips is the first instant that exists after it; one that it repeats is its first
occurrence (LANGUAGE section 2). Instants are aware datetimes in UTC, local times are naive.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

UTC = dt.UTC
_SECOND = dt.timedelta(seconds=1)


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises ZoneInfoNotFoundError or ValueError for none."""
    return ZoneInfo(name)


def to_local(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """What the wall clock shows at this instant, naive."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def to_utc(local: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The instant at which the wall clock shows `local` (naive) for the first time, or has just jumped over it."""
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if to_local(first, zone) == local.replace(fold=0):
        return first
    return _jump(local.replace(tzinfo=zone, fold=1).astimezone(UTC), first, zone)


def _jump(before: dt.datetime, after: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The instant between two others at which the zone's clock jumps."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) / 2
        middle = middle.replace(microsecond=0)
        if middle <= before:
            middle = before + _SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def is_skipped(local: dt.datetime, zone: ZoneInfo) -> bool:
    """Whether daylight saving jumps over this local time."""
    return to_local(to_utc(local, zone), zone) != local.replace(fold=0)


def is_repeated(local: dt.datetime, zone: ZoneInfo) -> bool:
    """Whether the wall clock shows this local time twice."""
    if is_skipped(local, zone):
        return False
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first != second
