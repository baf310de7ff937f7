"""The words for time: durations, moments, schedules and opening hours, as text and as values (LANGUAGE section 2).

Only reading happens here. What a word means on a real day needs a calendar: `engine.rules.calendars`.
Every parser takes the text and the span of its first character to its last, and gives a value or a `bad-time` finding.
(A little long: four small parsers that share their words.)
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import total_ordering
from typing import Literal, cast

from engine.language.diagnostics import Diagnostic
from engine.language.foreign_time import (
    WEEKDAYS,
    clock_meant,
    duration_meant,
    ordinal,
    schedule_meant,
    unit_meant,
)
from engine.language.messages.time import bad_time
from engine.language.source import Span

Unit = Literal["seconds", "minutes", "hours", "days", "weeks", "months", "workminutes", "workhours", "workdays"]
Direction = Literal["before", "after"]
Number = int | Decimal

_SECONDS: dict[str, tuple[int, str]] = {
    "seconds": (1, "clock"), "minutes": (60, "clock"), "hours": (3600, "clock"), "days": (86_400, "clock"),
    "weeks": (604_800, "clock"), "months": (2_629_800, "months"),
    "workminutes": (60, "work"), "workhours": (3600, "work"), "workdays": (28_800, "workdays"),
}  # fmt: skip
UNITS: tuple[str, ...] = tuple(_SECONDS)
WHOLE_UNITS = frozenset({"days", "weeks", "months", "workdays"})
"""Units that count days on the wall: half a day or half a month would have no single meaning."""
_LONGEST = 200 * 366 * 86_400

_A_DURATION = ("a duration", "时长（如 2 workdays）")
_A_MOMENT = ("a moment", "时刻（如 7 days before deal.due_on at 09:00）")
_A_SCHEDULE = ("a schedule", "周期（如 workday at 09:00）")
_A_CLOCK = ("a time of day", "时间（如 09:00）")
_HOURS = ("opening hours", "营业时段（如 09:00-12:00）")
_ANY_DURATION = "a number and one of " + " ".join(UNITS)
_ANY_SCHEDULE = "day, workday, monday, 25th of month or last day of month, then at 09:00; or a duration as 4 workhours"


@total_ordering
@dataclass(frozen=True, eq=False)
class Duration:
    """So much time, in one unit. Text and `str()` are the words: `2 workdays`.

    Equal and ordered by length: `24 hours` equals `1 days`; between clock, months and work time the order is by the
    usual length (a month 30.4 days, a workday 8 hours) and nothing is equal. `of` is the door for computed amounts.
    """

    amount: Number
    unit: Unit
    text: str = ""

    def __post_init__(self) -> None:
        if self.unit not in _SECONDS or abs(Decimal(self.nominal_seconds)) > _LONGEST:
            raise ValueError(f"no duration: {self.amount} {self.unit}")
        if self.unit in WHOLE_UNITS and self.amount != int(self.amount):
            raise ValueError(f"{self.unit} are counted whole: {self.amount}")

    @classmethod
    def of(cls, amount: Number | None, unit: str) -> Duration | None:
        """A computed duration; empty when the amount is empty, not whole where it must be, or beyond 200 years."""
        if amount is None or isinstance(amount, bool) or (isinstance(amount, Decimal) and not amount.is_finite()):
            return None
        try:
            return cls(int(amount) if amount == int(amount) else amount, cast(Unit, unit))
        except ValueError:
            return None

    @property
    def nominal_seconds(self) -> Number:
        """The usual length in seconds: exact within clock units (days of 24 hours) and within open time."""
        return self.amount * _SECONDS[self.unit][0]

    @property
    def is_work_time(self) -> bool:
        return self.unit.startswith("work")

    def __neg__(self) -> Duration:
        return Duration(-self.amount, self.unit)

    def __str__(self) -> str:
        return self.text or f"{self.amount} {self.unit}"

    def _measure(self) -> tuple[Decimal, str]:
        return Decimal(self.nominal_seconds), _SECONDS[self.unit][1]

    def __eq__(self, other: object) -> bool:
        return self._measure() == other._measure() if isinstance(other, Duration) else NotImplemented

    def __lt__(self, other: Duration) -> bool:
        return self._measure() < other._measure() if isinstance(other, Duration) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._measure())


@dataclass(frozen=True)
class MomentText:
    """A moment as written, in pieces that its place turns into expressions.

    Either `wall_clock` is there (`2026-06-30 17:00`, in the pack's zone), or a base: `base_date` or `base_wall_clock`
    for a literal one, else `base_text`, an expression. `number_text` is an expression; `number` is it when literal.
    Without `at` the base must be a moment; with it a date will do.
    """

    text: str
    span: Span
    wall_clock: dt.datetime | None = None
    number: Number | None = None
    number_text: str | None = None
    number_span: Span | None = None
    unit: Unit | None = None
    direction: Direction | None = None
    base_text: str | None = None
    base_span: Span | None = None
    base_date: dt.date | None = None
    base_wall_clock: dt.datetime | None = None
    at: dt.time | None = None


@dataclass(frozen=True)
class Schedule:
    """A rhythm: `every` so long, or at `at` on each day of a kind; `or_next_workday` moves a closed day on.

    `on` is `day`, `workday`, `weekday` (`number` 1 is Monday), `month_day` (`number` 1 to 31, clamped to the month's
    end) or `last_day`.
    """

    text: str = field(compare=False)
    on: Literal["day", "workday", "weekday", "month_day", "last_day", "rhythm"]
    number: int = 0
    at: dt.time = dt.time(0)
    every: Duration | None = None
    or_next_workday: bool = False

    def __str__(self) -> str:
        return self.text


def read_number(text: str) -> Number | None:
    """`7`, `-3`, `2_000`, `1.5`: what the language calls a number; None for anything else."""
    if not re.fullmatch(r"[+-]?(\d{1,3}(_\d{3})+|\d{1,30})(\.\d{1,20})?", text, re.ASCII):
        return None
    plain = text.replace("_", "")
    return Decimal(plain) if "." in plain else int(plain)


def read_time(text: str) -> dt.time | None:
    """`09:00`; None for anything else, `9:00` and `24:00` too."""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        return None
    return dt.time(int(text[:2]), int(text[3:]))


def read_date(text: str) -> dt.date | None:
    """`2026-03-02`; None for anything else."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def read_wall_clock(text: str) -> dt.datetime | None:
    """`2026-03-02 09:00` as a moment on the wall, without zone; None for anything else."""
    day, _, clock = text.partition(" ")
    date, time = read_date(day), read_time(clock.strip())
    return None if date is None or time is None else dt.datetime.combine(date, time)


def shift_date(date: dt.date, number: int, unit: str) -> dt.date | None:
    """The date so many days, weeks or months later, clamped to the month's end; None outside years 1 to 9999."""
    try:
        if unit == "months":
            months = date.year * 12 + date.month - 1 + number
            year, month = divmod(months, 12)
            return date.replace(year=year, month=month + 1, day=min(date.day, _month_days(year, month + 1)))
        return date + dt.timedelta(days=number * (7 if unit == "weeks" else 1))
    except (ValueError, OverflowError):
        return None


def _month_days(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1] if 1 <= year <= 9999 else 1


def parse_duration(text: str, span: Span) -> Duration | Diagnostic:
    """`<number> <unit>`."""
    number_text, _, unit = text.strip().partition(" ")
    number, unit = read_number(number_text), unit.strip()
    if number is None or number < 0 or unit not in UNITS:
        meant = duration_meant(text)
        sure = bool(meant) and not text.strip().endswith("m")  # 5m may be minutes or months
        return bad_time(span, text, _A_DURATION, meant or _ANY_DURATION, sure=sure)
    if unit in WHOLE_UNITS and not isinstance(number, int):
        smaller = {"workdays": "workhours", "months": "days", "weeks": "days"}.get(unit, "hours")
        why = (f"{unit} are counted whole; for less write {smaller}", f"{unit} 只能是整数；不足的部分请用 {smaller}")
        return bad_time(span, text, _A_DURATION, why=why)
    try:
        return Duration(number, cast(Unit, unit), text.strip())
    except ValueError:
        return bad_time(span, text, _A_DURATION, why=("200 years are the longest", "最长 200 年"))


def parse_moment(text: str, span: Span) -> MomentText | Diagnostic:
    """`<number or field> <unit> before|after <base> [at HH:MM]`, `<base> [at HH:MM]`, `2026-06-30 17:00`."""
    if wall_clock := read_wall_clock(text.strip()):
        return MomentText(text, span, wall_clock=wall_clock)
    body, at = text.rstrip(), None
    if tail := re.search(r"\s+at\s+([^\s'\"()]+(?:\s*[ap]m)?)\Z", body):
        at = read_time(tail[1])
        if at is None:
            place = span.inside(tail.start(1), len(tail[1]))
            return bad_time(place, tail[1], _A_CLOCK, clock_meant(tail[1]) or "09:00", sure=bool(clock_meant(tail[1])))
        body = body[: tail.start()]
    parts = re.match(r"\s*(?P<number>.*?)\s*(?P<unit>\S+)\s+(?P<direction>before|after)\s+(?P<base>\S.*)\Z", body)
    if parts is None:
        return _base(text, span, body, len(body) - len(body.lstrip()), at)
    number_text, unit = parts["number"], parts["unit"]
    if unit not in UNITS or not number_text:
        meant = unit_meant(unit) or unit_meant(re.sub(r"^[0-9]+", "", unit))
        rest = f"{parts['direction']} {parts['base']}" + (f" at {at:%H:%M}" if at else "")
        number = re.match(r"[0-9]+", number_text or unit)
        counted = number[0] if number else number_text
        write = f"{counted or 'a number'} {meant} {rest}" if meant else f"{_ANY_DURATION}, then {rest}"
        return bad_time(span, text, _A_MOMENT, write)
    place = span.inside(parts.start("number"), len(number_text))
    literal = read_number(number_text)
    if literal is None and re.match(r"[0-9]", number_text):
        return bad_time(place, number_text, ("a number", "数字"), "7, or a field as case.days")
    if literal is not None and isinstance(read := parse_duration(f"{number_text} {unit}", place), Diagnostic):
        return read
    if at is not None and unit not in WHOLE_UNITS:
        why = (
            f"{unit} already give the time of day: leave out 'at {at:%H:%M}'",
            f"{unit} 已含时刻：请去掉“at {at:%H:%M}”",
        )
        return bad_time(span, text, _A_MOMENT, why=why)
    base = _base(text, span, parts["base"], parts.start("base"), at)
    if isinstance(base, Diagnostic):
        return base
    if base.wall_clock is not None:
        return bad_time(span, text, _A_MOMENT, "the moment itself")
    return MomentText(
        text, span, number=literal, number_text=number_text, number_span=place, unit=cast(Unit, unit),
        direction=cast(Direction, parts["direction"]), base_text=base.base_text, base_span=base.base_span,
        base_date=base.base_date, base_wall_clock=base.base_wall_clock, at=at,
    )  # fmt: skip


def _base(text: str, span: Span, written: str, offset: int, at: dt.time | None) -> MomentText | Diagnostic:
    base = written.strip()
    place = span.inside(offset, len(base))
    date, wall_clock = read_date(base), read_wall_clock(base)
    if date is not None and at is None:
        return bad_time(place, base, _A_MOMENT, f"{base} at 09:00" if offset else f"{base} 09:00")
    if wall_clock is None and date is None and not re.match(r"[a-z(]", base):
        meant = duration_meant(base)
        write = f"{meant} after ..." if meant else "7 days before deal.due_on at 09:00, or 2026-06-30 17:00"
        return bad_time(place, base or text, _A_MOMENT, write)
    if date is not None or wall_clock is not None:
        return MomentText(text, span, base_span=place, base_date=date, base_wall_clock=wall_clock, at=at)
    return MomentText(text, span, base_text=base, base_span=place, at=at)


def parse_schedule(text: str, span: Span) -> Schedule | Diagnostic:
    """`day at 09:00`, also workday, monday, 25th of month, last day of month; a duration; then `or next workday`."""
    body = text.strip()
    moved = body.endswith(" or next workday")
    body = body.removesuffix(" or next workday").rstrip()
    tail = " or next workday" if moved else ""
    if parts := re.fullmatch(r"(.+?) at (\S+)", body):
        day, at = parts[1], read_time(parts[2])
        monthly = re.fullmatch(r"(\d{1,2})(st|nd|rd|th) of month", day)
        number = int(monthly[1]) if monthly else WEEKDAYS.index(day) + 1 if day in WEEKDAYS else 0
        if at is not None:
            if day in ("day", "workday"):
                return Schedule(text.strip(), cast(Literal["day", "workday"], day), at=at, or_next_workday=moved)
            if day == "last day of month":
                return Schedule(text.strip(), "last_day", at=at, or_next_workday=moved)
            if day in WEEKDAYS:
                return Schedule(text.strip(), "weekday", number, at, or_next_workday=moved)
            if monthly and 1 <= number <= 31 and ordinal(number) == monthly[1] + monthly[2]:
                return Schedule(text.strip(), "month_day", number, at, or_next_workday=moved)
    else:
        every = parse_duration(body, span)
        if isinstance(every, Duration) and every.amount > 0:
            return Schedule(text.strip(), "rhythm", every=every, or_next_workday=moved)
    meant = schedule_meant(body)
    return bad_time(span, text, _A_SCHEDULE, meant + tail if meant and meant != body else _ANY_SCHEDULE)


def parse_hours(text: str, span: Span) -> tuple[dt.time, dt.time] | Diagnostic:
    """`09:00-12:00`, opening and closing time of one day; `24:00` closes at midnight and is given as 00:00."""
    opens, _, closes = (part.strip() for part in text.partition("-"))
    start, end = read_time(opens), dt.time(0) if closes == "24:00" else read_time(closes)
    if start is None or end is None or (closes != "24:00" and start >= end):
        meant = f"{clock_meant(opens)}-{clock_meant(closes)}" if clock_meant(opens) and clock_meant(closes) else ""
        good = meant and meant != text.strip() and clock_meant(opens) < clock_meant(closes)
        return bad_time(span, text, _HOURS, meant if good else "09:00-12:00, the earlier time first")
    return start, end
