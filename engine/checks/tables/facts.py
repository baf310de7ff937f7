"""The facts under `proves`, held against the rows: each row that counts somewhere where the fact is not so breaks it.

A fact is asked at one value of every class that it and the rows can tell apart. That proves it as long as it compares inputs
with constants, with answers and with each other; a fact that computes otherwise with an input is `not-decided` unless
a value is found that breaks it. Facts are over rows: under policies with many hits each row that fits counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

from engine.checks.regions import Numbers, Region, only
from engine.checks.regions.lines import Entries, short
from engine.checks.tables.axes import bits
from engine.checks.tables.grid import Grid
from engine.checks.tables.saying import said
from engine.checks.tables.search import Box
from engine.checks.tables.sheet import Sheet
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.compile import compiled
from engine.language.expressions.faults import ExpressionFault
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import (
    Arithmetic,
    Call,
    Choose,
    Compare,
    Items,
    Logic,
    Minus,
    Name,
    Node,
    Not,
    walk,
)
from engine.language.kinds.decision import Fact
from engine.language.messages import decisions
from engine.language.source import place_of

Env = Mapping[str, Any]
Linear = tuple[str, Fraction, Fraction]
"""Input, factor, addend."""


def broken(sheet: Sheet) -> Iterator[Diagnostic]:
    """broken-fact for each row and fact; not-decided for what cannot be proved."""
    for name, fact in (sheet.decision.proves or {}).items():
        parts = [part for part in (fact.if_, fact.that) if part is not None]
        reading = _Reading(sheet)
        try:
            for part in parts:
                reading.visit(part.tree)
            found = list(_rows(sheet, name, fact, parts, reading))
        except (ExpressionFault, LookupError):
            found = []
            reading.unread.append(fact.that.tree)
        yield from found
        if reading.unread and not found:
            place = place_of(name)
            yield decisions.not_decided(
                place if place.line else fact.span,
                f"whether the fact '{name}' always holds is",
                f"事实“{name}”是否总成立",
                "it computes with an input; compare the input itself with a constant, an answer or another input",
                "它对输入做了运算；请直接把输入与常量、结果或另一个输入比较",
            )


def _rows(sheet: Sheet, name: str, fact: Fact, parts: list[Expression], reading: _Reading) -> Iterator[Diagnostic]:
    grid = sheet.finer(reading.regions, reading.together)
    read = {path[0] for part in parts for path in part.reads}
    axes = [at for at, axis in enumerate(grid.axes) if read & {*axis.names}]
    winners = 0
    for row in sheet.precedence:
        box = _broken_box(sheet, grid, row, fact, axes, winners)
        if sheet.decision.hit in ("first", "priority"):
            winners |= 1 << row
        if box is not None:
            asked = [name for name in sheet.table.inputs if name in read]
            words = grid.words(box) if not asked else {}
            shown = said(sheet, grid, box, asked or [name for name in sheet.table.inputs if words[name] != "any"])
            answers = [(column, value) for column, value in _answers(sheet, row).items() if column in read]
            then = ", ".join(f"{column}: {_say(value)}" for column, value in answers)
            yield decisions.broken_fact(sheet.place(row), name, row + 1, *shown, then)


def _say(value: Any) -> str:
    return (
        {None: "empty", True: "yes", False: "no"}.get(value, str(value)) if not isinstance(value, int) else str(value)
    )


def _broken_box(sheet: Sheet, grid: Grid, row: int, fact: Fact, axes: list[int], winners: int) -> Box | None:
    """Where a row counts and does not keep the fact."""
    box = grid.box(row)
    if not all(box):
        return None
    for classes in product(*(bits(box[at]) for at in axes)):
        grid.budget.spend(1)
        here = list(box)
        env: dict[str, Any] = dict(_answers(sheet, row))
        for at, class_ in zip(axes, classes, strict=True):
            here[at] = 1 << class_
            env |= grid.axes[at].values(here[at])
        if (fact.if_ is not None and not fact.if_.holds(env)) or fact.that.holds(env):
            continue
        if not winners:
            return tuple(here)
        point = grid.uncovered(tuple(here), grid.meets[row] & winners)
        if point is not None:
            return tuple(1 << class_ for class_ in point)
    return None


def _answers(sheet: Sheet, row: int) -> dict[str, Any]:
    return dict(zip(sheet.table.outputs, sheet.table.rows[row].outputs, strict=True))


@dataclass
class _Reading:
    """What a fact tells apart: `regions` of inputs, inputs compared `together`; `unread` is what it does besides."""

    sheet: Sheet
    regions: dict[str, list[Region]] = field(default_factory=dict)
    together: list[tuple[str, str]] = field(default_factory=list)
    unread: list[Node] = field(default_factory=list)

    def visit(self, node: Node) -> None:
        """A condition, or a part of one."""
        match node:
            case Logic() | Not() | Choose():
                for part in node.operands if isinstance(node, Logic) else _parts(node):
                    self.visit(part)
            case Compare(left=left, right=Items(items=items)):
                for item in items:
                    self._compare(node, left, item)
            case Compare(left=left, right=right):
                self._compare(node, left, right)
            case Call(function="has", arguments=(Name(),)):
                pass
            case _:
                self._whole(node)

    def _inputs(self, node: Node) -> list[str]:
        names = self.sheet.table.inputs
        return [one.name for one in walk(node) if isinstance(one, Name) and one.name in names]

    def _whole(self, node: Node) -> None:
        """Something else: proved only by trying every value, where there are few."""
        for name in self._inputs(node):
            line = self.sheet.allowed[name].line
            if isinstance(line, Entries):
                self.regions.setdefault(name, []).extend(only(line, value) for value in line.values)
            else:
                self.unread.append(node)

    def _compare(self, node: Node, left: Node, right: Node) -> None:
        a, b = self._inputs(left), self._inputs(right)
        if isinstance(left, Name) and isinstance(right, Name) and a and b:
            if self.sheet.allowed[a[0]].line == self.sheet.allowed[b[0]].line:
                if a != b:
                    self.together.append((a[0], b[0]))
                return
        elif len(a) + len(b) == 1 and self._bounded(left if a else right, right if a else left):
            return
        if a or b:
            self._whole(node)

    def _bounded(self, side: Node, constant: Node) -> bool:
        """Whether the one input of a side meets a constant at a value that could be worked out, for every row."""
        function = compiled(constant)
        for row in range(len(self.sheet.table.rows)):
            answers = _answers(self.sheet, row)
            found = self._linear(side, answers)
            value = function(answers)
            if found is None:
                return False
            name, factor, addend = found
            line = self.sheet.allowed[name].line
            if value is None:
                continue
            if isinstance(line, Entries):
                self._whole(side)
                return True
            if factor != 1 or addend != 0:
                solved = short((Fraction(value) - addend) / factor) if factor else 0
                if solved is None:
                    return False
                value = solved
            self.regions.setdefault(name, []).append(only(line, value))
            if isinstance(line, Numbers) and line.step is not None:  # an amount between two cents parts them too
                self.regions[name].append(Region(line, ((line.first, line.before(value)),)))
        return True

    def _linear(self, node: Node, answers: Env) -> Linear | None:
        """`factor * input + addend` with exact numbers; money is only added to, since its products are rounded."""
        match node:
            case Name(name=name):
                return name, Fraction(1), Fraction(0)
            case Minus(operand=operand):
                found = self._linear(operand, answers)
                return None if found is None or not self._counts(found[0]) else (found[0], -found[1], -found[2])
            case Arithmetic(operator="+" | "-" | "*" as operator, left=left, right=right):
                turned = bool(self._inputs(right))
                side, constant = (right, left) if turned else (left, right)
                found, value = self._linear(side, answers), compiled(constant)(answers)
                if found is None or not self._counts(found[0]) or isinstance(value, bool) or not _is_number(value):
                    return None
                name, factor, addend = found
                number = Fraction(value)
                if operator == "*":
                    line = self.sheet.allowed[name].line
                    whole = isinstance(line, Numbers) and line.step is None
                    return (name, factor * number, addend * number) if whole else None
                if operator == "+":
                    return name, factor, addend + number
                return (name, -factor, number - addend) if turned else (name, factor, addend - number)
        return None

    def _counts(self, name: str) -> bool:
        return isinstance(self.sheet.allowed[name].line, Numbers)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) or (hasattr(value, "is_finite") and value.is_finite())


def _parts(node: Not | Choose) -> tuple[Node, ...]:
    return (node.operand,) if isinstance(node, Not) else (node.then, node.test, node.other)
