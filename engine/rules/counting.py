"""Working time told day by day: how a duration gets from its opening to its end on a calendar. For people who ask why.

Pure. The end is the calendar's own (`WorkCalendar.add`); the days only tell what lies between.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.language.durations import Duration
from engine.rules.calendars import WorkCalendar

_DAY = dt.timedelta(days=1)
_MOST_DAYS = 400
"""So many days are told at most; a longer time has its begin and end."""


@dataclass(frozen=True)
class CountedDay:
    """One date on the way: `counted` is its open time that counts (work hours), `number` which workday it is (workdays).

    A closed date has neither. `because`: the holiday's name, or why the calendar changed the day; empty for usual days.
    """

    date: dt.date
    counted: dt.timedelta | None = None
    number: int | None = None
    because: str = ""

    @property
    def is_open(self) -> bool:
        return self.counted is not None or self.number is not None


@dataclass(frozen=True)
class Counted:
    """A duration counted: it opened at `opened`, counts from `began` (the next opening, where it opened in a closed hour)."""

    opened: dt.datetime
    began: dt.datetime
    ends: dt.datetime
    days: tuple[CountedDay, ...] = ()
    told: bool = True


def counted(
    calendar: WorkCalendar, opened: dt.datetime, duration: Duration, changes: Mapping[dt.date, str] | None = None
) -> Counted:
    """The days of a work time; none for clock time, which needs no telling. `told` is False where there are too many.

    `changes`: date -> why the calendar says something else of it than of other days.
    """
    ends = calendar.add(opened, duration)
    if not duration.is_work_time or duration.amount <= 0:
        return Counted(opened, opened, ends)
    began = calendar.next_opening(opened)
    first, last = calendar.date_of(opened), calendar.date_of(ends)
    if (last - first).days > _MOST_DAYS:
        return Counted(opened, began, ends, told=False)
    if duration.unit == "workdays":
        days = _workdays(calendar, began, first, last, changes or {})
    else:
        days = _hours(calendar, began, ends, first, last, changes or {})
    return Counted(opened, began, ends, tuple(days))


def _because(calendar: WorkCalendar, date: dt.date, changes: Mapping[dt.date, str]) -> str:
    return changes[date] if date in changes else calendar.holiday_name(date) if not calendar.is_workday(date) else ""


def _workdays(
    calendar: WorkCalendar, began: dt.datetime, first: dt.date, last: dt.date, changes: Mapping[dt.date, str]
) -> Iterator[CountedDay]:
    """The day of the begin is number 0; the others are counted."""
    number, start = 0, calendar.date_of(began)
    for date in _dates(first, last):
        if not calendar.is_workday(date):
            yield CountedDay(date, because=_because(calendar, date, changes))
        elif date >= start:
            yield CountedDay(date, number=number, because=_because(calendar, date, changes))
            number += 1


def _hours(
    calendar: WorkCalendar,
    began: dt.datetime,
    ends: dt.datetime,
    first: dt.date,
    last: dt.date,
    changes: Mapping[dt.date, str],
) -> Iterator[CountedDay]:
    for date in _dates(first, last):
        stretches = calendar.intervals(date)
        if not stretches:
            yield CountedDay(date, because=_because(calendar, date, changes))
            continue
        open_time = sum(
            (max(min(end, ends) - max(start, began), dt.timedelta(0)) for start, end in stretches), dt.timedelta(0)
        )
        yield CountedDay(date, counted=open_time, because=_because(calendar, date, changes))


def _dates(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    while first <= last:
        yield first
        first += _DAY
