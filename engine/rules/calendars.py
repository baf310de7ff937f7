"""Work calendars: which days and hours are open, and what durations mean on them (LANGUAGE section 2).

Dates are local dates of the calendar's zone, moments are aware UTC in and out. Open hours are half open: at closing
time the calendar is closed. Days and open time are counted once a year and kept, so a question costs a binary search.
(A little long: one class, whose questions share its counted years.)
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from engine.language.durations import Duration, Number, Schedule, shift_date
from engine.language.kinds.calendar import WEEKDAYS, Calendar
from engine.language.wall_clock import UTC, to_local, to_utc, zone_named
from engine.rules import firings
from engine.rules.public_holidays import public_holidays

Interval = tuple[dt.time, dt.time]
Stretch = tuple[dt.datetime, dt.datetime]
_MIDNIGHT = dt.time(0)
_DAY = dt.timedelta(days=1)
_CLOCK = {"seconds": 1, "minutes": 60, "hours": 3600}
_WORK = {"workminutes": 60, "workhours": 3600}
_YEARS_AHEAD = 250
"""How many years a search for open time goes on; more than the longest duration."""


@dataclass(frozen=True)
class HolidayYears:
    """The public holidays of an ISO country code, of these years, both included."""

    country: str
    first: int
    last: int


@dataclass(frozen=True)
class _Year:
    """One year counted: its workdays as ordinals, its open stretches, and the open time before each of them."""

    workdays: list[int]
    starts: list[dt.datetime]
    ends: list[dt.datetime]
    before: list[dt.timedelta]
    open_time: dt.timedelta

    def open_until(self, moment: dt.datetime) -> dt.timedelta:
        """The open time of this year before `moment`."""
        i = bisect_right(self.starts, moment) - 1
        if i < 0:
            return dt.timedelta(0)
        return self.before[i] + min(moment, self.ends[i]) - self.starts[i]


class WorkCalendar:
    """Open days and hours from plain data.

    `weekly`: weekday (Monday is 0) -> its (open, close) times; a weekday not named is closed; a close of 00:00 or
    `time.max` is the end of the day. `changes`: date -> its intervals, empty for closed; they outrank holidays. A
    make-up workday whose weekday is closed has the hours of the nearest open weekday before it. Hours that overlap
    raise ValueError.
    Arithmetic that leaves the years 1 to 9999, or finds no open time in 250 years, raises OverflowError.
    """

    def __init__(
        self,
        zone: str,
        weekly: Mapping[int, Iterable[Interval]],
        holidays: HolidayYears | None = None,
        changes: Mapping[dt.date, Iterable[Interval]] | None = None,
        name: str = "",
    ) -> None:
        self.name = name
        self.zone = zone_named(zone)
        self.weekly = {day: ordered for day, hours in weekly.items() if (ordered := in_order(hours))}
        self.holidays = holidays
        self.changes = {date: in_order(hours) for date, hours in (changes or {}).items()}
        self._public = public_holidays(holidays.country, holidays.first, holidays.last) if holidays else None
        self._years: dict[int, _Year] = {}

    # --- one day, one moment

    def hours(self, date: dt.date) -> tuple[Interval, ...]:
        """The open hours of a date as wall-clock times; none when it is closed."""
        if date in self.changes:
            return self.changes[date]
        if self._public is not None:
            if date in self._public.worked:
                return self._hours_before(date.weekday())
            if date in self._public.closed:
                return ()
        return self.weekly.get(date.weekday(), ())

    def _hours_before(self, weekday: int) -> tuple[Interval, ...]:
        return next((h for back in range(7) if (h := self.weekly.get((weekday - back) % 7))), ())

    def is_workday(self, date: dt.date) -> bool:
        return bool(self.hours(date))

    def intervals(self, date: dt.date) -> list[Stretch]:
        """The open stretches of a date as instants."""
        found = []
        for opens, closes in self.hours(date):
            last = date if closes != _MIDNIGHT else date + _DAY
            start = to_utc(dt.datetime.combine(date, opens), self.zone)
            end = to_utc(dt.datetime.combine(last, closes), self.zone)
            if start < end:
                found.append((start, end))
        return found

    def is_open(self, moment: dt.datetime) -> bool:
        return any(start <= moment < end for start, end in self.intervals(self.date_of(moment)))

    def date_of(self, moment: dt.datetime) -> dt.date:
        """The local date of a moment."""
        return to_local(moment, self.zone).date()

    def at_time(self, date: dt.date, time: dt.time) -> dt.datetime:
        """The moment at which the wall clock shows this date and time."""
        return to_utc(dt.datetime.combine(date, time), self.zone)

    def beyond(self, date: dt.date) -> bool:
        """Whether the holidays of this date are not declared: it is later than the last year of them."""
        return self.holidays is not None and date.year > self.holidays.last

    def holiday_name(self, date: dt.date) -> str:
        """What the library calls a public holiday; empty on other days."""
        return self._public.closed.get(date, "") if self._public else ""

    # --- counting

    def _year(self, year: int) -> _Year:
        counted = self._years.get(year)
        if counted is None:
            if not dt.MINYEAR < year < dt.MAXYEAR:
                raise OverflowError(f"year {year} is out of range")
            counted = self._years[year] = self._count(year)
        return counted

    def _count(self, year: int) -> _Year:
        first = dt.date(year, 1, 1).toordinal()
        days = [dt.date.fromordinal(n) for n in range(first, dt.date(year + 1, 1, 1).toordinal())]
        workdays = [date for date in days if self.is_workday(date)]
        starts, ends, before, total = [], [], [], dt.timedelta(0)
        for date in workdays:
            for start, end in self.intervals(date):
                starts.append(start)
                ends.append(end)
                before.append(total)
                total += end - start
        return _Year([date.toordinal() for date in workdays], starts, ends, before, total)

    def open_between(self, a: dt.datetime, b: dt.datetime) -> dt.timedelta:
        """The open time from a to b; negative when b is before a."""
        if b < a:
            return -self.open_between(b, a)
        first, last = self.date_of(a).year, self.date_of(b).year
        whole = sum((self._year(year).open_time for year in range(first, last)), dt.timedelta(0))
        return whole + self._year(last).open_until(b) - self._year(first).open_until(a)

    def workhours_between(self, a: dt.datetime, b: dt.datetime) -> Decimal:
        """The open hours from a to b, at most 4 decimal places."""
        open_time = self.open_between(a, b)
        micro = (open_time.days * 86_400 + open_time.seconds) * 1_000_000 + open_time.microseconds
        hours = (Decimal(micro) / 3_600_000_000).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        return hours.quantize(Decimal(1)) if hours == hours.to_integral_value() else hours.normalize()

    def workdays_between(self, a: dt.date, b: dt.date) -> int:
        """The workdays from a up to, not including, b; negative when b is before a. Moments count by local date."""
        first, last = (self.date_of(x) if isinstance(x, dt.datetime) else x for x in (a, b))
        if last < first:
            return -self.workdays_between(last, first)
        whole = sum(len(self._year(year).workdays) for year in range(first.year, last.year))
        return whole + self._position(last) - self._position(first)

    def _position(self, date: dt.date) -> int:
        """How many workdays of its year stand before this date."""
        return bisect_left(self._year(date.year).workdays, date.toordinal())

    # --- moving on

    def next_workday(self, date: dt.date) -> dt.date:
        """This date if it is a workday, else the first workday after it."""
        return self._workday(date.year, self._position(date))

    def add_workdays(self, date: dt.date, n: int) -> dt.date:
        """n workdays later (before, when negative). A closed date counts from the next workday, as durations do."""
        return self._workday(date.year, self._position(date) + n)

    def _workday(self, year: int, position: int) -> dt.date:
        """The workday that stands so many workdays after the begin of a year."""
        began = year
        while position < 0:
            year -= 1
            position += len(self._year(year).workdays)
            self._give_up(abs(year - began))
        while position >= len(workdays := self._year(year).workdays):
            position -= len(workdays)
            year += 1
            self._give_up(abs(year - began))
        return dt.date.fromordinal(workdays[position])

    def _give_up(self, years: int) -> None:
        if years > _YEARS_AHEAD:
            raise OverflowError(f"no open time within {_YEARS_AHEAD} years in calendar {self.name!r}")

    def next_opening(self, moment: dt.datetime) -> dt.datetime:
        """The moment itself if it is open, else the next opening."""
        date = self.date_of(moment)
        for start, end in self.intervals(date):
            if moment < end:
                return max(start, moment)
        opening = self.next_workday(date + _DAY)
        while not (stretches := self.intervals(opening)):
            opening = self.next_workday(opening + _DAY)
        return stretches[0][0]

    def add(self, start: dt.datetime, duration: Duration) -> dt.datetime:
        """The moment so long after `start`; before it when the amount is negative."""
        amount, unit = duration.amount, duration.unit
        if unit in _CLOCK:
            return start + _seconds(amount, _CLOCK[unit])
        if unit in _WORK:
            return self._add_open_time(start, _seconds(amount, _WORK[unit]))
        if amount == 0 and unit != "workdays":
            return start
        if unit == "workdays":
            start = self.next_opening(start)
            if amount == 0:
                return start
        local = to_local(start, self.zone)
        return to_utc(dt.datetime.combine(self.add_to_date(local.date(), int(amount), unit), local.time()), self.zone)

    def add_to_date(self, date: dt.date, number: int, unit: str) -> dt.date:
        """The date so many days, weeks, months or workdays later."""
        if unit == "workdays":
            return self.add_workdays(date, number)
        shifted = shift_date(date, number, unit)
        if shifted is None:
            raise OverflowError(f"{date} and {number} {unit} is no date")
        return shifted

    # --- the words for time

    def next_firing(self, schedule: Schedule, after: dt.datetime) -> dt.datetime:
        """See `firings.next_firing`."""
        return firings.next_firing(schedule, after, self)

    def moment_of(
        self,
        base: dt.date | dt.datetime | None,
        number: Number | None,
        unit: str | None,
        direction: str | None,
        at: dt.time | None,
    ) -> dt.datetime | None:
        """See `firings.moment_of`."""
        return firings.moment_of(base, number, unit, direction, at, self)

    def _add_open_time(self, moment: dt.datetime, length: dt.timedelta) -> dt.datetime:
        """The earliest moment with so much open time since `moment`; the latest one with so much before it."""
        if not length:
            return moment
        began = year = self.date_of(moment).year
        target = self._year(year).open_until(moment) + length
        forward = length > dt.timedelta(0)
        while target > (counted := self._year(year)).open_time if forward else target < dt.timedelta(0):
            if forward:
                target -= counted.open_time
                year += 1
            else:
                year -= 1
                target += self._year(year).open_time
            self._give_up(abs(year - began))
        counted = self._year(year)
        i = (bisect_left(counted.before, target) if forward else bisect_right(counted.before, target)) - 1
        return (counted.starts[i] + (target - counted.before[i])).astimezone(UTC)


def in_order(hours: Iterable[Interval]) -> tuple[Interval, ...]:
    """The intervals of a day by opening time. Raises ValueError when two overlap or one closes before it opens."""
    ordered = tuple(sorted((opens, _MIDNIGHT if closes == dt.time.max else closes) for opens, closes in hours))
    times = [time for opens, closes in ordered for time in ((opens, False), (closes, closes == _MIDNIGHT))]
    rank = [(late, time) for time, late in times]
    if rank != sorted(rank) or any(opens == closes != _MIDNIGHT for opens, closes in ordered):
        raise ValueError(f"opening hours overlap: {ordered}")
    return ordered


def _seconds(amount: int | Decimal, factor: int) -> dt.timedelta:
    return dt.timedelta(microseconds=int(amount * factor * 1_000_000))


def calendar_of(definition: Calendar) -> WorkCalendar:
    """The calendar that a definition describes. ValueError: an unknown country, or hours that overlap."""
    declared = definition.holidays
    return WorkCalendar(
        str(definition.time_zone),
        {WEEKDAYS.index(day): hours for day, hours in definition.hours.items()},
        HolidayYears(str(declared.country), declared.from_, declared.to) if declared is not None else None,
        {change.date: change.hours for change in definition.changes or ()},
        definition.name,
    )
