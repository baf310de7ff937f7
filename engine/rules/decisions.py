"""Decision tables: which rows fit, and what a hit policy makes of them (LANGUAGE section 8; DMN 1.5, 8.2.8).

A table is compiled once: each column becomes a function from a value to the set of rows that it fits, a bit mask. A
question is then one look-up or one binary search a column and one `and`, however many rows there are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, cast

from engine.language.cells import AnyValue, Between, Cell, Empty, Is, Not, NotEmpty, OneOf, operands, others
from engine.language.kinds.decision import OF_SEVERAL_ROWS

HitPolicy = Literal[
    "unique", "any", "priority", "first", "rule_order", "output_order", "collect", "sum", "min", "max", "count"
]
AGGREGATES = frozenset({"sum", "min", "max", "count"})
Mask = Callable[[Any, Mapping[str, Any]], int]


@dataclass(frozen=True)
class TableRow:
    """One row: a cell for each input, a value for each output, in the table's order."""

    cells: tuple[Cell, ...]
    outputs: tuple[Any, ...]


@dataclass(frozen=True)
class Answer:
    """What a table answers: a value for each output, and the numbers, from 1, of the rows that made it."""

    outputs: Mapping[str, Any]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Conflict:
    """Rows that may not fit together do: an incident. `code` is `several-rows-fit` or `rows-disagree`."""

    code: str
    rows: tuple[int, ...]
    say_en: str
    say_zh: str


@dataclass(frozen=True)
class Table:
    """A decision ready to be asked.

    `ranks`: output -> its values, best first, for `priority` and `output_order`. `if_none`: outputs when no row fits.
    """

    name: str
    hit: HitPolicy
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[TableRow, ...]
    ranks: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    if_none: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def _columns(self) -> list[tuple[str, Mask]]:
        masks = [(name, _column([row.cells[i] for row in self.rows])) for i, name in enumerate(self.inputs)]
        return [(name, mask) for name, mask in masks if mask is not None]

    @cached_property
    def by_rank(self) -> list[int]:
        """Row indexes, best outputs first, equal ones in the order of the table."""
        ranks = [{value: rank for rank, value in enumerate(self.ranks.get(output, ()))} for output in self.outputs]
        keys = [
            tuple(rank.get(value, len(rank)) for rank, value in zip(ranks, row.outputs, strict=True))
            for row in self.rows
        ]
        return sorted(range(len(self.rows)), key=keys.__getitem__)

    def fitting(self, inputs: Mapping[str, Any]) -> int:
        """The rows whose cells all fit, as a bit mask: bit 0 is the first row."""
        fits = (1 << len(self.rows)) - 1
        for name, mask in self._columns:
            fits &= mask(inputs.get(name), inputs)
            if not fits:
                break
        return fits

    def decide(self, inputs: Mapping[str, Any]) -> Answer | Conflict:
        """The answer for these inputs; a missing input is empty."""
        fits, hit = self.fitting(inputs), self.hit
        if not fits:
            return self._nothing()
        if hit == "first" or not fits & (fits - 1):
            if hit in OF_SEVERAL_ROWS or hit in AGGREGATES:
                return self._together([fits.bit_length() - 1])
            return self._single((fits & -fits).bit_length() - 1)
        hits = _bits(fits)
        if hit == "unique":
            return self._conflict("several-rows-fit", hits)
        if hit == "any":
            if any(self.rows[i].outputs != self.rows[hits[0]].outputs for i in hits[1:]):
                return self._conflict("rows-disagree", hits)
            return Answer(dict(zip(self.outputs, self.rows[hits[0]].outputs, strict=True)), tuple(i + 1 for i in hits))
        if hit == "priority":
            return self._single(next(i for i in self.by_rank if fits >> i & 1))
        return self._together([i for i in self.by_rank if fits >> i & 1] if hit == "output_order" else hits)

    def _single(self, row: int) -> Answer:
        return Answer(dict(zip(self.outputs, self.rows[row].outputs, strict=True)), (row + 1,))

    def _together(self, hits: list[int]) -> Answer:
        lists = [tuple(self.rows[i].outputs[k] for i in hits) for k in range(len(self.outputs))]
        numbers = tuple(i + 1 for i in hits)
        if self.hit in OF_SEVERAL_ROWS:
            return Answer(dict(zip(self.outputs, lists, strict=True)), numbers)
        return Answer(
            {name: _aggregate(self.hit, values) for name, values in zip(self.outputs, lists, strict=True)}, numbers
        )

    def _nothing(self) -> Answer:
        without: Any = () if self.hit in OF_SEVERAL_ROWS else 0 if self.hit == "count" else None
        return Answer({name: self.if_none.get(name, without) for name in self.outputs}, ())

    def _conflict(self, code: str, hits: list[int]) -> Conflict:
        numbers = ", ".join(str(i + 1) for i in hits)
        en, zh = (
            (f"rows {numbers} fit at once and only one may", f"第 {numbers} 行同时符合，而只允许一行")
            if code == "several-rows-fit"
            else (f"rows {numbers} fit and answer differently", f"第 {numbers} 行同时符合，但结果不同")
        )
        return Conflict(code, tuple(i + 1 for i in hits), f"{self.name}: {en}", f"{self.name}：{zh}")


