"""Conditions and values of a workflow, worked out over what a transaction has written so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from engine.checks.conditions.formula import Formula
from engine.checks.conditions.reading import Reader, path_of
from engine.checks.musts.resting import Done, Inlined, as_tree
from engine.checks.musts.trees import EMPTY, Working, rows
from engine.checks.pack_view import View
from engine.language.expressions.check import check
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Node, Path
from engine.language.expressions.types import ANY, ListOf, Names, Type
from engine.language.expressions.types import Rows as RowType
from engine.language.literals import read_literal
from engine.language.values import Fields, Items, Value
from engine.language.values import Formula as FormulaValue
from engine.language.values import Literal as Scalar

UTC = ZoneInfo("UTC")


class Values:
    """Of one pack."""

    def __init__(self, view: View) -> None:
        self.view = view

    def type_of(self, path: Path, known: Mapping[str, Any]) -> Type:
        return self.view.walker.path_type(".".join(path), Names(known))

    # -- what a node writes

    def formula(self, expression: Expression, done: Done) -> Formula | None:
        """A condition over what has been written; None where it cannot be read."""
        tree = self.read(expression, done)
        if tree is None:
            return None
        return Reader(expression, Names(done.all_names), self.view.types.vocabulary).formula(tree)

    def read(self, expression: Expression, done: Done) -> Node | None:
        place = self.view.place_of.get(id(expression))
        if place is None or check(expression, place.names, self.view.types.vocabulary)[1]:
            return None
        self._learn(place.names, done)
        return Working(done.written, Inlined(self.view, done.all_names)).out(expression.tree)

    def _learn(self, names: Names, done: Done) -> None:
        for name, type_ in names.known.items():
            done.names.setdefault(name, type_)

    def where(self, path: Path, done: Done) -> Path:
        """A path by the record it leads to now: `case.contract.amount` is the new contract's."""
        for n in range(len(path) - 1, 0, -1):
            start = path_of(done.written.values[path[:n]]) if path[:n] in done.written.values else None
            if start is not None:
                return self.where((*start, *path[n:]), done)
        return path

    def tree(self, value: Value, wants: Type | None, done: Done) -> Node:
        """What a value is, over what has been written."""
        found = self._tree(value, wants, done)
        return done.written.unknown(wants or ANY) if found is None else found

    def _tree(self, value: Value, wants: Type | None, done: Done) -> Node | None:
        match value:
            case FormulaValue(expression=expression):
                return self._read_value(value, expression, done)
            case Items(items=items) if isinstance(wants, ListOf) and isinstance(wants.of, RowType):
                fields = wants.of.fields
                cells = [
                    {str(name): self.tree(cell, fields.get(str(name)), done) for name, cell in item.fields.items()}
                    if isinstance(item, Fields)
                    else {}
                    for item in items
                ]
                return rows(None, tuple(cells))
            case Scalar(text=text, span=span) if wants is not None:
                read: Any = read_literal(text, span, wants, UTC)
                if read is None:
                    return rows(None) if isinstance(wants, ListOf) else EMPTY
                return as_tree(read)
        return None

    def _read_value(self, value: FormulaValue, expression: Expression, done: Done) -> Node | None:
        place = self.view.place_of.get(id(value)) or self.view.place_of.get(id(expression))
        names = place.names if place is not None else Names(done.names)
        if check(expression, names, self.view.types.vocabulary)[1]:
            return None
        self._learn(names, done)
        return Working(done.written, Inlined(self.view, done.all_names)).out(expression.tree)
