"""Lines: the values of one type in a row, with the cuts between them, so that a set of values is a list of stretches.

A cut is a place between two neighbouring values, any comparable key; a stretch runs from one cut to a later one and is
never without a value. Money lies on cents, dates on days, times and moments on microseconds, choices in the order
of their entries; numbers and texts are dense. Values are those of the language: int, Decimal, str, date, time, aware
datetime, bool, Duration. Where a wall clock is shown it is that of UTC, the zone in which checks read literals.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import total_ordering
from typing import Any, ClassVar

Number = int | Decimal
Cut = Any


@total_ordering
@dataclass(frozen=True)
class End:
    """The cut before (-1) or behind (1) everything."""

    sign: int

    def __lt__(self, other: object) -> bool:
        return self.sign < (other.sign if isinstance(other, End) else 0)


LOWEST, HIGHEST = End(-1), End(1)


@dataclass(frozen=True)
class Line:
    """What each kind of line answers. `first` and `last` are its outer cuts."""

    ordered: ClassVar[Any] = True
    first: ClassVar[Any] = LOWEST
    last: ClassVar[Any] = HIGHEST

    def before(self, value: Any) -> Cut:
        raise NotImplementedError

    def after(self, value: Any) -> Cut:
        raise NotImplementedError

    def simplest(self, low: Cut, high: Cut) -> Any:
        """The value between two cuts that a person would name."""
        raise NotImplementedError

    def at(self, cut: Cut) -> Any:
        """The value just behind a cut of a closed bound."""
        return self.simplest(cut, cut + 1)

    def several(self, low: Cut, high: Cut, count: int) -> list[Any]:
        """Up to `count` different values between two cuts, ascending; fewer only where there are no more."""
        found: list[Any] = []
        todo = [(low, high)]
        while todo and len(found) < count:
            a, b = todo.pop(0)
            if a < b:
                value = self.simplest(a, b)
                found.append(value)
                todo += [(self.after(value), b), (a, self.before(value))]
        return sorted(found, key=self.before)

    def is_odd(self, value: Any) -> bool:
        """Whether a person would rather name another one: below nought, a text of signs."""
        return False

    def say(self, value: Any) -> str:
        """The value as a cell of a table is written."""
        return str(value)


@dataclass(frozen=True)
class Numbers(Line):
    """Every number; with a `step` only its multiples, as cents."""

    step: Decimal | None = None

    def before(self, value: Number | Fraction) -> Cut:
        return (value, 0) if self.step is None else math.ceil(Fraction(value) / Fraction(self.step))

    def after(self, value: Number | Fraction) -> Cut:
        return (value, 1) if self.step is None else math.floor(Fraction(value) / Fraction(self.step)) + 1

    def simplest(self, low: Cut, high: Cut) -> Number:
        """The least of the shortest ones, from nought upwards; below nought the greatest."""
        zero = self.before(0)
        if low <= zero < high:
            return 0
        if high <= zero:
            return -self._from_below(self._mirrored(high), self._mirrored(low))
        return self._from_below(low, high)

    def at(self, cut: Cut) -> Number:
        value = Fraction(cut[0]) if self.step is None else cut * Fraction(self.step)
        return short(value) or 0

    def _mirrored(self, cut: Cut) -> Cut:
        if isinstance(cut, End):
            return End(-cut.sign)
        return (-cut[0], 1 - cut[1]) if self.step is None else 1 - cut

    def _from_below(self, low: Cut, high: Cut) -> Number:
        edge = Fraction(low[0]) if self.step is None else low * Fraction(self.step)
        if self.step is None and low[1] == 0 and short(edge) is not None and low < high:
            return short(edge) or 0
        for places in range(40):
            scale = 10**places
            here = math.ceil(edge * scale)
            for at in (here, here + 1):
                value = Fraction(at, scale)
                on_line = self.step is None or (value / Fraction(self.step)).denominator == 1
                if on_line and low <= self.before(value) < high:
                    return short(value) or 0
        multiple = low * Fraction(self.step) if self.step is not None else edge
        return Decimal(multiple.numerator) / Decimal(multiple.denominator)

    def is_odd(self, value: Number) -> bool:
        return value < 0

    def say(self, value: Number) -> str:
        return f"{value:,f}".replace(",", "_") if isinstance(value, Decimal) else f"{value:_}"


def short(value: Fraction) -> Number | None:
    """The number in plain decimals; None when it has no end."""
    if value.denominator == 1:
        return int(value)
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return None if rest != 1 else Decimal(value.numerator) / Decimal(value.denominator)


@dataclass(frozen=True)
class Entries(Line):
    """A few named values in their order: the entries of a choice, or yes and no."""

    values: tuple[Any, ...]
    ordered: ClassVar[Any] = False
    first: ClassVar[Any] = 0

    @property
    def last(self) -> int:
        return len(self.values)

    def before(self, value: Any) -> int:
        return self.values.index(value)

    def after(self, value: Any) -> int:
        return self.values.index(value) + 1

    def simplest(self, low: int, high: int) -> Any:
        return self.values[low]

    def say(self, value: Any) -> str:
        return {True: "yes", False: "no"}.get(value, str(value))


@dataclass(frozen=True)
class Texts(Line):
    """Every text in the order of its characters; also things that only have a name: persons, records, templates."""

    comparable: bool = True
    first: ClassVar[Any] = "\x00"

    @property
    def ordered(self) -> bool:
        return self.comparable

    def _key(self, value: Any) -> str:
        if isinstance(value, tuple | list):
            return "\x1f".join(map(self._key, value))
        return str(getattr(value, "id", value))

    def before(self, value: Any) -> str:
        return self._key(value)

    def after(self, value: Any) -> str:
        return self._key(value) + "\x00"

    def is_odd(self, value: str) -> bool:
        return not value.isalnum()

    def simplest(self, low: Cut, high: Cut) -> str:
        for word in self._words(low, high):
            if low <= word < high:
                return word
        return str(low)

    def _words(self, low: Cut, high: Cut) -> Iterator[str]:
        if isinstance(low, str) and low != self.first and not low.endswith("\x00"):
            yield low
        yield "another" if isinstance(high, End) else "a"
        edge = low.rstrip("\x00") if isinstance(low, str) else ""
        yield from ("a", edge + " a", edge + " 0", edge + " ", edge + "-")
        if isinstance(high, str):
            yield high[:-1]
