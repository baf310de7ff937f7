"""The five operators on values: empty in, empty out; numbers and money exact in decimal; times by the pack's zone.

No float ever: int / int is a Decimal of 50 digits. A result beyond 40 digits or 100,000 characters is an
ExpressionLimit; a division by zero and a date outside the years 1 to 9999 are empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from engine.language.durations import Duration, shift_date
from engine.language.expressions.context import context_of
from engine.language.expressions.faults import MOST_DIGITS, MOST_TEXT, ExpressionFault, ExpressionLimit

Env = Mapping[str, Any]
Number = int | Decimal

EXACT = Context(prec=50, rounding=ROUND_HALF_UP, Emin=-999_999, Emax=999_999, traps=[])
_MOST = 10**MOST_DIGITS
_NUMBERS = frozenset([int, Decimal])


def bounded(number: Number) -> Number:
    """The number itself; raises ExpressionLimit beyond 40 digits, gives no NaN and no infinity to anybody."""
    if type(number) is int:
        if -_MOST < number < _MOST:
            return number
    elif cast(Decimal, number).is_finite() and cast(Decimal, number).adjusted() < MOST_DIGITS:
        return number
    raise ExpressionLimit(f"a number of more than {MOST_DIGITS} digits")


def _fault(sign: str, a: Any, b: Any) -> ExpressionFault:
    return ExpressionFault(f"{type(a).__name__} {sign} {type(b).__name__} has no meaning")


def add(a: Any, b: Any, env: Env) -> Any:
    kind, other = type(a), type(b)
    if kind is int and other is int:
        return bounded(a + b)
    if kind in _NUMBERS and other in _NUMBERS:
        return bounded(EXACT.add(a, b))
    if kind is str or other is str:
        return _join(a, b)
    if a is None or b is None:
        return None
    if other is Duration:
        return _later(a, b, 1, env)
    if kind is Duration:
        return _later(b, a, 1, env)
    raise _fault("+", a, b)


def _join(a: Any, b: Any) -> str:
    if a is None:
        return cast(str, b)
    if b is None:
        return cast(str, a)
    if type(a) is not type(b):
        raise _fault("+", a, b)
    if len(a) + len(b) > MOST_TEXT:
        raise ExpressionLimit(f"a text of more than {MOST_TEXT:,} characters")
    return cast(str, a + b)


def subtract(a: Any, b: Any, env: Env) -> Any:
    kind, other = type(a), type(b)
    if kind is int and other is int:
        return bounded(a - b)
    if kind in _NUMBERS and other in _NUMBERS:
        return bounded(EXACT.subtract(a, b))
    if a is None or b is None:
        return None
    if other is Duration:
        return _later(a, b, -1, env)
    if kind is dt.date and other is dt.date:
        return Duration.of((a - b).days, "days")
    if kind is dt.datetime and other is dt.datetime:
        return Duration.of(seconds_of(a - b), "seconds")
    raise _fault("-", a, b)


def multiply(a: Any, b: Any, env: Env) -> Any:
    kind, other = type(a), type(b)
    if kind is int and other is int:
        return bounded(a * b)
    if kind in _NUMBERS and other in _NUMBERS:
        return bounded(EXACT.multiply(a, b))
    if a is None or b is None:
        return None
    if kind is Duration and other in _NUMBERS:
        return Duration.of(EXACT.multiply(a.amount, b), a.unit)
    if other is Duration and kind in _NUMBERS:
        return Duration.of(EXACT.multiply(b.amount, a), b.unit)
    raise _fault("*", a, b)


def divide(a: Any, b: Any, env: Env) -> Any:
    if type(a) in _NUMBERS and type(b) in _NUMBERS:
        return bounded(EXACT.divide(a, b)) if b else None
    if a is None or b is None:
        return None
    raise _fault("/", a, b)


def remainder(a: Any, b: Any, env: Env) -> Any:
    """What is left of a after whole b: it has the sign of b, for int and Decimal alike."""
    if type(a) in _NUMBERS and type(b) in _NUMBERS:
        if not b:
            return None
        if type(a) is int and type(b) is int:
            return a % b
        left = EXACT.remainder(a, b)
        if left.is_nan():
            raise ExpressionLimit("a remainder of numbers too far apart")
        return bounded(EXACT.add(left, b) if left and (left < 0) != (b < 0) else left)
    if a is None or b is None:
        return None
    raise _fault("%", a, b)


def negate(a: Any) -> Any:
    if a is None:
        return None
    if type(a) in _NUMBERS or type(a) is Duration:
        return -a
    raise ExpressionFault(f"- {type(a).__name__} has no meaning")


# -- time


def seconds_of(span: dt.timedelta) -> Number:
    """A stretch of clock time in seconds, exact."""
    seconds = span.days * 86_400 + span.seconds
    return EXACT.add(seconds, Decimal(span.microseconds).scaleb(-6)) if span.microseconds else seconds


def local_date(when: dt.date | dt.datetime, env: Env) -> dt.date:
    """The date on the wall in the pack's zone."""
    return when.astimezone(context_of(env).zone).date() if isinstance(when, dt.datetime) else when


