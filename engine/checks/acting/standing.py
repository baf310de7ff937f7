"""What a path of an expression stands for, where the expression stands: its type, its field, whether it may be empty."""

from __future__ import annotations

from typing import Any

from engine.checks.dataflow.filled import NOTHING, path_of, reads
from engine.checks.dataflow.flows import filled_where
from engine.checks.dataflow.optional import Optional
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.expressions import types
from engine.language.expressions.check import check as type_of
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.tree import Call
from engine.language.expressions.types import Names, RecordType, Type
from engine.language.kinds.form import Field, Form

NOT_FIELDS = frozenset({"case", "steps", "starter", "assignee", "person"})
"""Whether these are filled is asked elsewhere: read-before-write."""


def type_at(view: View, path: str, names: Names) -> Type:
    parsed = parse(path)
    return types.ANY if isinstance(parsed, Diagnostic) else type_of(parsed, names, view.types.vocabulary)[0]


def declared(view: View, path: str, names: Names) -> Field | None:
    """The field of a form that a path ends in."""
    owner, _, name = path.rpartition(".")
    type_ = type_at(view, owner, names) if owner else types.ANY
    form = view.pack.get(Form, type_.forms[0]) if isinstance(type_, RecordType) and len(type_.forms) == 1 else None
    return form.fields.get(name) if form is not None else None


def may_be_empty(view: View, expression: Expression, path: str) -> bool:
    """Whether what the expression reads there may be empty: neither declared to be filled, nor made sure of before."""
    place, parts = view.place_of.get(id(expression)), tuple(path.split("."))
    if place is None or parts[0] in NOT_FIELDS:
        return False
    here = filled_where(view).get(id(expression), NOTHING)
    asked = [r.known for r in reads(expression.tree, here) if all(a == b for a, b in zip(r.path, parts, strict=False))]
    return any(Optional(view).in_path(parts, place.names, place.definition, known) for known in asked or [here])


def empty_path(view: View, who: Any) -> str | None:
    """What may be empty so that nobody comes out of a path, or of a function of it, whoever the persons are."""
    place = view.place_of.get(id(who)) if isinstance(who, Expression) else None
    if place is None or not isinstance(who, Expression):
        return None
    tree = who.tree.arguments[0] if isinstance(who.tree, Call) and who.tree.arguments else who.tree
    path = path_of(tree)
    if path is None or path[0] in NOT_FIELDS:
        return None
    known = filled_where(view).get(id(who), NOTHING)
    return Optional(view).in_path(path, place.names, place.definition, known)


def persons_read(view: View, expression: Expression) -> dict[str, frozenset[Any]]:
    """The paths of persons that an expression reads, with whoever each may be: None is nobody."""
    place = view.place_of.get(id(expression))
    found: dict[str, frozenset[Any]] = {}
    for path in expression.reads if place is not None else ():
        heads = [".".join(path[:end]) for end in range(1, len(path) + 1)]
        head = next((h for h in heads if place is not None and type_at(view, h, place.names) == types.PERSON), None)
        if head is None or place is None:
            continue
        field = declared(view, head, place.names)
        everybody = view.staff.people.members(str(field.role) if field is not None and field.role else None, None)
        empty = path[0] in NOT_FIELDS or may_be_empty(view, expression, head)
        found[head] = frozenset([*everybody, None] if empty else everybody)
    return found
