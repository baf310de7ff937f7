"""Wall-clock times that daylight saving skips or repeats on a day on which they are meant (LANGUAGE section 2).

Looked at: the years of the calendar's holidays, else twelve fixed years; no clock is read. A day counts only when the
schedule really falls on it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.checks.clocks.in_force import calendar_named
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.durations import Schedule
from engine.language.kinds.calendar import Calendar
from engine.language.messages import time
from engine.language.shapes import Moment
from engine.language.source import Span
from engine.language.wall_clock import is_repeated, is_skipped, to_local, to_utc
from engine.rules.calendars import WorkCalendar

_YEARS = (2026, 2036)
_MOST_YEARS = 30
_DAY = dt.timedelta(days=1)


def check(view: View) -> Iterator[Diagnostic]:
    """dst-hazard: the first day on which it happens is named."""
    for definition, _, struct in view.structs:
        calendar = calendar_named(view, getattr(definition, "calendar", None))
        root = view.pack.root
        if calendar is None or root is None:
            continue
        for name, declared in type(struct).keys().items():
            if struct.was_written(name):
                value = getattr(struct, declared.name)
                if isinstance(value, Schedule):
                    yield from _schedule(value, struct.place(name), calendar)
                elif isinstance(value, Moment):
                    yield from _moment(value, calendar, root.time_zone)
    for definition_ in view.pack.kind(Calendar).values():
        if (counted := view.calendars.get(definition_.name)) is not None:
            yield from _hours(definition_, counted)


def _schedule(schedule: Schedule, span: Span, calendar: WorkCalendar) -> Iterator[Diagnostic]:
    if schedule.on == "rhythm":
        return
    for day in jumps(calendar):
        fires = calendar.next_firing(
            schedule, to_utc(dt.datetime.combine(day, dt.time(0)), calendar.zone) - _DAY / 86_400
        )
        if calendar.date_of(fires) == day and (found := _hazard(day, schedule.at, span, calendar.zone)) is not None:
            yield found
            return


def _moment(moment: Moment, calendar: WorkCalendar, zone: ZoneInfo) -> Iterator[Diagnostic]:
    words = moment.words
    fixed = words.wall_clock or words.base_wall_clock
    if fixed is not None and words.at is None:
        found = _hazard(fixed.date(), fixed.time(), moment.span, zone)
        if found is not None:
            yield found
    if words.at is None:
        return
    if words.base_date is not None and words.unit is None:
        days: tuple[dt.date, ...] = (words.base_date,)
    elif words.base_date is not None and words.number is not None and words.direction is not None and words.unit:
        number = int(words.number) * (-1 if words.direction == "before" else 1)
        days = (calendar.add_to_date(words.base_date, number, words.unit),)
    else:
        days = tuple(day for day in jumps(calendar) if words.unit != "workdays" or calendar.is_workday(day))
    for day in days:
        found = _hazard(day, words.at, moment.span, calendar.zone)
        if found is not None:
            yield found
            return


def _hours(definition: Calendar, calendar: WorkCalendar) -> Iterator[Diagnostic]:
    """Opening and closing times of a calendar, each said once."""
    said: set[dt.time] = set()
    for day in jumps(calendar):
        for hours in calendar.hours(day):
            for wall in hours:
                if (
                    wall not in said
                    and (found := _hazard(day, wall, _place(definition, day), calendar.zone)) is not None
                ):
                    said.add(wall)
                    yield found


def _place(definition: Calendar, day: dt.date) -> Span:
    """Where the hours of a day are written."""
    for change in definition.changes or ():
        if change.date == day:
            return change.place("hours")
    return definition.place("hours")


def _hazard(day: dt.date, at: dt.time, span: Span, zone: ZoneInfo) -> Diagnostic | None:
    local = dt.datetime.combine(day, at)
    if is_skipped(local, zone):
        becomes = to_local(to_utc(local, zone), zone)
        return time.dst_hazard(span, f"{at:%H:%M}", f"{day}", str(zone.key), f"{becomes:%H:%M}")
    if is_repeated(local, zone):
        return time.dst_hazard(span, f"{at:%H:%M}", f"{day}", str(zone.key), "")
    return None


def jumps(calendar: WorkCalendar) -> tuple[dt.date, ...]:
    """The days on which the clocks of the calendar's zone are put forward or back, in the years looked at."""
    holidays = calendar.holidays
    first, last = (holidays.first, holidays.last) if holidays is not None else _YEARS
    return _jumps(calendar.zone, first, min(last, first + _MOST_YEARS))


@lru_cache(maxsize=64)
def _jumps(zone: ZoneInfo, first: int, last: int) -> tuple[dt.date, ...]:
    found, day = [], dt.date(first, 1, 1)
    while day.year <= last:
        midnight = dt.datetime.combine(day, dt.time(0), zone)
        if midnight.utcoffset() != dt.datetime.combine(day + _DAY, dt.time(0), zone).utcoffset():
            found.append(day)
        day += _DAY
    return tuple(found)