def _bits(mask: int) -> list[int]:
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def _aggregate(hit: str, values: tuple[Any, ...]) -> Any:
    """sum, min, max over what is filled, empty for nothing; count counts the rows."""
    if hit == "count":
        return len(values)
    filled = [value for value in values if value is not None]
    if not filled:
        return None
    if hit == "sum":
        return cast("int | Decimal", sum(filled))
    return min(filled) if hit == "min" else max(filled)


# --- columns


def _column(cells: list[Cell]) -> Mask | None:
    """The rows that a value fits; None when every cell is `any`."""
    if all(isinstance(cell, AnyValue) for cell in cells):
        return None
    fixed = [(1 << i, cell) for i, cell in enumerate(cells) if not others(cell)]
    moving = [(1 << i, cell) for i, cell in enumerate(cells) if others(cell)]
    look_up = _literal_column(fixed)
    if not moving:
        return lambda value, inputs: look_up(value)

    def mask(value: Any, inputs: Mapping[str, Any]) -> int:
        return look_up(value) | sum(bit for bit, cell in moving if cell.matches(value, inputs))

    return mask


def first_fitting(cells: Sequence[Cell]) -> Callable[[Any, Mapping[str, Any]], int | None]:
    """Which cell is the first that fits a value: for bands. The other inputs are what `= other` reads."""
    mask = _column(list(cells))
    if mask is None:
        return lambda value, inputs: 0 if cells else None

    def find(value: Any, inputs: Mapping[str, Any]) -> int | None:
        fits = mask(value, inputs)
        return (fits & -fits).bit_length() - 1 if fits else None

    return find


def _literal_column(cells: list[tuple[int, Cell]]) -> Callable[[Any], int]:
    """Rows by value: a dictionary when only equality is asked, else regions between the bounds, found by bisection."""
    on_empty = sum(bit for bit, cell in cells if cell.matches(None, {}))
    literals = {operand for _, cell in cells for operand in operands(cell)}
    if not any(_has_bounds(cell) for _, cell in cells):
        elsewhere = sum(bit for bit, cell in cells if cell.matches(_ELSEWHERE, {}))
        by_value = {value: sum(bit for bit, cell in cells if cell.matches(value, {})) for value in literals}
        by_value[None] = on_empty
        return lambda value: by_value.get(value, elsewhere)
    points = sorted(literals)
    regions = [sum(bit for bit, cell in cells if _fits_region(cell, r, points)) for r in range(2 * len(points) + 1)]
    count = len(points)

    def look_up(value: Any) -> int:
        if value is None:
            return on_empty
        i = bisect_left(points, value)
        return regions[2 * i + 1] if i < count and points[i] == value else regions[2 * i]

    return look_up


class _Elsewhere:
    """A value that equals no literal."""


_ELSEWHERE = _Elsewhere()


def _has_bounds(cell: Cell) -> bool:
    return isinstance(cell, Between) or (isinstance(cell, OneOf | Not) and any(_has_bounds(c) for c in cell.cells))


def _fits_region(cell: Cell, region: int, points: list[Any]) -> bool:
    """Whether a cell fits a region of a filled value: 2i+1 is the point i, 2i the gap before it."""
    if isinstance(cell, AnyValue | NotEmpty):
        return True
    if isinstance(cell, Empty):
        return False
    if isinstance(cell, Is):
        return region == 2 * bisect_left(points, cell.value) + 1
    if isinstance(cell, Between):
        if cell.low is not None and region < 2 * bisect_left(points, cell.low) + (2 if cell.over else 1):
            return False
        return cell.high is None or region <= 2 * bisect_left(points, cell.high) + (0 if cell.below else 1)
    return any(_fits_region(inner, region, points) for inner in cell.cells) is isinstance(cell, OneOf)
