"""Functions over dates, moments and durations; what depends on opening hours asks the context's calendar."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from engine.language.durations import Duration, read_time
from engine.language.expressions.arithmetic import EXACT, Env, Number, at_wall_clock, local_date, seconds_of
from engine.language.expressions.context import context_of
from engine.language.expressions.functions.declare import function

Day = dt.date | dt.datetime


@function(
    "",
    gives="date",
    en="The date of the event, the same all through one step.",
    zh="事件发生的日期，同一步骤内不变。",
    needs_env=True,
    clock=True,
)
def today(env: Env) -> dt.date:
    return local_date(context_of(env).now, env)


@function(
    "",
    gives="moment",
    en="The moment of the event, the same all through one step.",
    zh="事件发生的时刻，同一步骤内不变。",
    needs_env=True,
    clock=True,
)
def now(env: Env) -> dt.datetime:
    return context_of(env).now


@function(
    "y: number, m: number, d: number",
    gives="date",
    en="The date of year, month, day; empty when there is none.",
    zh="由年、月、日得到日期；不存在时为空。",
)
def date(y: Number, m: Number, d: Number) -> dt.date | None:
    try:
        return dt.date(int(y), int(m), int(d)) if (y, m, d) == (int(y), int(m), int(d)) else None
    except (ValueError, OverflowError):
        return None


@function(
    "moment: moment or date",
    gives="date",
    en="The date of a moment, in the pack's time zone.",
    zh="时刻所在的日期（按定义包的时区）。",
    needs_env=True,
)
def date_of(env: Env, moment: Day) -> dt.date:
    return local_date(moment, env)


@function(
    "date: date, time: text or time",
    gives="moment",
    en="That time of day on that date: at_time(due_on, '09:00').",
    zh="某日的某个时刻：at_time(due_on, '09:00')。",
    needs_env=True,
)
def at_time(env: Env, date: Day, time: str | dt.time) -> dt.datetime | None:
    clock = read_time(time) if isinstance(time, str) else time
    return None if clock is None else at_wall_clock(local_date(date, env), clock, context_of(env).zone)


def _length(unit: str, en: str, zh: str) -> None:
    @function("n: number", gives="duration", en=en, zh=zh, name=unit)
    def length(n: Number) -> Duration | None:
        return Duration.of(n, unit)


_length("days", "So many days; empty when not whole.", "若干天；不是整数时为空。")
_length("weeks", "So many weeks; empty when not whole.", "若干周；不是整数时为空。")
_length("months", "So many months; empty when not whole.", "若干个月；不是整数时为空。")
_length("hours", "So many hours.", "若干小时。")
_length("minutes", "So many minutes.", "若干分钟。")


@function(
    "a: date or moment, b: date or moment",
    gives="number",
    en="Days from a to b, on the calendar of the pack's zone.",
    zh="从 a 到 b 的天数（按定义包时区的日历）。",
    needs_env=True,
)
def days_between(env: Env, a: Day, b: Day) -> int:
    return (local_date(b, env) - local_date(a, env)).days


@function(
    "a: moment, b: moment",
    gives="number",
    en="Minutes from a to b, seconds as a fraction.",
    zh="从 a 到 b 的分钟数，秒计为小数。",
)
def minutes_between(a: dt.datetime, b: dt.datetime) -> Number:
    minutes = EXACT.divide(EXACT.create_decimal(seconds_of(b - a)), Decimal(60))
    return int(minutes) if minutes == int(minutes) else minutes


@function(
    "a: date or moment, b: date or moment",
    gives="number",
    en="Workdays from a to b.",
    zh="从 a 到 b 的工作日数。",
    needs_env=True,
)
def workdays_between(env: Env, a: Day, b: Day) -> Number:
    return context_of(env).workdays_between(a, b)


@function(
    "a: moment, b: moment", gives="number", en="Open hours from a to b.", zh="从 a 到 b 的工作小时数。", needs_env=True
)
def workhours_between(env: Env, a: dt.datetime, b: dt.datetime) -> Number:
    return context_of(env).workhours_between(a, b)


@function(
    "date: date or moment, n: number",
    gives="date",
    en="The date so many workdays later.",
    zh="若干个工作日之后的日期。",
    needs_env=True,
)
def add_workdays(env: Env, date: Day, n: Number) -> dt.date | None:
    return context_of(env).add_workdays(local_date(date, env), int(n)) if n == int(n) else None


@function(
    "date: date or moment",
    gives="date",
    en="The date itself when it is a workday, else the next one.",
    zh="该日为工作日时即该日，否则为下一个工作日。",
    needs_env=True,
)
def next_workday(env: Env, date: Day) -> dt.date:
    return context_of(env).next_workday(local_date(date, env))


@function(
    "date: date or moment",
    gives="yes_no",
    en="Whether the date is a workday.",
    zh="是否为工作日。",
    needs_env=True,
    if_empty=False,
)
def is_workday(env: Env, date: Day) -> bool:
    return context_of(env).is_workday(local_date(date, env))


@function(
    "moment: moment, calendar: calendar = empty",
    gives="yes_no",
    en="Whether the calendar is open at that moment; without a name, the pack's.",
    zh="该时刻日历是否处于营业时段；不写名称时用定义包的日历。",
    needs_env=True,
    takes_empty=True,
)
def is_open(env: Env, moment: dt.datetime | None, calendar: str | None = None) -> bool:
    return moment is not None and context_of(env).is_open(moment, calendar)


@function("date: date or moment", gives="number", en="The month, 1 to 12.", zh="月份，1 到 12。", needs_env=True)
def month_of(env: Env, date: Day) -> int:
    return local_date(date, env).month


@function("date: date or moment", gives="number", en="The year.", zh="年份。", needs_env=True)
def year_of(env: Env, date: Day) -> int:
    return local_date(date, env).year


@function(
    "date: date or moment",
    gives="number",
    en="The day of the week: Monday is 1.",
    zh="星期几：周一为 1。",
    needs_env=True,
)
def weekday_of(env: Env, date: Day) -> int:
    return local_date(date, env).isoweekday()
