"""How a box of a table is said to a person: when it is so, and which row would fit it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.checks.tables.grid import Grid
from engine.checks.tables.search import Box
from engine.checks.tables.sheet import Sheet


def when(sheet: Sheet, box: Box) -> tuple[str, str]:
    """One example from the box, in en and zh: 'when grade is A and amount is 600'. Inputs that do not matter are left out."""
    words = sheet.grid.words(box)
    return said(sheet, sheet.grid, box, [name for name in sheet.table.inputs if words[name] != "any"])


def said(sheet: Sheet, grid: Grid, box: Box, names: Sequence[str]) -> tuple[str, str]:
    """The same for these inputs and any grid of the sheet."""
    values = grid.values(box)
    shown = []
    for name in names:
        value = values[name]
        shown.append((name, "empty" if value is None else sheet.allowed[name].line.say(value)))
    if not shown:
        return "whatever is asked", "无论输入什么，"
    en = " and ".join(f"{name} is {value}" for name, value in shown)
    return f"when {en}", f"当 {'、'.join(f'{name} 为 {value}' for name, value in shown)} 时，"


def row_of(sheet: Sheet, box: Box) -> str:
    """The row that fits the box, as it would be written, its answers left open."""
    words = sheet.grid.words(box)
    return f"{{{', '.join(f'{name}: {words[name]}' for name in sheet.table.inputs)}, ...}}"
