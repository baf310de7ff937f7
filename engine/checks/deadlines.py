"""Person steps say by when; calendars have an open hour, and know the holidays of the time that is counted on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from engine.checks.clocks.in_force import calendar_named
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.durations import Duration
from engine.language.kinds.calendar import Calendar
from engine.language.kinds.node import Node
from engine.language.kinds.workflow import Workflow
from engine.language.messages import syntax, time
from engine.language.shapes import Moment
from engine.language.source import Span, place_of
from engine.language.walk import declares, structs
from engine.rules.calendars import WorkCalendar, in_order
from engine.rules.public_holidays import is_country


def check(view: View) -> Iterator[Diagnostic]:
    """no-working-time: a person step without `deadline:`, a calendar that is never open or whose holidays end too soon."""
    for _, _, node in view.of(Node):
        if declares(node, "deadline") and not node.was_written("deadline"):
            yield time.no_working_time(
                place_of(node.name),
                f"'{node.name}' is done by people and says nothing about its deadline",
                f"“{node.name}”由人处理，但没有写期限",
                "write deadline: {within: 2 workdays, keep_open: yes}, or deadline: none",
                "请写 deadline: {within: 2 workdays, keep_open: yes}，或 deadline: none",
            )
    for calendar in view.pack.kind(Calendar).values():
        if not any(calendar.hours.values()):
            yield time.no_working_time(
                calendar.place("hours"),
                f"the calendar '{calendar.name}' has no open hour",
                f"日历“{calendar.name}”没有任何营业时间",
                "write hours: {mon: [09:00-12:00, 13:00-18:00], ...}",
                "请写 hours: {mon: [09:00-12:00, 13:00-18:00], ...}",
            )
        if calendar.holidays is not None and calendar.holidays.from_ > calendar.holidays.to:
            yield time.no_working_time(
                calendar.holidays.span,
                f"the holidays of '{calendar.name}' end before they begin",
                f"日历“{calendar.name}”的节假日年份先于开始年份",
                "write from: the earlier year, to: the later year",
                "请在 from 写较早的年份，to 写较晚的年份",
            )
        yield from _readable(calendar)
    for workflow in view.pack.kind(Workflow).values():
        counted = calendar_named(view, workflow.calendar)
        if counted is not None and counted.holidays is not None and counted.holidays.first <= counted.holidays.last:
            yield from _beyond(workflow, counted)


def _readable(calendar: Calendar) -> Iterator[Diagnostic]:
    """wrong-shape: hours of one day that overlap, a country whose holidays nobody knows."""
    days = [*calendar.hours.values(), *(change.hours for change in calendar.changes or ())]
    for hours in days:
        try:
            in_order(hours)
        except ValueError:
            place = next(
                (c.place("hours") for c in calendar.changes or () if c.hours is hours), calendar.place("hours")
            )
            yield syntax.wrong_shape(
                place,
                "opening hours that do not overlap",
                "互不重叠的营业时间",
                "write one stretch after the other: [09:00-12:00, 13:00-18:00]",
                "请按先后分段书写：[09:00-12:00, 13:00-18:00]",
            )
    if calendar.holidays is not None and not is_country(str(calendar.holidays.country)):
        yield syntax.wrong_shape(
            calendar.holidays.place("country"),
            "a country whose holidays are known",
            "已知节假日的国家代码",
            "write its two letters: CN, DE, US; or leave holidays out and write changes",
            "请写两位国家代码，如 CN、DE、US；或不写 holidays，改用 changes",
        )


def _beyond(workflow: Workflow, calendar: WorkCalendar) -> Iterator[Diagnostic]:
    """A fixed moment past the last year of the holidays; a work time that cannot end within all of their years."""
    for _, struct in structs(workflow):
        for name, declared in type(struct).keys().items():
            value = getattr(struct, declared.name) if struct.was_written(name) else None
            if isinstance(value, Duration) and value.is_work_time:
                holidays = calendar.holidays
                assert holidays is not None
                first = calendar.at_time(dt.date(holidays.first, 1, 1), dt.time(0))
                if _is_beyond(calendar, first, value):
                    yield _ends_too_soon(struct.place(name), str(value), calendar)
            elif isinstance(value, Moment):
                fixed = value.words.wall_clock or value.words.base_wall_clock or value.words.base_date
                date = fixed.date() if isinstance(fixed, dt.datetime) else fixed
                if date is not None and calendar.beyond(date):
                    yield _ends_too_soon(value.span, value.text, calendar)


def _is_beyond(calendar: WorkCalendar, start: dt.datetime, duration: Duration) -> bool:
    try:
        return calendar.beyond(calendar.date_of(calendar.add(start, duration)))
    except OverflowError:
        return True


def _ends_too_soon(span: Span, text: str, calendar: WorkCalendar) -> Diagnostic:
    assert calendar.holidays is not None
    last = calendar.holidays.last
    return time.no_working_time(
        span,
        f"{text} lies beyond {last}, the last year whose holidays the calendar '{calendar.name}' knows",
        f"{text} 超出了日历“{calendar.name}”所知节假日的最后一年 {last}",
        f"write a later year in to: of the holidays of '{calendar.name}'",
        f"请把日历“{calendar.name}”的 holidays 中的 to 改为更晚的年份",
    )
