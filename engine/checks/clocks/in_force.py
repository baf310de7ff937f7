"""The calendars that count a workflow's time, and the openings on which a claim about durations is tried.

No clock is read: the openings lie in the first year of the calendar's holidays, else in a fixed one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from engine.checks.pack_view import View
from engine.language.durations import Duration
from engine.language.kinds.workflow import Workflow
from engine.rules.calendars import WorkCalendar

_YEAR = 2026
_MOST_STEPS = 50
"""So many reminders are added one by one; more of them at once."""
NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)
_FAMILIES = {
    "seconds": "clock", "minutes": "clock", "hours": "clock", "days": "clock", "weeks": "clock", "months": "months",
    "workminutes": "open", "workhours": "open", "workdays": "workdays",
}  # fmt: skip


def calendar_named(view: View, name: str | None) -> WorkCalendar | None:
    """A calendar of the pack, its own one without a name; None where there is none that can count."""
    root = view.pack.root
    return view.calendars.get(str(name or (root.calendar if root is not None else "")))


def calendars_of(view: View, workflow: Workflow) -> list[WorkCalendar]:
    """The workflow's calendar, then those of persons, whose tasks are counted by their own; empty where one is broken."""
    organization = view.pack.organization
    own = [entry.calendar for entry in organization.people.values()] if organization is not None else []
    names = list(dict.fromkeys([workflow.calendar, *(name for name in own if name is not None)]))
    found = [calendar_named(view, name) for name in names]
    return [] if None in found else [calendar for calendar in found if calendar is not None]


def openings(calendar: WorkCalendar) -> list[dt.datetime]:
    """Moments at which a step may open: a fortnight through day and night, and a moment of each day of a year."""
    first = dt.date(calendar.holidays.first if calendar.holidays is not None else _YEAR, 1, 1)
    fortnight = [first + dt.timedelta(days=60 + n) for n in range(14)]
    found = [calendar.at_time(day, dt.time(hour)) for day in fortnight for hour in (1, 7, 10, 13, 16, 20)]
    found += [start for day in fortnight for start, _ in calendar.intervals(day)]
    found += [calendar.at_time(first + dt.timedelta(days=n), dt.time(11)) for n in range(0, 364)]
    return found


@dataclass(frozen=True)
class Compared:
    """How one length of time stands to another: longer at every opening, at some (`when` is one, in open hours), never."""

    always: bool
    when: dt.datetime | None = None


def reaches(
    first: Duration, times: int, second: Duration, calendars: list[WorkCalendar], or_equal: bool = True
) -> Compared:
    """Whether `times` x `first`, one after another, is longer than `second`; `or_equal`: or as long."""
    if _FAMILIES[first.unit] == _FAMILIES[second.unit]:
        a, b = first.nominal_seconds * times, second.nominal_seconds
        return Compared(a >= b if or_equal else a > b)
    when, always = None, bool(calendars)
    for calendar in calendars:
        for opened in openings(calendar):
            longer = _longer(first, times, second, calendar, opened, or_equal)
            always = always and longer
            if longer and when is None and calendar.is_open(opened):
                when = opened
            if not always and when is not None:
                return Compared(False, when)
    return Compared(always, when)


def _longer(
    first: Duration, times: int, second: Duration, calendar: WorkCalendar, opened: dt.datetime, or_equal: bool
) -> bool:
    end, at = later(calendar, opened, second), opened
    whole = Duration.of(first.amount * times, first.unit) if times > _MOST_STEPS else None
    if times > _MOST_STEPS and whole is None:
        return True  # more than the longest duration
    for _ in range(1 if whole is not None else times):
        at = later(calendar, at, whole or first)
        if at > end:
            return True
    return or_equal and at == end


def later(calendar: WorkCalendar, at: dt.datetime, duration: Duration) -> dt.datetime:
    """So long after a moment; the end of all time where the calendar has no such moment."""
    try:
        return calendar.add(at, duration)
    except OverflowError:
        return NEVER
