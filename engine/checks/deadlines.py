"""Person steps say by when; calendars have at least one open hour."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.calendar import Calendar
from engine.language.kinds.node import Node
from engine.language.messages import time
from engine.language.source import place_of
from engine.language.walk import declares


def check(view: View) -> Iterator[Diagnostic]:
    """no-working-time: a person step without `deadline:`, a calendar that is never open."""
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
