"""Who gets to see what a step shows or a text says: people by their role, single persons, and records outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from engine.checks.acting.candidates import outcomes
from engine.checks.acting.steps import doers, person_steps
from engine.checks.pack_view import View
from engine.checks.security.reading import fields_read, may_read, readers
from engine.language.expressions.check import Checker
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Field
from engine.language.expressions.types import ListOf, Names, RecordType
from engine.language.kinds.form import Form
from engine.language.kinds.node import Node
from engine.language.kinds.people import Group
from engine.language.kinds.workflow import Workflow

PASSED = {
    "deadline": (", when the deadline passes it on", "（期限转交时）"),
    "nobody": (", when nobody else comes out", "（无其他人可办时）"),
}


@dataclass(frozen=True)
class Reader:
    """`name`: of a role, or of a `person`, and how they come to it (en, zh). `people`: the roles of each person that this
    may be. `outside`: the form of a record that has a phone or an e-mail, instead."""

    name: str
    people: tuple[tuple[str, ...], ...] = ()
    person: bool = False
    outside: str | None = None
    how: tuple[str, str] = ("", "")

    def kept_from(self, form: Form, field: str) -> bool:
        """Whether somebody of these, with all of their roles, may not read the field."""
        return any(not any(may_read(form, role, field) for role in roles) for roles in self.people)

    @property
    def meant(self) -> bool:
        """Whether the step names them itself: the others get the task some time, and see what it shows."""
        return not self.person and not self.how[0]

    def reads(self, form: Form) -> bool:
        """Whether some may read something of the form."""
        there = readers(form)
        return any(role in there for roles in self.people for role in roles)


def of_role(role: str, view: View) -> Reader:
    """Everybody who has the role; no role is known of nobody."""
    organization = view.pack.organization
    people = [p for p in organization.people.values() if role in p.roles] if organization is not None else []
    return Reader(role, tuple(tuple(map(str, person.roles)) for person in people))


def of_person(id: str, view: View, how: tuple[str, str] = ("", "")) -> Reader:
    organization = view.pack.organization
    person = organization.people.get(id) if organization is not None else None
    return Reader(id, (tuple(map(str, person.roles)),) if person is not None else (), person=True, how=how)


def of_step(node: Node, names: Names | None, workflow: Any, view: View) -> Iterator[Reader]:
    """Those for whom the task or the text is, then all to whom it may come: substitutes, whom it is passed on to."""
    yield from dict.fromkeys(_said(node, names, workflow, view))
    yield from _passed_on(node, view)
    if isinstance(workflow, Workflow):
        for step in person_steps(view, workflow):
            if step.node is node:
                for person, how in (doers(view, step) or {}).items():
                    yield of_person(person, view, how)


def _said(node: Node, names: Names | None, workflow: Any, view: View) -> Iterator[Reader]:
    for key in ("assignee", "offer", "approvers", "to"):
        value: Any = getattr(node, key, None)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Group) and one.role is not None:
                yield of_role(str(one.role), view)
            elif isinstance(one, Expression) and names is not None:
                known = list(_of_expression(one, names, view))
                yield from known
                if not known and not isinstance(one.tree, Field) and isinstance(workflow, Workflow):
                    # a field of a person without a role may be anybody: of nobody it is known that they get there
                    came = outcomes(view, one, workflow) or ()
                    yield from (of_person(person, view) for person in _each(p for c in came for p in c.people))


def _passed_on(node: Node, view: View) -> Iterator[Reader]:
    for key, how in PASSED.items():
        to = getattr(getattr(node, key, None), "transfer_to", None)
        if isinstance(to, Group) and to.role is not None:
            yield replace(of_role(str(to.role), view), how=how)


def _each(people: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(people))


def _of_expression(expression: Expression, names: Names, view: View) -> Iterator[Reader]:
    checker = Checker(expression, names, view.types.vocabulary)
    given = checker.type_of(expression.tree, names)
    one = given.of if isinstance(given, ListOf) else given
    if isinstance(one, RecordType):
        yield from (Reader(form, outside=form) for form in one.forms)
        return
    tree = expression.tree
    for form, field, node in fields_read(expression, names, view):
        declared = view.pack.get(Form, form)
        if isinstance(tree, Field) and node is tree and declared is not None and field in declared.fields:
            role = declared.fields[field].role
            if role is not None:
                yield of_role(str(role), view)
            return
