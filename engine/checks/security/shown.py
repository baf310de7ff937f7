"""exposure: a field is shown to somebody whom the access lines of its form keep it from.

A step's `read` and a template show what they name whatever the access lines say, so naming a field there is where the
right is given away, also to those whom the task is passed on to or who stand in; `edit` grants on purpose (LANGUAGE 12.7).
A formula gives away what it is made of. Of a dashboard, and of records that a template reaches by a
reference, only fields that a role is expressly kept from count: a sum, or the name of a customer, opens no record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.checks.pack_view import View
from engine.checks.security.readers import Reader, of_role, of_step
from engine.checks.security.reading import (
    confidential_to,
    fields_given,
    fields_read,
    keeps_back,
    kept_from,
    may_read,
    readers,
    through_formulas,
)
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Name, walk
from engine.language.expressions.types import Names
from engine.language.kinds.dashboard import Dashboard
from engine.language.kinds.form import Form
from engine.language.kinds.node import Node
from engine.language.kinds.template import Template
from engine.language.messages import security
from engine.language.places import Place
from engine.language.scopes import bare
from engine.language.source import Span, place_of
from engine.language.values import Formula


def check(view: View) -> Iterator[Diagnostic]:
    yield from _labels(view)
    yield from _formulas(view)
    yield from _dashboards(view)
    yield from _steps(view)
    yield from _templates(view)


def _labels(view: View) -> Iterator[Diagnostic]:
    for place in view.places:
        form = place.definition
        if not isinstance(form, Form) or place.keys[:1] != ("label",):
            continue
        expression = getattr(place.holds, "expression", place.holds)
        if not isinstance(expression, Expression):
            continue
        for name in sorted({path[0] for path in expression.reads} & set(map(str, form.fields))):
            role = kept_from(form, name)
            if role is not None:
                yield _finding(expression.span, form, name, of_role(role, view), "the label shows", "记录名称会显示")
        for of, field, node in fields_given(expression, place.names, view):
            declared = view.pack.get(Form, of) if of != form.name else None
            role = next((r for r in readers(form) if declared and _kept_back(declared, r, field, view)), None)
            if declared is not None and role is not None:
                at = expression.place(node)
                yield _finding(at, declared, field, of_role(role, view), "the label shows", "记录名称会显示")


def _dashboards(view: View) -> Iterator[Diagnostic]:
    told: set[tuple[str, str, str]] = set()
    for place in view.places:
        dashboard = place.definition
        if not isinstance(dashboard, Dashboard) or not isinstance(place.holds, Expression):
            continue
        for form, field, node in fields_read(place.holds, place.names, view):
            declared = view.pack.get(Form, form)
            for role in dashboard.for_:
                if declared is None or role not in readers(declared) or may_read(declared, role, field):
                    continue
                if (form, field, role) not in told:
                    told.add((form, field, role))
                    at = place.holds.place(node)
                    yield _finding(at, declared, field, of_role(role, view), "the dashboard shows", "看板会显示")


def _formulas(view: View) -> Iterator[Diagnostic]:
    """A formula that a role may read, made of a field that the same role is expressly kept from."""
    for form in view.pack.kind(Form).values():
        for name, field in form.fields.items():
            if field.formula is None:
                continue
            for of, read, node in fields_given(field.formula, bare(form.name, view.types), view, form):
                declared = view.pack.get(Form, of)
                roles = [r for r in readers(form) if may_read(form, r, str(name))]
                role = next((r for r in roles if declared is not None and _kept_back(declared, r, read, view)), None)
                if declared is not None and role is not None:
                    what = (f"the formula '{name}' gives away", f"公式“{name}”会泄露")
                    yield _finding(field.formula.place(node), declared, read, of_role(role, view), *what)
                    break


def _kept_back(form: Form, role: str, field: str, view: View) -> bool:
    return keeps_back(form, role, field) and of_role(role, view).kept_from(form, field)


def _steps(view: View) -> Iterator[Diagnostic]:
    names_of = _names(view)
    for definition, _, node in view.of(Node):
        form = view.pack.get(Form, str(getattr(definition, "case", None)))
        names = getattr(node, "read", None)
        if form is None or form.access is None or not names:
            continue
        told: set[str] = set()
        for reader in of_step(node, names_of.get(id(node)), definition, view):
            for name in (n for n in names if n in form.fields and (reader.meant or n not in told)):
                if reader.kept_from(form, str(name)) and (reader.meant or reader.reads(form)):
                    told.add(str(name))
                    yield _finding(place_of(name), form, str(name), reader, "this step shows", "该步骤会显示")


def _templates(view: View) -> Iterator[Diagnostic]:
    holes: dict[str, list[Place]] = {}
    for place in view.places:
        if isinstance(place.definition, Template) and isinstance(place.holds, Expression):
            holes.setdefault(place.definition.name, []).append(place)
    given = _given(view)
    names_of = _names(view)
    told: set[Diagnostic] = set()
    for definition, _, node in view.of(Node):
        name = str(getattr(getattr(node, "template", None), "text", ""))
        if name not in holes:
            continue
        for reader in of_step(node, names_of.get(id(node)), definition, view):
            for place in (*holes[name], *given.get(id(node), ())):
                for finding in _printed(place, reader, view):
                    if finding not in told:
                        told.add(finding)
                        yield finding


def _given(view: View) -> dict[int, list[Place]]:
    """What steps hand over to templates, by the identity of the step."""
    found: dict[int, list[Place]] = {}
    for place in view.places:
        if (
            place.node is not None
            and len(place.keys) > 1
            and place.keys[-2] == "give"
            and hasattr(place.node, "template")
        ):
            found.setdefault(id(place.node), []).append(place)
    return found


def _printed(place: Place, reader: Reader, view: View) -> Iterator[Diagnostic]:
    expression = place.holds.expression if isinstance(place.holds, Formula) else place.holds
    if not isinstance(expression, Expression):
        return
    of = str(getattr(place.definition, "for_", None) or getattr(place.definition, "case", None))
    reads = [*fields_read(expression, place.names, view), *_of_rows(expression, place, view)]
    for name, field, node in reads:
        at = expression.place(node)
        form = view.pack.get(Form, name)
        if form is None or form.access is None:
            continue
        if reader.outside is None and (name == of or reader.reads(form)) and reader.kept_from(form, field):
            yield _finding(at, form, field, reader, "the template prints", "模板会打印")
        for inner, read in through_formulas(name, field, view) if reader.outside is not None else ():
            kept = confidential_to(inner, read) if inner.name != reader.outside else None
            if kept is not None:
                made = "" if (inner.name, read) == (name, field) else f" (in {name}.{field})"
                yield security.exposure(
                    at,
                    f"the template goes to people outside and prints {inner.name}.{read}{made}, which '{kept}' may not even read",
                    f"模板发给外部人员，却打印了连“{kept}”都不能查看的 {inner.name}.{read}",
                    "take the field out of the template",
                    "请从模板中去掉该字段",
                )
                break


def _of_rows(expression: Expression, place: Place, view: View) -> Iterator[tuple[str, str, Any]]:
    """A copy's row shows the list that it is a row of."""
    each = place.node.for_each if place.node is not None else None
    if each is None or each.in_ is None:
        return
    inside = view.place_of.get(id(each.in_))
    for node in walk(expression.tree):
        if isinstance(node, Name) and node.name == each.as_ and inside is not None:
            whole = next((read for read in fields_read(each.in_, inside.names, view) if read[2] is each.in_.tree), None)
            if whole is not None:
                yield whole[0], whole[1], node


def _names(view: View) -> dict[int, Names]:
    """The names that the expressions of a node may read, by the node's identity."""
    return {id(place.node): place.names for place in reversed(view.places) if place.node is not None}


def _finding(span: Span, form: Form, field: str, reader: Reader, what_en: str, what_zh: str) -> Diagnostic:
    role = not reader.person
    who = f"'{reader.name}'" if role else reader.name
    return security.exposure(
        span,
        f"{what_en} {form.name}.{field} to {who}{reader.how[0]}, who may not read it",
        f"{what_zh} {form.name}.{field}，而“{reader.name}”{reader.how[1]}无权查看",
        f"take it out, or let {who if role else 'a role of theirs'} read it in the access lines of {form.name}",
        f"请去掉它，或在 {form.name} 的权限行中允许{f'“{reader.name}”' if role else '其角色'}查看",
    )
