"""A decision laid out for questions: its table, what each input may be, and the grid of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from engine.checks.pack_view import View
from engine.checks.regions import Region, between, everything, line_of, on_line, only
from engine.checks.tables.axes import Axis, one_input, several_inputs
from engine.checks.tables.grid import Grid
from engine.checks.tables.search import Budget
from engine.language.cells import Between, Cell, Other, operands, others, parts
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.types import Plain, Type
from engine.language.kinds.decision import Decision
from engine.language.kinds.form import Field
from engine.language.literals import read_literal
from engine.language.source import Span, place_of
from engine.language.values import Literal
from engine.rules.decisions import Table
from engine.rules.tables import table_of

UTC = ZoneInfo("UTC")
SINGLE = frozenset({"unique", "any", "priority", "first"})
"""Policies whose answer is that of one row."""
BOUNDED = frozenset({"number", "money", "date", "time", "moment", "duration"})


@dataclass(frozen=True)
class Sheet:
    """`allowed`: by input, the values that may be asked with."""

    decision: Decision
    table: Table
    inputs: Mapping[str, Type]
    outputs: Mapping[str, Type]
    allowed: Mapping[str, Region]
    budget: Budget = field(default_factory=Budget, compare=False)

    def place(self, row: int, column: str | None = None) -> Span:
        """Where a row begins, or where a cell of it stands."""
        cells = self.decision.rules[row]
        if column is not None:
            return cells[column].span
        return place_of(next(iter(cells)))

    def cell(self, row: int, name: str) -> Cell:
        return self.table.rows[row].cells[self.table.inputs.index(name)]

    @cached_property
    def regions(self) -> list[tuple[Region | None, ...]]:
        """For each row and input the values that fit the cell; None where it reads another input."""
        lines = [self.allowed[name].line for name in self.table.inputs]
        return [
            tuple(None if others(cell) else on_line(cell, line) for cell, line in zip(row.cells, lines, strict=True))
            for row in self.table.rows
        ]

    def grouped(self, together: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
        """The inputs, together where a cell or one of these pairs compares them; in the order of the table."""
        group = {name: {name} for name in self.table.inputs}
        pairs = [
            (name, other.name)
            for row in self.table.rows
            for name, cell in zip(self.table.inputs, row.cells, strict=True)
            for other in others(cell)
        ]
        for one, other in (*pairs, *together):
            if group[one] is not group[other]:
                group[one] |= group[other]
                for name in group[one]:
                    group[name] = group[one]
        found = [tuple(n for n in self.table.inputs if n in group[name]) for name in self.table.inputs]
        return [*dict.fromkeys(found)]

    @cached_property
    def grid(self) -> Grid:
        """The grid of all rows. Raises GaveUp."""
        return self.finer({}, (), merged=True)

    def finer(
        self, regions: Mapping[str, Sequence[Region]], together: Sequence[tuple[str, str]], merged: bool = False
    ) -> Grid:
        """The grid whose classes tell these regions of inputs apart too, and keep apart the orders of these inputs.

        `merged`: combinations of compared inputs are told apart by the rows only.
        """
        axes: list[Axis] = []
        for names in self.grouped(together):
            more = [region for name in names for region in regions.get(name, ())]
            if len(names) == 1:
                allowed, at = self.allowed[names[0]], self.table.inputs.index(names[0])
                rows = [row[at] or Region(allowed.line) for row in self.regions]
                axes.append(one_input(names[0], allowed, rows, more))
            else:
                line = self.allowed[names[0]].line
                cells = [{name: self.cell(row, name) for name in names} for row in range(len(self.table.rows))]
                constants = {value for row in cells for cell in row.values() for value in operands(cell)}
                more += [only(line, value) for value in constants if not isinstance(value, Other)]
                axes.append(several_inputs(names, self.allowed, cells, more, merged=merged))
        return Grid(tuple(axes), len(self.table.rows), self.budget)

    @cached_property
    def precedence(self) -> list[int]:
        """Row numbers, the row that wins first; the order of the table where no row wins over another."""
        if self.decision.hit == "priority":
            return self.table.by_rank
        return list(range(len(self.table.rows)))


def sheet_of(decision: Decision, view: View) -> Sheet | None:
    """The sheet; None when a cell or a type cannot be read: that has findings of its own."""
    inputs, outputs = view.types.decision_inputs(decision.name), view.types.decision_outputs(decision.name)
    if inputs.keys() & outputs.keys() or not decision.rules or not inputs:
        return None
    table = table_of(decision, inputs, outputs, UTC)
    if not isinstance(table, Table):
        return None
    allowed = {}
    for name, type_ in inputs.items():
        region = allowed_of(decision.inputs[name], type_)
        if region is None:
            return None
        allowed[name] = region
    for row in table.rows:
        for name, cell in zip(inputs, row.cells, strict=True):
            line = allowed[name].line
            if any(allowed[other.name].line != line for other in others(cell)):
                return None
            if not line.ordered and bounded(cell):
                return None
    return Sheet(decision, table, inputs, outputs, allowed)


def bounded(cell: Cell) -> bool:
    """Whether a cell or one in it has the words of an order: `below`, `at least`."""
    return any(isinstance(part, Between) for part in parts(cell))


def allowed_of(declared: Field, type_: Type) -> Region | None:
    """What a declared input may be: its bounds, and empty where that may be; None when nothing is known of it."""
    line = line_of(type_)
    if line is None:
        return None
    region = everything(line)
    if isinstance(type_, Plain) and type_.name in BOUNDED:
        low, high = _bound(declared.at_least, type_), _bound(declared.at_most, type_)
        above, below = _bound(declared.above, type_), _bound(declared.below, type_)
        region &= between(line, low, high) & between(line, above, below, over=True, below=True) | only(line, None)
    return region if declared.may_be_empty else region.filled


def _bound(value: Any, type_: Type) -> Any:
    """A bound that is written out; a formula bounds nothing here."""
    if not isinstance(value, Literal):
        return None
    read = read_literal(value.text, value.span, type_, UTC)
    return None if isinstance(read, Diagnostic) else read
