"""The lines of time: dates on days, times and moments on microseconds, durations by their usual length."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from engine.checks.regions.lines import Cut, End, Line, short
from engine.language.durations import Duration


@dataclass(frozen=True)
class Days(Line):
    """Every date."""

    first: ClassVar[Any] = 1
    last: ClassVar[Any] = dt.date.max.toordinal() + 1

    def before(self, value: dt.date) -> int:
        return value.toordinal()

    def after(self, value: dt.date) -> int:
        return value.toordinal() + 1

    def simplest(self, low: int, high: int) -> dt.date:
        if low > self.first:
            return dt.date.fromordinal(low)
        usual = dt.date(2026, 1, 1).toordinal()
        return dt.date.fromordinal(usual if low <= usual < high else high - 1)


_EPOCH = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
_MINUTE = 60_000_000
_UNITS = (60 * _MINUTE, _MINUTE, 1_000_000, 1)


def _roundest(low: int, high: int) -> int:
    """The microseconds between two that lie on the longest of hour, minute, second."""
    return next(at for unit in _UNITS if (at := -(-low // unit) * unit) < high)


@dataclass(frozen=True)
class Times(Line):
    """Every time of day."""

    first: ClassVar[Any] = 0
    last: ClassVar[Any] = 24 * 60 * _MINUTE

    def before(self, value: dt.time) -> int:
        return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond

    def after(self, value: dt.time) -> int:
        return self.before(value) + 1

    def simplest(self, low: int, high: int) -> dt.time:
        nine = 9 * 60 * _MINUTE
        at = nine if low <= nine < high else low if low % _MINUTE == 0 else _roundest(low, high)
        return (_EPOCH + dt.timedelta(microseconds=at)).time()

    def say(self, value: dt.time) -> str:
        return value.isoformat("auto" if value.microsecond else "seconds" if value.second else "minutes")


@dataclass(frozen=True)
class Moments(Line):
    """Every moment, aware."""

    first: ClassVar[Any] = 0
    last: ClassVar[Any] = dt.date.max.toordinal() * 24 * 60 * _MINUTE

    def before(self, value: dt.datetime) -> int:
        return (value - _EPOCH) // dt.timedelta(microseconds=1)

    def after(self, value: dt.datetime) -> int:
        return self.before(value) + 1

    def simplest(self, low: int, high: int) -> dt.datetime:
        usual = self.before(dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC))
        if low <= self.first:
            at = usual if usual < high else -(-high // _MINUTE) * _MINUTE - _MINUTE
            at = at if low <= at < high else high - 1
        else:
            at = low if low % _MINUTE == 0 else _roundest(low, high)
        return _EPOCH + dt.timedelta(microseconds=at)

    def say(self, value: dt.datetime) -> str:
        local = value.astimezone(dt.UTC).replace(tzinfo=None)
        return local.isoformat(" ", "auto" if local.microsecond else "seconds" if local.second else "minutes")


_KINDS = ("clock", "months", "work", "workdays")
_LENGTHS = {"months": 2_629_800, "workdays": 28_800}
_SHOWN = (("weeks", 604_800), ("days", 86_400), ("hours", 3600), ("minutes", 60), ("seconds", 1))


@dataclass(frozen=True)
class Durations(Line):
    """Every duration, by its usual length; at one length clock time comes before months, work time and workdays."""

    def _key(self, value: Duration) -> tuple[Fraction, int]:
        kind = "months" if value.unit == "months" else "workdays" if value.unit == "workdays" else None
        kind = kind or ("work" if value.is_work_time else "clock")
        return Fraction(value.nominal_seconds), _KINDS.index(kind)

    def before(self, value: Duration) -> Cut:
        return (*self._key(value), 0)

    def after(self, value: Duration) -> Cut:
        """Before the next kind that has a duration of this length; behind the last one."""
        seconds, kind = self._key(value)
        for later in range(kind + 1, len(_KINDS)):
            whole = _LENGTHS.get(_KINDS[later])
            if short(seconds / 60) is not None if whole is None else seconds % whole == 0:
                return seconds, later, 0
        return seconds, kind, 1

    def is_odd(self, value: Duration) -> bool:
        return value.amount < 0

    def simplest(self, low: Cut, high: Cut) -> Duration:
        nought = (Fraction(0), 0, 0)
        if isinstance(low, End) or (low < nought and high > nought):
            if isinstance(high, End) or high > nought:
                return Duration(0, "days")
            seconds = high[0]
            return next(
                found
                for name, length in (*_SHOWN, ("seconds", Decimal("0.001")))
                for at in (math.floor(seconds / Fraction(length)), math.floor(seconds / Fraction(length)) - 1)
                if self.before(found := Duration(short(at * Fraction(length)) or 0, "seconds")) < high and name
            )
        seconds = low[0]
        if low <= (seconds, 0, 0):
            return self._of(seconds, 0)
        for name, length in _SHOWN:
            found = Duration(math.floor(seconds / length) + 1, name)  # type: ignore[arg-type]
            if low <= self.before(found) < high:
                return found
        for places in range(1, 30):
            found = Duration(short(Fraction(math.floor(seconds * 10**places) + 1, 10**places)) or 0, "seconds")
            if low <= self.before(found) < high:
                return found
        return self.at(low)

    def at(self, cut: Cut) -> Duration:
        return self._of(cut[0], cut[1])

    def _of(self, seconds: Fraction, kind: int) -> Duration:
        name = _KINDS[kind]
        if name in _LENGTHS:
            return Duration(int(seconds / _LENGTHS[name]), name)  # type: ignore[arg-type]
        units = (("workhours", 3600), ("workminutes", 60)) if name == "work" else _SHOWN
        for unit, length in units:
            if seconds % length == 0:
                return Duration(int(seconds / length), unit)  # type: ignore[arg-type]
        unit, length = units[-1]
        return Duration(short(seconds / length) or 0, unit)  # type: ignore[arg-type]
