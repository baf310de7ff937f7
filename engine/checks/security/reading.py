"""Which fields of which forms an expression reads, and which roles may read a field by the access lines."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.pack_view import View
from engine.language.expressions.check import Checker
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Each, Field, Node, children
from engine.language.expressions.types import ANY, Names, RecordType, Type, element_of
from engine.language.kinds.form import Access, Form

Read = tuple[str, str, Node]
"""Form, field, and the node that reads it."""


def fields_read(expression: Expression, names: Names, view: View) -> Iterator[Read]:
    """Every field of a record that the expression reads, also through references and in generators."""

    def type_of(node: Node, names: Names) -> Type | Names:
        checker = Checker(expression, names, view.types.vocabulary)
        found = checker.type_of(node, names)
        return ANY if checker.findings else found

    def visit(node: Node, names: Names) -> Iterator[Read]:
        if isinstance(node, Field):
            owner = type_of(node.of, names)
            if isinstance(owner, RecordType):
                yield from ((form, node.name, node) for form in owner.forms)
        if isinstance(node, Each):
            yield from visit(node.rows, names)
            rows = type_of(node.rows, names)
            item = None if isinstance(rows, Names) else element_of(rows)
            inner = names.child({node.variable: item or ANY})
            yield from visit(node.value, inner)
            if node.test is not None:
                yield from visit(node.test, inner)
            return
        for child in children(node):
            yield from visit(child, names)

    yield from visit(expression.tree, names)


def may_read(form: Form, role: str, field: str) -> bool:
    """Whether some line lets the role read the field of some record; id and dates go with any line.

    A line that grants `edit` too and says `except` keeps the field from being written; that it is meant to be hidden
    as well cannot be told, so it counts as read.
    """
    lines = _lines(form, role)
    if field not in form.fields:
        return bool(lines)
    return any(field in line.only if line.only is not None else not _excepts(line, field) for line in lines)


def readers(form: Form) -> list[str]:
    """The roles that may read something of the form, in the order of its lines."""
    return list(dict.fromkeys(str(line.role) for line in form.access or () if "read" in line.may))


def kept_from(form: Form, field: str) -> str | None:
    """A role that may read the form but not this field."""
    return next((role for role in readers(form) if not may_read(form, role, field)), None)


def confidential_to(form: Form, field: str) -> str | None:
    """A role that may read the rest of the form, with this field expressly excepted: then it is no field for outside.

    A line with `only` says what a role needs, not what is secret.
    """
    excepting = [line for line in form.access or () if "read" in line.may and _excepts(line, field)]
    return next((str(line.role) for line in excepting if not may_read(form, str(line.role), field)), None)


def _lines(form: Form, role: str) -> list[Access]:
    return [line for line in form.access or () if "read" in line.may and line.role == role]


def _excepts(line: Access, field: str) -> bool:
    return "edit" not in line.may and field in (line.except_ or ())
