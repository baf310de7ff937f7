"""What a table leaves open and what it says in vain: gap, and shadowed-rule under `first` and `priority`."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.tables.axes import OneInput, bits
from engine.checks.tables.saying import row_of, when
from engine.checks.tables.search import Box
from engine.checks.tables.sheet import SINGLE, Sheet
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.types import Choice
from engine.language.messages import decisions
from engine.language.source import Span

MOST_GAPS = 5


def gaps(sheet: Sheet) -> Iterator[Diagnostic]:
    """The inputs that no row fits, where the answer would then be empty: each as large a box as it can be."""
    hit = sheet.decision.hit
    if sheet.decision.always_answers or hit not in SINGLE | {"sum", "min", "max"}:
        return
    grid = sheet.grid
    for _ in range(MOST_GAPS):
        point = grid.uncovered(grid.whole, grid.every_row)
        if point is None:
            return
        box = grid.widened(point)
        yield decisions.gap(_place(sheet, box), *when(sheet, box), row_of(sheet, box))
        grid = grid.with_row(box)


def _place(sheet: Sheet, box: Box) -> Span:
    """The cell of the row that would fit the gap if only that cell were wider; else where rows are added.

    Of several such rows it is the one whose bound at the gap fewest rows have: the odd one out.
    """
    found: list[tuple[int, int, str]] = []
    for row in range(len(sheet.table.rows)):
        apart = [at for at, axis in enumerate(sheet.grid.axes) if not box[at] & axis.rows[row]]
        if len(apart) == 1 and all(
            at in apart or not box[at] & ~axis.rows[row] for at, axis in enumerate(sheet.grid.axes)
        ):
            axis = sheet.grid.axes[apart[0]]
            if not isinstance(axis, OneInput):
                continue
            shared = axis.bounds[row] & axis.region(box[apart[0]]).cuts
            if shared and axis.allowed.line.ordered:
                found.append((min(axis.rarity[cut] for cut in shared), row, axis.names[0]))
            elif not axis.allowed.line.ordered:
                found.append((sheet.grid.count + 1, row, axis.names[0]))
    if found:
        _, row, name = min(found)
        return sheet.place(row, name)
    return sheet.decision.place("rules")


def shadowed(sheet: Sheet) -> Iterator[Diagnostic]:
    """Rows that never win, because others fit wherever they do and win."""
    hit = sheet.decision.hit
    ranked = any(isinstance(type_, Choice) for type_ in sheet.outputs.values())
    if hit != "first" and not (hit == "priority" and ranked):
        return  # without an order to go by that is the finding
    grid, winners = sheet.grid, 0
    for row in sheet.precedence:
        meeting = grid.meets[row] & winners
        holding = grid.holding(row) & winners if all(grid.box(row)) else 0
        winners |= 1 << row
        if holding:
            by = [bits(holding)[0]]
        elif meeting and all(grid.box(row)) and grid.uncovered(grid.box(row), meeting) is None:
            by = bits(meeting)
        else:
            continue
        yield decisions.shadowed_rule(sheet.place(row), row + 1, *_rows(by), hit)


def _rows(rows: list[int]) -> tuple[str, str]:
    if len(rows) == 1:
        return f"row {rows[0] + 1}", f"第 {rows[0] + 1} 行"
    numbers = ", ".join(str(row + 1) for row in rows[:6]) + (", ..." if len(rows) > 6 else "")
    return f"one of rows {numbers}", f"第 {numbers} 行之一"
