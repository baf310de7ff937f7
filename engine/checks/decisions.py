"""Cells: every row answers every column, and every cell is words that its column can hold; bands of scorings too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from engine.checks.pack_view import View
from engine.checks.regions import Line, line_of
from engine.language.cells import AnyValue, Between, Cell, Is, others, parse_cell, parts
from engine.language.diagnostics import Diagnostic, nearest
from engine.language.expressions.types import NUMBER, Choice, Choices, ListOf, Type
from engine.language.kinds.decision import Decision
from engine.language.kinds.scoring import Scoring
from engine.language.literals import read_literal
from engine.language.messages import decisions, syntax, type_errors
from engine.language.source import Span, place_of
from engine.language.yamltree import Scalar, Sequence, Tree

UTC = ZoneInfo("UTC")


def check(view: View) -> Iterator[Diagnostic]:
    """cell-type, wrong-shape and unknown-key of rows, unknown-variable of `= other`, unknown-choice of a band."""
    for decision in view.pack.kind(Decision).values():
        inputs, outputs = view.types.decision_inputs(decision.name), view.types.decision_outputs(decision.name)
        for twice in inputs.keys() & outputs.keys():
            name = next(key for key in decision.outputs if key == twice)
            yield syntax.duplicate_key(place_of(name), twice, place_of(next(k for k in decision.inputs if k == twice)))
        for row in decision.rules:
            yield from _columns(row, {**inputs, **outputs}, decision, "a row")
            for name, tree in row.items():
                if name in inputs:
                    yield from _cell(tree, inputs[name], inputs)
                elif name in outputs:
                    yield from _output(tree, outputs[name], view)
        yield from _if_none(decision, outputs, view)
    for scoring in view.pack.kind(Scoring).values():
        for tree in scoring.grades.values():
            yield from _cell(tree, NUMBER, {})
        yield from _grades(scoring, view)


def _if_none(decision: Decision, outputs: Mapping[str, Type], view: View) -> Iterator[Diagnostic]:
    """Said at each output, or once for all of them."""
    for_all = decision.if_none
    if for_all is not None:
        yield from _columns(for_all, outputs, decision, "if_none")
        for name in for_all:
            own = decision.outputs[name] if name in outputs else None
            if own is not None and own.if_none is not None:
                yield syntax.duplicate_key(own.place("if_none"), "if_none", place_of(name))
    for name, tree in decision.answers_if_none.items():
        if name in outputs:
            yield from _output(tree, outputs[name], view)


def _columns(
    row: Mapping[str, Tree], columns: Mapping[str, Type], decision: Decision, where: str
) -> Iterator[Diagnostic]:
    where_zh = f"{decision.name} 的{'规则行' if where == 'a row' else where}"
    meant: set[str | None] = set()
    for name in row:
        if name not in columns:
            meant.add(nearest(name, columns))
            yield syntax.unknown_key(place_of(name), name, f"{where} of {decision.name}", columns, where_zh)
    first = next(iter(row), None)
    place = place_of(first) if first is not None else decision.span
    for name in columns:
        if name not in row and name not in meant:  # a slip of a column is not also a missing one
            yield syntax.missing_key(place, name, f"{where} of {decision.name}", where_zh)


def _cell(tree: Tree, type_: Type, inputs: Mapping[str, Type]) -> Iterator[Diagnostic]:
    """One condition: the words, their values by the column's type, and other inputs of the same type."""

    def read(text: str, span: Span) -> object:
        value = read_literal(text, span, _value_type(type_), UTC)
        return decisions.no_value_of_column(value) if isinstance(value, Diagnostic) else value

    cell = parse_cell(tree, read, tree.span)
    if isinstance(cell, Diagnostic):
        yield cell
        return
    for other in others(cell):
        if other.name not in inputs:
            yield type_errors.unknown_variable(other.span, other.name, "this table", "该表", inputs)
    line = line_of(type_)
    if line is not None:
        yield from _on_line(cell, line, tree, {name: line_of(of) for name, of in inputs.items()})


def _on_line(cell: Cell, line: Line, tree: Tree, inputs: Mapping[str, Line | None]) -> Iterator[Diagnostic]:
    """Words of an order stand only where values have one; another input has values of the same kind."""
    text = tree.text if isinstance(tree, Scalar) else "..."
    if not line.ordered and any(isinstance(part, Between) for part in parts(cell)):
        yield decisions.cell_type(
            tree.span, text, "the values of this column have no order", "该列的值没有大小顺序", "[x, y]"
        )
    for other in others(cell):
        beside = inputs.get(other.name)
        if beside is not None and beside != line:
            yield decisions.cell_type(
                other.span,
                text,
                f"{other.name} has values of another kind",
                f"{other.name} 的值属于另一种类型",
                "= other_input",
            )


def _value_type(type_: Type) -> Type:
    """A cell of a list column is about one of its entries."""
    if isinstance(type_, Choices):
        return type_.of
    return type_.of if isinstance(type_, ListOf) else type_


def _output(tree: Tree, type_: Type, view: View) -> Iterator[Diagnostic]:
    """One answer: a value of the output's type; the words of a condition are no answer."""
    scalars = tree.items if isinstance(tree, Sequence) and isinstance(type_, Choices | ListOf) else (tree,)
    for scalar in scalars:
        if not isinstance(scalar, Scalar):
            yield decisions.cell_type(tree.span, "...", "an answer is one value", "答案只能是一个值")
            continue
        value = read_literal(scalar.text, scalar.inner, _value_type(type_), UTC)
        if not isinstance(value, Diagnostic):
            continue
        cell = parse_cell(scalar, lambda text, span: text, scalar.span)
        if isinstance(cell, AnyValue) or not isinstance(cell, Diagnostic | Is):
            yield decisions.cell_type(scalar.span, scalar.text, "an answer is one value", "答案只能是一个值")
        else:
            yield decisions.no_value_of_column(value)


def _grades(scoring: Scoring, view: View) -> Iterator[Diagnostic]:
    """The bands are entries of the field that the grade is written to."""
    field = scoring.writes.grade
    type_ = view.types.form_field(scoring.of, field) if field is not None else None
    if isinstance(type_, Choice):
        for band in scoring.grades:
            if band not in type_.entries:
                yield type_errors.unknown_choice(place_of(band), band, type_.name, type_.entries)
