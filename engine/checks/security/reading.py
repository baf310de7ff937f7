"""Which fields of which forms an expression reads, and which roles may read a field by the access lines."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.pack_view import View
from engine.language.expressions.check import Checker
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import (
    Call,
    Choose,
    Compare,
    Each,
    Field,
    Literal,
    Logic,
    Name,
    Node,
    Not,
    children,
)
from engine.language.expressions.types import ANY, Names, RecordType, Type, element_of
from engine.language.kinds.form import Access, Form
from engine.language.scopes import bare

Read = tuple[str, str, Node]
"""Form, field, and the node that reads it."""
TELLS_LITTLE = frozenset(
    ["has", "count", "contains", "starts_with", "length", "any", "all", "similar", "held", "phone_region", "country_of",
     "month_of", "year_of", "weekday_of", "is_workday", "is_open", "has_role", "changed"]
)  # fmt: skip
"""Functions from whose value nobody knows what they were given."""


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


def given_away(tree: Node) -> Iterator[Node]:
    """The names and fields whose values can be told from the value of the expression: not what a condition only asks,
    nor the rows of a sum."""
    match tree:
        case Compare() | Logic() | Not() | Each() | Literal():
            return
        case Call(function=function) if function in TELLS_LITTLE:
            return
        case Choose(then=then, other=other):
            yield from given_away(then)
            yield from given_away(other)
        case Name() | Field():
            yield tree
        case _:
            for child in children(tree):
                yield from given_away(child)


def fields_given(expression: Expression, names: Names, view: View, form: Form | None = None) -> Iterator[Read]:
    """The fields whose values the expression gives away. `form`: whose bare names its fields are."""
    told = {id(node) for node in given_away(expression.tree)}
    if form is not None:
        for node in given_away(expression.tree):
            if isinstance(node, Name) and node.name in form.fields:
                yield form.name, node.name, node
    yield from (read for read in fields_read(expression, names, view) if id(read[2]) in told)


def through_formulas(form: str, field: str, view: View) -> Iterator[tuple[Form, str]]:
    """The field, and those of which a formula makes it, and so on."""
    waiting, seen = [(form, field)], set[tuple[str, str]]()
    while waiting:
        one = waiting.pop()
        owner = view.pack.get(Form, one[0])
        if one in seen or owner is None:
            continue
        seen.add(one)
        yield owner, one[1]
        declared = owner.fields.get(one[1])
        if declared is not None and declared.formula is not None:
            given = fields_given(declared.formula, bare(owner.name, view.types), view, owner)
            waiting += [(read[0], read[1]) for read in given]


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


def keeps_back(form: Form, role: str, field: str) -> bool:
    """Whether the role may read the rest of the form, with this field expressly excepted; who writes a field knows it."""
    writes = any(
        field in line.only if line.only is not None else field not in (line.except_ or ())
        for line in form.access or ()
        if line.role == role and not {"create", "edit"}.isdisjoint(line.may)
    )
    return not writes and not may_read(form, role, field) and any(_excepts(line, field) for line in _lines(form, role))


def _lines(form: Form, role: str) -> list[Access]:
    return [line for line in form.access or () if "read" in line.may and line.role == role]


def _excepts(line: Access, field: str) -> bool:
    return "edit" not in line.may and field in (line.except_ or ())
