"""The search for a point of a box that no row fits.

Sizes are counted in classes. Rows that do not meet cover a box when their sizes add up to its size, so the rows are first
made disjoint: each loses what an earlier one has. Where that makes too many pieces, the box is split axis by axis instead;
only rows that still fit are carried along, and what is once found covered is not looked at again. Both are exact;
the second may meet its bound (tautology of a disjunctive normal form is co-NP-complete).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from operator import and_, xor

from engine.checks.tables.axes import GaveUp, bits, first

Box = tuple[int, ...]
"""A mask of classes on each axis."""
MOST_STEPS = 300_000
"""Rows looked at in all searches over one table, about a second."""
PIECES = 4
"""So many pieces a row are still searched as disjoint ones."""


@dataclass
class Budget:
    """How many steps are left for one table."""

    left: int = MOST_STEPS
    given: int = MOST_STEPS

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise GaveUp(self.given)


def uncovered(whole: Box, rows: Mapping[int, Box], meets: Sequence[int], budget: Budget) -> list[int] | None:
    """A point, one class on each axis; None when the rows cover the box. Raises GaveUp.

    `rows`: what of each row lies in the box; `meets`: for each row number the rows that it may meet.
    """
    size = prod(own.bit_count() for own in whole)
    pieces = _disjoint(rows, meets, budget)
    if pieces is None:
        return _Search(whole, list(rows.values()), False, budget).run()
    if sum(_size(piece) for piece in pieces) == size:
        return None
    return _Search(whole, pieces, True, budget).run()


def _size(box: Box) -> int:
    return prod([own.bit_count() for own in box])


def _disjoint(rows: Mapping[int, Box], meets: Sequence[int], budget: Budget) -> list[Box] | None:
    """The same points as disjoint boxes; None when these are too many. Large rows stay whole, small ones are cut."""
    found: list[Box] = []
    most, before = PIECES * len(rows) + 100, 0
    for row, box in sorted(rows.items(), key=lambda item: -_size(item[1])):
        pieces = [box]
        for other in bits(meets[row] & before):
            budget.spend(len(pieces) >> 2)
            pieces = [rest for piece in pieces for rest in _without(piece, rows[other])]
            if len(found) + len(pieces) > most:
                return None
        before |= 1 << row
        found += pieces
    return found


def _without(box: Box, other: Box) -> list[Box]:
    """What of a box lies outside another, in pieces: on each axis what sticks out."""
    if not all(map(and_, box, other)):
        return [box]
    pieces, inner = [], [*box]
    for at, own in enumerate(other):
        if outside := inner[at] & ~own:
            pieces.append((*inner[:at], outside, *inner[at + 1 :]))
            inner[at] &= own
    return pieces


class _Search:
    """One search. `apart`: the rows do not meet, so that sizes decide alone and no step is taken in vain."""

    def __init__(self, whole: Box, rows: Sequence[Box], apart: bool, budget: Budget) -> None:
        full = [sum(row[at] == own for row in rows) for at, own in enumerate(whole)]
        self.order = sorted(range(len(whole)), key=lambda at: (full[at], whole[at].bit_count()))  # few `any` first
        self.whole = [whole[at] for at in self.order]
        self.rows = [[row[at] for at in self.order] for row in rows]
        self.apart, self.budget = apart, budget
        self.covered: set[tuple[int, int]] = set()
        self.sizes = [self._sizes(row) for row in self.rows]
        self.rest = self._sizes(self.whole)
        self.fits: dict[int, list[int]] = {}

    def run(self) -> list[int] | None:
        found = self._search(0, (1 << len(self.rows)) - 1)
        if found is None:
            return None
        point = dict(zip(self.order, found, strict=True))
        return [point[at] for at in range(len(found))]

    def _sizes(self, row: Sequence[int]) -> list[int]:
        """The classes that are left of it from each axis on."""
        return [*accumulate((own.bit_count() for own in reversed(row)), lambda a, b: a * b, initial=1)][::-1]

    def _search(self, at: int, active: int) -> list[int] | None:
        if not active:
            return [first(own) for own in self.whole[at:]]
        if at == len(self.whole) or (at, active) in self.covered:
            return None
        rows = bits(active)
        self.budget.spend(len(rows))
        sizes = [self.sizes[row][at] for row in rows]
        if self.rest[at] in sizes or (self.apart and sum(sizes) == self.rest[at]):
            self.covered.add((at, active))
            return None
        # a class whose rows are too small to cover what is left holds a gap for certain: it comes first
        for class_, fitting in sorted(
            self._classes(at, active, rows), key=lambda found: self._filled(at + 1, found[1])
        ):
            found = self._search(at + 1, fitting)
            if found is not None:
                return [class_, *found]
        self.covered.add((at, active))
        return None

    def _filled(self, at: int, rows: int) -> int:
        return sum([self.sizes[row][at] for row in bits(rows)])

    def _classes(self, at: int, active: int, rows: list[int]) -> list[tuple[int, int]]:
        """One class for each set of rows that fit some class together."""
        own = self.whole[at]
        found: dict[int, int] = {}
        if len(rows) * 4 < own.bit_count():
            parts = [(own, 0)]
            for row in rows:
                here, bit = self.rows[row][at], 1 << row
                self.budget.spend(len(parts) >> 4)
                parts = [
                    part
                    for mask, fits in parts
                    for part in ((mask & here, fits | bit), (mask & ~here, fits))
                    if part[0]
                ]
            for mask, fits in parts:
                found.setdefault(fits, first(mask))
        else:
            fits_of = self._fits(at)
            classes = bits(own)
            self.budget.spend(len(classes) >> 4)
            for class_ in classes:
                found.setdefault(fits_of[class_] & active, class_)
        return [(class_, fits) for fits, class_ in found.items()]

    def _fits(self, at: int) -> list[int]:
        """For each class of an axis the rows that fit it: a row is noted where its classes begin and end."""
        if at not in self.fits:
            toggles = [0] * (self.whole[at].bit_length() + 1)
            for row, boxes in enumerate(self.rows):
                own = boxes[at]
                for edge in bits(own ^ (own << 1)):
                    toggles[edge] ^= 1 << row
            self.fits[at] = list(accumulate(toggles, xor))
        return self.fits[at]
