"""Rows that fit the same input where they may not: overlap under `unique`, any-conflict; and rows that could be one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_

from engine.checks.regions import HIGHEST, LOWEST, in_words
from engine.checks.tables.axes import OneInput, bits, first
from engine.checks.tables.saying import when
from engine.checks.tables.sheet import Sheet
from engine.language.diagnostics import Diagnostic
from engine.language.messages import decisions


def overlaps(sheet: Sheet) -> Iterator[Diagnostic]:
    """Each row with the first one before it that it must not meet."""
    hit, grid, rows = sheet.decision.hit, sheet.grid, sheet.table.rows
    if hit not in ("unique", "any"):
        return
    for row in range(grid.count):
        before = grid.meets[row] & ((1 << row) - 1)
        if hit == "any":
            before = reduce(or_, (1 << at for at in bits(before) if rows[at].outputs != rows[row].outputs), 0)
        if not before:
            continue
        other = first(before)
        one, other = _odd_one(sheet, other, row)
        shown = when(sheet, grid.common(one, other))
        place, line = sheet.place(one), sheet.place(other).line
        if hit == "unique":
            yield decisions.overlap(place, one + 1, other + 1, line, *shown)
        else:
            answers = zip(sheet.table.outputs, rows[one].outputs, rows[other].outputs, strict=True)
            column = next(name for name, a, b in answers if a != b)
            yield decisions.any_conflict(place, one + 1, other + 1, line, *shown, column)


def _odd_one(sheet: Sheet, one: int, other: int) -> tuple[int, int]:
    """The two rows, the one to change first: whose bound within the other one fewest rows have; else the later."""
    best, odd = sheet.grid.count + 1, other
    for axis in sheet.grid.axes:
        if not isinstance(axis, OneInput) or not axis.allowed.line.ordered:
            continue
        shared = (axis.own[one] & axis.own[other]).cuts - {LOWEST, HIGHEST}
        for row in (other, one):
            for cut in axis.bounds[row] & shared:
                if axis.rarity[cut] < best:
                    best, odd = axis.rarity[cut], row
    return (odd, one if odd == other else other)


def mergeable(sheet: Sheet) -> Iterator[Diagnostic]:
    """Rows that say the same, and pairs with one answer that differ in one column and could be one row."""
    seen: dict[object, int] = {}
    told: set[int] = set()
    inputs = sheet.table.inputs
    numbers: dict[object, int] = {}  # one for each different meaning of a cell
    for row, one in enumerate(sheet.table.rows):
        meanings = [
            numbers.setdefault(cell if region is None else (at, region & sheet.allowed[inputs[at]]), len(numbers))
            for at, (cell, region) in enumerate(zip(one.cells, sheet.regions[row], strict=True))
        ]
        answer = repr(one.outputs)
        if (twin := seen.setdefault((answer, *meanings), row)) != row:
            yield decisions.duplicate_or_mergeable(sheet.place(row), row + 1, twin + 1, "", "")
            continue
        for at, name in enumerate(inputs):
            rest = (at, answer, *meanings[:at], None, *meanings[at + 1 :])
            other = seen.get(rest)
            seen[rest] = row
            if other is None or {row, other} & told or not _may_merge(sheet, other, row):
                continue
            a, b = sheet.regions[row][at], sheet.regions[other][at]
            allowed = sheet.allowed[name]
            if a is not None and b is not None and not ((a & allowed).is_empty or (b & allowed).is_empty):
                told |= {row, other}
                cell = in_words((a | b) & allowed, allowed)
                yield decisions.duplicate_or_mergeable(sheet.place(row, name), row + 1, other + 1, name, cell)


def _may_merge(sheet: Sheet, one: int, other: int) -> bool:
    """Whether one row in place of the two would give the same answers always."""
    hit = sheet.decision.hit
    beside = other == one + 1
    apart = not sheet.grid.meets[one] >> other & 1
    match hit:
        case "any" | "priority" | "min" | "max":
            return True
        case "first":
            return beside
        case "rule_order" | "collect":
            return beside and apart
        case _:
            return apart
