"""The grid of a table: its axes, and the two questions about boxes on them: which rows meet, and is a box covered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from engine.checks.tables import search
from engine.checks.tables.axes import Axis, bits
from engine.checks.tables.search import Box, Budget


@dataclass(frozen=True)
class Grid:
    """`count` rows on some axes; `order` of the axes is that of the inputs."""

    axes: tuple[Axis, ...]
    count: int
    budget: Budget = field(default_factory=Budget, compare=False)

    @cached_property
    def whole(self) -> Box:
        return tuple(axis.all for axis in self.axes)

    @cached_property
    def every_row(self) -> int:
        return (1 << self.count) - 1

    def box(self, row: int) -> Box:
        return tuple(axis.rows[row] for axis in self.axes)

    @cached_property
    def meets(self) -> tuple[int, ...]:
        """For each row the others that fit some same values."""
        found = []
        for row in range(self.count):
            mask = self.every_row & ~(1 << row)
            for axis in self.axes:
                mask &= axis.meets[row] if axis.rows[row] else 0
                if not mask:
                    break
            found.append(mask)
        return tuple(found)

    def holding(self, row: int) -> int:
        """The other rows that fit whatever this one fits."""
        mask = self.every_row & ~(1 << row)
        for axis in self.axes:
            mask &= axis.inside[row]
        return mask

    def values(self, box: Box) -> dict[str, Any]:
        """Values for the inputs in a box, as a person would choose them."""
        found: dict[str, Any] = {}
        for axis, classes in zip(self.axes, box, strict=True):
            found |= axis.values(classes)
        return found

    def words(self, box: Box) -> dict[str, str]:
        """The box as the cells of a row."""
        found: dict[str, str] = {}
        for axis, classes in zip(self.axes, box, strict=True):
            found |= axis.words(classes)
        return found

    def common(self, one: int, other: int) -> Box:
        """What both rows fit."""
        return tuple(axis.rows[one] & axis.rows[other] for axis in self.axes)

    def uncovered(self, box: Box, rows: int) -> list[int] | None:
        """A point of the box that none of the rows fits; None when they cover it. Raises GaveUp."""
        if not all(box):
            return None
        inside: dict[int, Box] = {}
        for row in bits(rows):
            here = tuple(axis.rows[row] & own for axis, own in zip(self.axes, box, strict=True))
            if here == box:
                return None
            if all(here):
                inside[row] = here
        self.budget.spend(len(inside))
        return search.uncovered(box, inside, self.meets, self.budget)

    def widened(self, point: Sequence[int]) -> Box:
        """The largest box about an uncovered point that is uncovered, axis after axis from the last."""
        box = [1 << class_ for class_ in point]
        for at in reversed(range(len(box))):
            beside = self.every_row
            for other, axis in enumerate(self.axes):
                if other != at:
                    beside &= _any_of(axis, box[other])
            box[at] = sum(1 << class_ for class_, fits in enumerate(self.axes[at].fits) if not fits & beside)
        return tuple(box)

    def with_row(self, box: Box) -> Grid:
        """The grid with one more row that meets none of the others."""
        bit = 1 << self.count
        axes = tuple(
            replace(
                axis,
                fits=tuple(fits | bit if own >> at & 1 else fits for at, fits in enumerate(axis.fits)),
                rows=(*axis.rows, own),
                meets=(*axis.meets, 0),
                inside=(*axis.inside, 0),
            )
            for axis, own in zip(self.axes, box, strict=True)
        )
        return Grid(axes, self.count + 1, self.budget)


def _any_of(axis: Axis, classes: int) -> int:
    found = 0
    for class_ in bits(classes):
        found |= axis.fits[class_]
    return found
