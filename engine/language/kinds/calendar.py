"""calendar: open hours by weekday, public holidays with make-up workdays, and single days that differ."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping as Map
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from engine.language.diagnostics import Diagnostic
from engine.language.kinds.definition import Definition
from engine.language.messages import syntax
from engine.language.shapes import (
    DATE,
    TEXT,
    ByLook,
    ListOf,
    MapOf,
    NumberShape,
    OneWord,
    Parsed,
    Struct,
    StructShape,
    key,
)
from engine.language.source import Span

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hours = tuple[dt.time, dt.time]


def read_hours(text: str, span: Span) -> Hours | Diagnostic:
    """`09:00-12:00`; `24:00` may stand at the end."""
    found = re.match(r"(\d\d):(\d\d)-(\d\d):(\d\d)\Z", text)
    try:
        if found:
            h1, m1, h2, m2 = map(int, found.groups())
            end = dt.time.max if (h2, m2) == (24, 0) else dt.time(h2, m2)
            if dt.time(h1, m1) < end:
                return dt.time(h1, m1), end
    except ValueError:
        pass
    return syntax.ambiguous_scalar(span, text, "opening hours as 09:00-12:00", "营业时间，如 09:00-12:00")


@cache
def _zones() -> frozenset[str]:
    """Every zone that this machine knows: looking for them reads a thousand files."""
    return frozenset(available_timezones())


def read_zone(text: str, span: Span) -> ZoneInfo | Diagnostic:
    """An IANA time zone name."""
    if text in _zones():
        return ZoneInfo(text)
    return syntax.ambiguous_scalar(span, text, "a time zone as Asia/Shanghai", "时区，如 Asia/Shanghai")


ZONE = Parsed(read_zone, ("a time zone as Asia/Shanghai", "时区，如 Asia/Shanghai"))
HOURS = ListOf(Parsed(read_hours, ("hours as 09:00-12:00", "时间段，如 09:00-12:00"), r"^\d\d:\d\d-\d\d:\d\d$"))
HOURS_OR_CLOSED = ByLook(("hours, or closed", "时间段或 closed"), sequence=HOURS, words={"closed": ()})


@dataclass(frozen=True, kw_only=True)
class Holidays(Struct):
    """Public holidays of a country, make-up workdays included; nothing is known outside these years."""

    country: str = key(TEXT, "two letters", required=True)
    from_: int = key(NumberShape(1900, 2200, whole=True), "first year", required=True)
    to: int = key(NumberShape(1900, 2200, whole=True), "last year", required=True)


@dataclass(frozen=True, kw_only=True)
class DayChange(Struct):
    """One day that differs from the rest."""

    date: dt.date = key(DATE, "the day", required=True)
    hours: tuple[Hours, ...] = key(HOURS_OR_CLOSED, "its hours, or closed", required=True)
    because: str | None = key(TEXT, "why")


@dataclass(frozen=True, kw_only=True)
class Calendar(Definition):
    """When people work."""

    KIND: ClassVar[str] = "calendar"

    time_zone: ZoneInfo = key(ZONE, "where it is", required=True)
    hours: Map[str, tuple[Hours, ...]] = key(
        MapOf(OneWord(*WEEKDAYS), HOURS_OR_CLOSED), "open hours by weekday; a day not named is closed", required=True
    )
    holidays: Any = key(StructShape(Holidays, ("holidays", "节假日")), "public holidays")
    changes: tuple[DayChange, ...] | None = key(
        ListOf(StructShape(DayChange, ("a change", "调整"))), "single days that differ"
    )
