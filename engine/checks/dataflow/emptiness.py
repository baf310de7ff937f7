"""null-unsafe: emptiness changes what a condition or a sum means, and nobody said so.

`not` holds where what it asks about is empty, `!=` and `not in` do not (LANGUAGE section 10): over a field that may be
empty both are findings until has(x) stands beside them, or something before them made sure of it. A sum with an empty
part is empty: written to a required field the step is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.dataflow.filled import NOTHING, Filled, filled_if, reads, with_way
from engine.checks.dataflow.flows import filled_where
from engine.checks.dataflow.optional import Optional
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.expressions import types
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Arithmetic, Call, Choose, Compare, Each, Logic, Node, Not, children
from engine.language.expressions.types import Names, RecordType
from engine.language.kinds.events import Event
from engine.language.kinds.form import Field, Form
from engine.language.kinds.workflow import Workflow
from engine.language.messages import dataflow
from engine.language.places import Place
from engine.language.values import Formula, formulas_of
from engine.language.walk import structs


def check(view: View) -> Iterator[Diagnostic]:
    """null-unsafe."""
    known = filled_where(view)
    optional = Optional(view)
    for place in view.places:
        for expression in _expressions(place):
            filled = known.get(id(expression), NOTHING) | _declared(place)
            asked = _Asked(expression, place, optional)
            yield from asked.visit(expression.tree, place.names, filled)
            yield from _amount(expression, place, filled, optional, view)


def _expressions(place: Place) -> Iterator[Expression]:
    if isinstance(place.holds, Expression):
        yield place.holds
    elif not isinstance(place.holds, Diagnostic) and isinstance(place.holds, Formula):
        yield from formulas_of(place.holds)


def _declared(place: Place) -> Filled:
    """What the keys beside a rule or an event make sure of."""
    definition, keys = place.definition, place.keys
    found: Filled = NOTHING
    if isinstance(definition, Form) and keys[0] == "must" and keys[-1] == "that" and definition.must is not None:
        rule = definition.must[keys[1]]
        if rule.only_if is not None:
            found |= filled_if(rule.only_if.tree, True)
        if rule.unless is not None:
            found |= filled_if(rule.unless.tree, False)
    if isinstance(definition, Workflow) and keys[-1] in ("that", "if"):
        for _, struct in structs(definition if place.node is None else place.node):
            if isinstance(struct, Event) and place.holds in (struct.that, struct.if_):
                found = found.union(*(with_way(tuple(str(path).split("."))) for path in struct.needs or ()))
                for condition in (struct.once, struct.becomes):
                    found |= filled_if(condition.tree, True) if condition is not None else NOTHING
    return found


class _Asked:
    """One expression: where it asks `not`, `!=` or `not in` of what may be empty; each such place once."""

    def __init__(self, expression: Expression, place: Place, optional: Optional) -> None:
        self.expression, self.place, self.optional = expression, place, optional

    def visit(self, node: Node, names: Names, known: Filled) -> Iterator[Diagnostic]:
        match node:
            case Not(operand=operand):
                found = self._empty(operand, names, known)
                if found is not None:
                    yield dataflow.null_unsafe(self.expression.place(node), found, "not")
                    return
                yield from self.visit(operand, names, known)
            case Compare(operator="!=" | "not in" as operator):
                found = self._empty(node, names, known)
                if found is not None:
                    yield dataflow.null_unsafe(self.expression.place(node), found, operator)
            case Logic(operator=operator, operands=operands):
                for place, part in enumerate(operands):
                    others = [filled_if(o, operator == "and") for i, o in enumerate(operands) if i != place]
                    yield from self.visit(part, names, known.union(*others))
            case Choose(then=then, test=test, other=other):
                yield from self.visit(test, names, known)
                yield from self.visit(then, names, known | filled_if(test, True))
                yield from self.visit(other, names, known | filled_if(test, False))
            case Each(value=value, variable=variable, rows=rows, test=test):
                inner = names.child({variable: self.optional.element(rows, names)})
                hidden = frozenset(path for path in known if path.split(".")[0] != variable)
                if test is not None:
                    yield from self.visit(test, inner, hidden)
                    hidden |= filled_if(test, True)
                yield from self.visit(value, inner, hidden)
            case _:
                for child in children(node):
                    yield from self.visit(child, names, known)

    def _empty(self, node: Node, names: Names, known: Filled) -> str | None:
        """What may be empty of all that is read here, outside of what runs over rows."""
        if isinstance(node, Call) and any(isinstance(argument, Each) for argument in node.arguments):
            return None
        if not isinstance(node, Logic | Compare | Not | Arithmetic | Call | Choose):
            return self._path(node, names, known)
        if isinstance(node, Call | Arithmetic | Choose | Logic):
            for read in reads(node, known):
                found = self.optional.in_path(read.path, names, self.place.definition, read.known)
                if found is not None and not _in_rows(node, read.node):
                    return found
            return None
        for child in children(node):
            found = self._empty(child, names, known)
            if found is not None:
                return found
        return None

    def _path(self, node: Node, names: Names, known: Filled) -> str | None:
        for read in reads(node, known):
            found = self.optional.in_path(read.path, names, self.place.definition, read.known)
            if found is not None:
                return found
        return None


def _in_rows(root: Node, node: Node) -> bool:
    """Whether `node` stands inside a generator of `root`."""
    todo = [root]
    while todo:
        one = todo.pop()
        if isinstance(one, Each) and one.offset <= node.offset < one.offset + one.length:
            return True
        todo.extend(children(one))
    return False


# -- sums


def _amount(
    expression: Expression, place: Place, known: Filled, optional: Optional, view: View
) -> Iterator[Diagnostic]:
    if not isinstance(expression.tree, Arithmetic) or place.wants == types.TEXT or place.node is None:
        return
    target = _target(place, view)
    if target is None or not target[1].required or target[1].type in ("text", "long_text"):
        return
    found = optional.in_tree(expression.tree, place.names, place.definition, known)
    if found is not None:
        yield dataflow.empty_amount(expression.place(expression.tree), found, target[0])


def _target(place: Place, view: View) -> tuple[str, Field] | None:
    """The field that a value place of a step is written to."""
    keys, node = place.keys, place.node
    if len(keys) < 2 or keys[-2] not in ("set", "with"):
        return None
    if keys[-2] == "with":
        made = (getattr(node, "records", None) or {}).get(keys[-3])
        form, field = getattr(made or getattr(node, "adds", None), "form", None), keys[-1]
    else:
        owner, _, field = keys[-1].rpartition(".")
        type_ = view.walker.path_type(owner, place.names)
        form = type_.forms[0] if isinstance(type_, RecordType) and type_.forms else None
    declared = view.pack.get(Form, str(form))
    found = declared.fields.get(field) if declared is not None else None
    return (f"{form}.{field}", found) if found is not None else None
