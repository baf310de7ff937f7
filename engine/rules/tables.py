"""From a decision's definition to a Table that can be asked: cells and outputs read by the types of their columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from zoneinfo import ZoneInfo

from engine.language.cells import AnyValue, Cell, ReadLiteral, others, parse_cell
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.types import Choice, Type, words
from engine.language.kinds.decision import Decision
from engine.language.literals import read_literal
from engine.language.messages import syntax, type_errors
from engine.language.source import Span, place_of
from engine.language.yamltree import Scalar, Tree
from engine.rules.decisions import HitPolicy, Table, TableRow


def table_of(
    decision: Decision, inputs: Mapping[str, Type], outputs: Mapping[str, Type], zone: ZoneInfo
) -> Table | list[Diagnostic]:
    """The table, or what is wrong with its cells: each column's type is in `inputs` and `outputs`."""
    problems: list[Diagnostic] = []
    rows = [_row(row, inputs, outputs, zone, decision.span, problems) for row in decision.rules]
    none = {str(n): _output(n, tree, outputs, zone, problems) for n, tree in decision.answers_if_none.items()}
    if problems:
        return problems
    ranks = {name: tuple(type_.entries) for name, type_ in outputs.items() if isinstance(type_, Choice)}
    hit = cast(HitPolicy, str(decision.hit))
    return Table(decision.name, hit, tuple(inputs), tuple(outputs), tuple(rows), ranks, none)


def _row(
    row: Mapping[str, Tree],
    inputs: Mapping[str, Type],
    outputs: Mapping[str, Type],
    zone: ZoneInfo,
    table: Span,
    problems: list[Diagnostic],
) -> TableRow:
    columns = [*inputs, *outputs]
    place = next((place_of(name) for name in row), table)
    problems += [
        syntax.unknown_key(place_of(name), name, "a row", columns, "行") for name in row if name not in columns
    ]
    problems += [syntax.missing_key(place, name, "a row", "行") for name in columns if name not in row]
    cells = [_cell(row[name], type_, inputs, zone, problems) for name, type_ in inputs.items() if name in row]
    values = [_output(name, row[name], outputs, zone, problems) for name in outputs if name in row]
    return TableRow(tuple(cells), tuple(values))


def _cell(tree: Tree, type_: Type, inputs: Mapping[str, Type], zone: ZoneInfo, problems: list[Diagnostic]) -> Cell:
    found = parse_cell(tree, literal_reader(type_, zone), tree.span)
    if isinstance(found, Diagnostic):
        problems.append(found)
        return AnyValue()
    for other in others(found):
        if other.name not in inputs:
            problems.append(type_errors.unknown_variable(other.span, other.name, "the table", "该表", list(inputs)))
    return found


def literal_reader(type_: Type, zone: ZoneInfo) -> ReadLiteral:
    """Reads the values of one column."""

    def read(text: str, span: Span) -> Any:
        return read_literal(text, span, type_, zone)

    return read


def _output(name: str, tree: Tree, outputs: Mapping[str, Type], zone: ZoneInfo, problems: list[Diagnostic]) -> Any:
    type_ = outputs.get(name)
    if type_ is None:
        problems.append(syntax.unknown_key(place_of(name), name, "the outputs", list(outputs), "输出"))
        return None
    if not isinstance(tree, Scalar):
        problems.append(syntax.wrong_shape(tree.span, *words(type_)))
        return None
    value = read_literal(tree.text, tree.inner, type_, zone)
    if isinstance(value, Diagnostic):
        problems.append(value)
        return None
    return value
