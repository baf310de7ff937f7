"""exposure: a field is shown to somebody whom the access lines of its form keep it from.

A step's `read` and a template show what they name whatever the access lines say, so naming a field there is where the
right is given away; `edit` grants on purpose (LANGUAGE 12.7). Of a dashboard, and of records that a template reaches by a
reference, only fields that a role is expressly kept from count: a sum, or the name of a customer, opens no record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.checks.pack_view import View
from engine.checks.security.reading import confidential_to, fields_read, kept_from, may_read, readers
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.check import Checker
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Field
from engine.language.expressions.types import ListOf, Names, RecordType
from engine.language.kinds.dashboard import Dashboard
from engine.language.kinds.form import Form
from engine.language.kinds.node import Node
from engine.language.kinds.people import Group
from engine.language.kinds.template import Template
from engine.language.messages import security
from engine.language.places import Place
from engine.language.source import Span, place_of

OUTSIDE = "*"
"""Before a form: somebody who is no person of the organization but a record with a phone or an e-mail."""


def check(view: View) -> Iterator[Diagnostic]:
    yield from _labels(view)
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
                yield _finding(expression.span, form, name, role, "the label shows", "记录名称会显示")


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
                    yield _finding(at, declared, field, role, "the dashboard shows", "看板会显示")


def _steps(view: View) -> Iterator[Diagnostic]:
    names_of = _names(view)
    for definition, _, node in view.of(Node):
        form = view.pack.get(Form, str(getattr(definition, "case", None)))
        names = getattr(node, "read", None)
        if form is None or form.access is None or not names:
            continue
        roles = [role for role in _roles(node, names_of.get(id(node)), view) if not role.startswith(OUTSIDE)]
        for name in names:
            for role in roles:
                if name in form.fields and _keeps(form, role, str(name), view):
                    yield _finding(place_of(name), form, str(name), role, "this step shows", "该步骤会显示")


def _templates(view: View) -> Iterator[Diagnostic]:
    holes: dict[str, list[Place]] = {}
    for place in view.places:
        if isinstance(place.definition, Template) and isinstance(place.holds, Expression):
            holes.setdefault(place.definition.name, []).append(place)
    names_of = _names(view)
    told: set[Diagnostic] = set()
    for _, _, node in view.of(Node):
        name = str(getattr(getattr(node, "template", None), "text", ""))
        if name not in holes:
            continue
        for role in _roles(node, names_of.get(id(node)), view):
            for place in holes[name]:
                for finding in _printed(place, role, view):
                    if finding not in told:
                        told.add(finding)
                        yield finding


def _printed(place: Place, role: str, view: View) -> Iterator[Diagnostic]:
    expression = place.holds
    if not isinstance(expression, Expression):
        return
    for name, field, node in fields_read(expression, place.names, view):
        form, at = view.pack.get(Form, name), expression.place(node)
        if form is None or form.access is None:
            continue
        outside = role.startswith(OUTSIDE)
        own = name == getattr(place.definition, "for_", None)
        if not outside and (own or role in readers(form)) and _keeps(form, role, field, view):
            yield _finding(at, form, field, role, "the template prints", "模板会打印")
        elif outside and role != OUTSIDE + name and (kept := confidential_to(form, field)) is not None:
            yield security.exposure(
                at,
                f"the template goes to people outside and prints {form.name}.{field}, which '{kept}' may not even read",
                f"模板发给外部人员，却打印了连“{kept}”都不能查看的 {form.name}.{field}",
                "take the field out of the template",
                "请从模板中去掉该字段",
            )


def _keeps(form: Form, role: str, field: str, view: View) -> bool:
    """Whether somebody has the role and, with all of their roles, may not read the field."""
    organization = view.pack.organization
    people = [p for p in organization.people.values() if role in p.roles] if organization is not None else []
    return any(not any(may_read(form, str(one), field) for one in person.roles) for person in people)


def _names(view: View) -> dict[int, Names]:
    """The names that the expressions of a node may read, by the node's identity."""
    return {id(place.node): place.names for place in reversed(view.places) if place.node is not None}


def _roles(node: Node, names: Names | None, view: View) -> list[str]:
    """The roles of those who get the step's task or text, as far as they are said; OUTSIDE for a record."""
    found: list[str] = []
    for key in ("assignee", "offer", "approvers", "to"):
        value: Any = getattr(node, key, None)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Group) and one.role is not None:
                found.append(str(one.role))
            elif isinstance(one, Expression) and names is not None:
                found += _of_expression(one, names, view)
    return list(dict.fromkeys(found))


def _of_expression(expression: Expression, names: Names, view: View) -> list[str]:
    checker = Checker(expression, names, view.types.vocabulary)
    given = checker.type_of(expression.tree, names)
    one = given.of if isinstance(given, ListOf) else given
    if isinstance(one, RecordType):
        return [OUTSIDE + form for form in one.forms]
    tree = expression.tree
    for form, field, node in fields_read(expression, names, view):
        declared = view.pack.get(Form, form)
        if isinstance(tree, Field) and node is tree and declared is not None and field in declared.fields:
            role = declared.fields[field].role
            return [str(role)] if role is not None else []
    return []


def _finding(span: Span, form: Form, field: str, role: str, what_en: str, what_zh: str) -> Diagnostic:
    return security.exposure(
        span,
        f"{what_en} {form.name}.{field} to '{role}', who may not read it",
        f"{what_zh} {form.name}.{field}，而“{role}”无权查看",
        f"take it out, or let '{role}' read it in the access lines of {form.name}",
        f"请去掉它，或在 {form.name} 的权限行中允许“{role}”查看",
    )
