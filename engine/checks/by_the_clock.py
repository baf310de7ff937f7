"""Rules and conditions that ask the time through a field: its formula uses today() or now(), or reads one that does.

What says so itself is found with the types.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.functions import TABLE
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Call, Each, Node, Path, children, paths, walk
from engine.language.expressions.tree import Field as FieldOf
from engine.language.expressions.types import ListOf, Names, RecordType, Type
from engine.language.kinds.form import Form
from engine.language.messages import type_errors
from engine.language.place import Place

MOST_DEEP = 4
"""Formulas that read formulas are followed so deep."""


def check(view: View) -> Iterator[Diagnostic]:
    """rule-changes-with-time and time-in-condition, by way of a formula."""
    for place in view.places:
        if place.clock is not None and isinstance(place.holds, Expression):
            yield from _asked(place.holds, place, view)


def _asked(expression: Expression, place: Place, view: View) -> Iterator[Diagnostic]:
    told: set[str] = set()
    for node in _read(expression.tree, place.clock == "condition"):
        for path in sorted(paths(node)):
            found = _clock(
                path, place.names, place.definition.name if isinstance(place.definition, Form) else None, view
            )
            if found is None or found[0] in told:
                continue
            told.add(found[0])
            spelled = next((n for n in walk(node) if isinstance(n, FieldOf) and n.name == path[-1]), node)
            say = type_errors.rule_changes_by_formula if place.clock == "must" else type_errors.time_in_formula
            yield say(expression.place(spelled), *found)


def _read(tree: Node, whole_lists: bool) -> Iterator[Node]:
    """The parts that are looked at; a condition does not go into the rows of a list (LANGUAGE section 3)."""
    if whole_lists and any(isinstance(part, Each) for part in children(tree)):
        return
    if whole_lists and children(tree) and not isinstance(tree, FieldOf):
        for part in children(tree):
            yield from _read(part, whole_lists)
    else:
        yield tree


def _clock(path: Path, names: Names, form: str | None, view: View, deep: int = 0) -> tuple[str, str] | None:
    """The field on a path whose formula asks the time, dotted, and the function that it calls; None when none does."""
    bare = form is not None and path[0] in view.types.form(form)
    of: Type | Names | None = RecordType((str(form),)) if bare else names.known.get(path[0])
    begin = 0 if bare else 1
    for at in range(begin, len(path)):
        of = of.of if isinstance(of, ListOf) else of
        if not isinstance(of, RecordType):
            return None
        for owner in of.forms:
            calls = _calls(owner, path[at], view, deep)
            if calls is not None:
                return ".".join(path[: at + 1]), calls
        of = view.types.form_field(of.forms[0], path[at])
    return None


def _calls(form: str, field: str, view: View, deep: int) -> str | None:
    declared = view.pack.get(Form, form)
    found = declared.fields.get(field) if declared is not None else None
    if found is None or found.formula is None or deep > MOST_DEEP:
        return None
    for node in walk(found.formula.tree):
        if isinstance(node, Call) and node.function in TABLE and TABLE[node.function].clock:
            return node.function
    for path in sorted(found.formula.reads):
        below = _clock(path, Names({}), form, view, deep + 1)
        if below is not None:
            return below[1]
    return None
