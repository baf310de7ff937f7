"""Regions: exact sets of values of one typed input, with `empty` as a point of its own.

A region is a sorted row of stretches on the line of its type, none touching the next, so equal sets are equal values.
The meaning of empty is that of LANGUAGE section 10: every comparison with it is false, so no stretch holds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.checks.regions.lines import Cut, Line
from engine.checks.regions.of_type import line_of
from engine.language.cells import AnyValue, Between, Cell, Empty, Is, Not, NotEmpty, OneOf, others
from engine.language.expressions.types import Type

Stretch = tuple[Cut, Cut]


@dataclass(frozen=True)
class Region:
    """The values between the two cuts of each stretch, and empty when `empty`."""

    line: Line
    stretches: tuple[Stretch, ...] = ()
    empty: bool = False

    def __or__(self, other: Region) -> Region:
        return Region(self.line, joined([*self.stretches, *other.stretches]), self.empty or other.empty)

    def __and__(self, other: Region) -> Region:
        found: list[Stretch] = []
        i = j = 0
        while i < len(self.stretches) and j < len(other.stretches):
            (a, b), (c, d) = self.stretches[i], other.stretches[j]
            low, high = max(a, c), min(b, d)
            if low < high:
                found.append((low, high))
            if b < d:
                i += 1
            else:
                j += 1
        return Region(self.line, tuple(found), self.empty and other.empty)

    def __invert__(self) -> Region:
        """All that is not in it, empty too."""
        found: list[Stretch] = []
        at: Cut = self.line.first
        for low, high in self.stretches:
            if at < low:
                found.append((at, low))
            at = high
        if at < self.line.last:
            found.append((at, self.line.last))
        return Region(self.line, tuple(found), not self.empty)

    def __sub__(self, other: Region) -> Region:
        return self & ~other

    def __le__(self, other: Region) -> bool:
        """Whether all of it lies in the other."""
        return (self - other).is_empty

    @property
    def is_empty(self) -> bool:
        """Whether it holds nothing at all, not even empty."""
        return not self.stretches and not self.empty

    @property
    def cuts(self) -> set[Cut]:
        """Where its stretches begin and end."""
        return {cut for stretch in self.stretches for cut in stretch}

    @property
    def filled(self) -> Region:
        """Without empty."""
        return Region(self.line, self.stretches)

    def contains(self, value: Any) -> bool:
        """Whether a value is in it; None is empty."""
        if value is None:
            return self.empty
        return any(low <= self.line.before(value) and self.line.after(value) <= high for low, high in self.stretches)

    def witness(self) -> Any:
        """The value of it that a person would name: nought or the least above it, a named choice; None for empty.

        Raises ValueError when there is none.
        """
        if self.is_empty:
            raise ValueError("an empty region has no witness")
        if not self.stretches:
            return None
        values = [self.line.simplest(low, high) for low, high in self.stretches]
        return next((value for value in values if not self.line.is_odd(value)), values[-1])

    def samples(self, count: int = 1) -> list[Any]:
        """Up to `count` different values of each stretch, and None when empty is in it."""
        found = [value for low, high in self.stretches for value in self.line.several(low, high, count)]
        return [*found, None] if self.empty else found


def joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Sorted, and made one where they overlap or touch."""
    found: list[Stretch] = []
    for low, high in sorted(stretches, key=lambda stretch: stretch[0]):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        elif low < high:
            found.append((low, high))
    return tuple(found)


def nothing(line: Line) -> Region:
    return Region(line)


def everything(line: Line) -> Region:
    """All values, and empty."""
    return Region(line, ((line.first, line.last),), True)


def only(line: Line, value: Any) -> Region:
    """One value; None is empty."""
    if value is None:
        return Region(line, (), True)
    low, high = line.before(value), line.after(value)
    return Region(line, ((low, high),) if low < high else ())  # an amount that is no whole cent is nowhere


def between(line: Line, low: Any = None, high: Any = None, over: bool = False, below: bool = False) -> Region:
    """From `low` to `high`, None for no bound; `over` and `below` leave the bound itself out."""
    start = line.first if low is None else line.after(low) if over else line.before(low)
    end = line.last if high is None else line.before(high) if below else line.after(high)
    return Region(line, ((start, end),) if start < end else ())


def compared(line: Line, operator: str, value: Any) -> Region:
    """Where `x operator value` is true; operator is one of == != < <= > >=. With empty nothing is true."""
    if value is None:
        return nothing(line)
    match operator:
        case "==":
            return only(line, value)
        case "!=":
            return (~only(line, value)).filled
        case "<" | "<=":
            return between(line, high=value, below=operator == "<")
        case ">" | ">=":
            return between(line, low=value, over=operator == ">")
    raise ValueError(f"no comparison: {operator}")


def of_cell(cell: Cell, type_: Type) -> Region | None:
    """The values that fit a cell. None when it reads another input, or nothing is known of the type."""
    line = line_of(type_)
    return None if line is None or others(cell) else on_line(cell, line)


def on_line(cell: Cell, line: Line) -> Region:
    """The values of a line that fit a cell that reads no other input."""
    match cell:
        case AnyValue():
            return everything(line)
        case Empty():
            return Region(line, (), True)
        case NotEmpty():
            return everything(line).filled
        case Is(value=value):
            return only(line, value)
        case Between(low=low, high=high, over=over, below=below):
            return between(line, low, high, over, below)
        case OneOf(cells=cells) | Not(cells=cells):
            parts = [on_line(one, line) for one in cells]
            union = Region(line, joined(s for part in parts for s in part.stretches), any(part.empty for part in parts))
            return union if isinstance(cell, OneOf) else (~union).filled
