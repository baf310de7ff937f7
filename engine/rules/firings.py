"""When a schedule fires next, and which moment a written moment is, on a calendar (LANGUAGE section 2).

Pure: what is now comes in as a value. Moments are aware UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

from engine.language.durations import Duration, Number, Schedule, shift_date
from engine.language.wall_clock import to_local, to_utc

_ONE_DAY = dt.timedelta(days=1)


class Days(Protocol):
    """What schedules and moments ask of a calendar; `engine.rules.calendars.WorkCalendar` is one."""

    @property
    def zone(self) -> ZoneInfo: ...
    def add(self, start: dt.datetime, duration: Duration) -> dt.datetime: ...
    def add_to_date(self, date: dt.date, number: int, unit: str) -> dt.date: ...
    def at_time(self, date: dt.date, time: dt.time) -> dt.datetime: ...
    def date_of(self, moment: dt.datetime) -> dt.date: ...
    def next_workday(self, date: dt.date) -> dt.date: ...


def next_firing(schedule: Schedule, after: dt.datetime, calendar: Days) -> dt.datetime:
    """The first firing strictly after `after`. For a rhythm `after` is the last firing, or the begin.

    Raises OverflowError when no day ever fits.
    """
    if schedule.every is not None:
        fired = calendar.add(after, schedule.every)
        return _moved(fired, calendar) if schedule.or_next_workday else fired
    for date in _dates(schedule, calendar.date_of(after), calendar):
        day = calendar.next_workday(date) if schedule.or_next_workday else date
        fires = calendar.at_time(day, schedule.at)
        if fires > after:
            return fires
    raise OverflowError(f"{schedule} never fires")  # pragma: no cover - _dates ends by raising


def firings(schedule: Schedule, after: dt.datetime, calendar: Days, count: int) -> list[dt.datetime]:
    """The next `count` firings: what a preview shows."""
    return list(islice(_firings(schedule, after, calendar), count))


def _firings(schedule: Schedule, after: dt.datetime, calendar: Days) -> Iterator[dt.datetime]:
    while True:
        after = next_firing(schedule, after, calendar)
        yield after


def _moved(moment: dt.datetime, calendar: Days) -> dt.datetime:
    """The same wall clock on the next workday, when the day is closed."""
    local = to_local(moment, calendar.zone)
    day = calendar.next_workday(local.date())
    return moment if day == local.date() else to_utc(dt.datetime.combine(day, local.time()), calendar.zone)


def _dates(schedule: Schedule, today: dt.date, calendar: Days) -> Iterator[dt.date]:
    """The days of the schedule in order, beginning with the last one that is not after today.

    One day back is enough: a firing moved on by a closed day falls on the same workday as all between.
    """
    if schedule.on == "day":
        for date in _steps(today, 1, "days"):
            yield date
    elif schedule.on == "workday":
        date = calendar.next_workday(today)
        while True:
            yield date
            date = calendar.next_workday(date + _ONE_DAY)
    elif schedule.on == "weekday":
        for date in _steps(today - ((today.isoweekday() - schedule.number) % 7) * _ONE_DAY, 1, "weeks"):
            yield date
    else:
        number = schedule.number if schedule.on == "month_day" else 31
        this_month = today.replace(day=1)
        start = this_month if _in_month(this_month, number) <= today else _next(this_month, -1, "months")
        for month in _steps(start, 1, "months"):
            yield _in_month(month, number)


def _in_month(month: dt.date, number: int) -> dt.date:
    """The day of a month, clamped to its end."""
    last = _next(month, 1, "months") - _ONE_DAY
    return last if number > last.day else month.replace(day=number)


def _steps(start: dt.date, number: int, unit: str) -> Iterator[dt.date]:
    while True:
        yield start
        start = _next(start, number, unit)


def _next(date: dt.date, number: int, unit: str) -> dt.date:
    shifted = shift_date(date, number, unit)
    if shifted is None:
        raise OverflowError(f"no date {number} {unit} after {date}")
    return shifted


def moment_of(
    base: dt.date | dt.datetime | None,
    number: Number | None,
    unit: str | None,
    direction: str | None,
    at: dt.time | None,
    calendar: Days,
) -> dt.datetime | None:
    """The moment `number unit before|after base at HH:MM`; without a unit the base itself, `at` this time.

    With `at` the local date of the base is counted from, so `1 days after created_at at 09:00` is the next morning.
    Empty when the base or the number is empty, the number is no whole one where days are counted, a date stands without
    `at`, or the result lies outside the calendar's years: then nothing is armed.
    """
    if base is None or (unit is not None and number is None):
        return None
    moment = isinstance(base, dt.datetime)
    if not moment and at is None:
        return None
    try:
        if unit is None:
            return calendar.at_time(_date_of(base, calendar), at) if at is not None else _instant(base)
        duration = Duration.of(number, unit)
        if duration is None:
            return None
        if direction == "before":
            duration = -duration
        if at is None:
            return calendar.add(_instant(base), duration)
        return calendar.at_time(calendar.add_to_date(_date_of(base, calendar), int(duration.amount), unit), at)
    except OverflowError:
        return None


def _date_of(base: dt.date | dt.datetime, calendar: Days) -> dt.date:
    return calendar.date_of(base) if isinstance(base, dt.datetime) else base


def _instant(base: dt.date | dt.datetime) -> dt.datetime:
    assert isinstance(base, dt.datetime)
    return base