def at_wall_clock(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The moment of a wall-clock time: a skipped one is the next existing minute, of a repeated one the first."""
    local = dt.datetime.combine(day, time, zone)
    moment = local.astimezone(dt.UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    early, late = local.replace(fold=1).astimezone(dt.UTC), moment  # the clocks jump between these two
    offset = late.astimezone(zone).utcoffset()
    while late - early > dt.timedelta(seconds=1):
        middle = early + (late - early) / 2
        early, late = (early, middle) if middle.astimezone(zone).utcoffset() == offset else (middle, late)
    return late.replace(microsecond=0)


def _later(when: Any, length: Duration, sign: int, env: Env) -> Any:
    """`when` moved by a duration, forward or back. Years outside 1 to 9999 are empty."""
    kind = type(when)
    if kind is Duration:
        return _together(when, length, sign)
    if kind is dt.date:
        return _date_later(when, length, sign, env)
    if kind is dt.datetime:
        return _moment_later(when, length, sign, env)
    raise _fault("+" if sign > 0 else "-", when, length)


def _date_later(day: dt.date, length: Duration, sign: int, env: Env) -> dt.date | None:
    if length.unit == "workdays":
        return context_of(env).add_workdays(day, sign * length.amount)
    if length.is_work_time:
        raise ExpressionFault(f"a date and {length.unit}: a moment is needed, at_time(date, '09:00')")
    if length.unit in ("days", "weeks", "months"):
        return shift_date(day, sign * int(length.amount), length.unit)
    return shift_date(day, int(sign * length.nominal_seconds // 86_400), "days")


def _moment_later(moment: dt.datetime, length: Duration, sign: int, env: Env) -> dt.datetime | None:
    if length.unit in ("seconds", "minutes", "hours"):
        try:
            micro = EXACT.multiply(length.nominal_seconds, 1_000_000)
            return moment + sign * dt.timedelta(microseconds=int(micro))
        except OverflowError:
            return None
    if length.is_work_time and length.unit != "workdays":
        raise ExpressionFault(f"a moment and {length.unit} are added by a timer, not in an expression")
    zone = context_of(env).zone
    local = moment.astimezone(zone)
    day = _date_later(local.date(), length, sign, env)
    return None if day is None else at_wall_clock(day, local.time(), zone)


def _together(a: Duration, b: Duration, sign: int) -> Duration | None:
    amount = EXACT.multiply(b.amount, sign)
    if a.unit == b.unit:
        return Duration.of(EXACT.add(a.amount, amount), a.unit)
    clock = ("seconds", "minutes", "hours", "days", "weeks")
    if a.unit in clock and b.unit in clock:
        return Duration.of(EXACT.add(a.nominal_seconds, EXACT.multiply(b.nominal_seconds, sign)), "seconds")
    if a.unit in ("workminutes", "workhours") and b.unit in ("workminutes", "workhours"):
        seconds = EXACT.add(a.nominal_seconds, EXACT.multiply(b.nominal_seconds, sign))
        return Duration.of(EXACT.divide(seconds, 60), "workminutes")
    raise ExpressionFault(f"{a.unit} and {b.unit} have no common length")
