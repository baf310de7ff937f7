"""What is known of a transaction: its writes, its conditions, its names; and the forms that paths lead to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.checks.conditions.formula import Formula
from engine.checks.dataflow.without import Step
from engine.checks.musts.trees import Formulas, Written
from engine.checks.pack_view import View
from engine.language.expressions.tree import Call, Literal, Node, Path
from engine.language.expressions.types import Names, RecordType
from engine.language.kinds.form import Form
from engine.language.source import Span


@dataclass(frozen=True)
class Touch:
    """A field of a record was written: by the path of the record it is in, where, by which node; `said`: as it is spelled
    there."""

    path: Path
    span: Span
    node: str
    said: Path = ()


@dataclass(frozen=True)
class Done:
    """One transaction when it rests. `asked`: the paths that a person or a message filled in as it began; `copied`: it ran
    in copies beside others; `beside`: names of fields that other branches write meanwhile."""

    way: tuple[Step, ...]
    written: Written
    names: dict[str, Any]
    conditions: tuple[Formula, ...]
    touches: tuple[Touch, ...]
    asked: frozenset[Path]
    new: frozenset[str]
    beside: frozenset[str] = frozenset()
    copied: bool = False

    @property
    def all_names(self) -> dict[str, Any]:
        """The names of the places on the way and of what is not known."""
        return {**self.names, **self.written.types}


class Inlined(Formulas):
    """The formula fields of the pack, through whatever path they are read."""

    def __init__(self, view: View, names: Mapping[str, Any]) -> None:
        self.view, self.names = view, names

    def of(self, path: Path) -> tuple[Node, Mapping[str, Any]] | None:
        if len(path) < 2:
            return None
        form = form_at(path[:-1], self.view, self.names)
        field = form.fields.get(path[-1]) if form is not None else None
        if form is None or field is None or field.formula is None:
            return None
        return field.formula.tree, form.fields


def form_at(path: Path, view: View, names: Mapping[str, Any]) -> Form | None:
    """The form of the record that a path leads to; None where it is none, or one of several."""
    found: Any = names.get(path[0])
    for name in path[1:]:
        if isinstance(found, Names):
            found = found.known.get(name)
        elif isinstance(found, RecordType) and len(found.forms) == 1:
            found = view.types.form(found.forms[0]).get(name)
        else:
            return None
    return view.pack.get(Form, found.forms[0]) if isinstance(found, RecordType) and len(found.forms) == 1 else None


def as_tree(value: Any) -> Node | None:
    """A value as the tree of a constant."""
    if isinstance(value, bool | int | str | Decimal):
        return Literal(0, 0, 1, value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        parts = tuple(Literal(0, 0, 1, part) for part in (value.year, value.month, value.day))
        return Call(0, 0, 1, "date", parts, ())
    return None
