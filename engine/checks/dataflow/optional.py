"""Which paths may be empty by what is declared: a field that is neither required nor begins with a value, a reference that
may be empty on the way, a formula over such.

Case variables and `steps` are for read-before-write. Of what is unknown nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.checks.dataflow.filled import NOTHING, Filled, filled_if, path_of
from engine.checks.pack_view import View
from engine.language import scopes
from engine.language.expressions import types
from engine.language.expressions.tree import Arithmetic, Call, Choose, Each, Literal, Minus, Node, Path
from engine.language.expressions.types import Names, RecordType, Rows, Type, element_of
from engine.language.kinds.decision import Decision
from engine.language.kinds.definition import Definition
from engine.language.kinds.form import Field, Form
from engine.language.kinds.message import Message

NEVER_EMPTY = frozenset(
    ["has", "count", "sum", "any", "all", "contains", "starts_with", "text", "today", "now", "similar"]
)
"""Functions that always give a value."""
EMPTY_AT_THE_TOP = frozenset(["manager", "head", "number", "percent", "team", "owner", "average", "min", "max"])
"""Functions that may be empty whatever they are given."""
NEVER_EMPTY_FIELDS = frozenset({"records", "list", "serial", "choices"})
MOST_DEEP = 8


class Optional:
    """Over one pack."""

    def __init__(self, view: View) -> None:
        self.view = view

    def in_path(self, path: Path, names: Names, definition: Definition, known: Filled, deep: int = 0) -> str | None:
        """The first part of a path that may be empty, dotted; None when all of it is surely there."""
        if deep > MOST_DEEP:
            return None
        type_, begin = self._root(path, names)
        bare = self._bare(path[0], definition)
        if bare is not None and begin == 1 and isinstance(definition, Form):
            if path[0] not in known and self._may_be(bare, definition.name, deep):
                return path[0]
        elif bare is not None and isinstance(definition, Decision) and bare.may_be_empty and path[0] not in known:
            return path[0]
        for at in range(begin, len(path)):
            so_far = ".".join(path[: at + 1])
            if type_ is None:
                return None
            if so_far not in known and self._field_may_be(type_, path[at], deep):
                return so_far
            type_ = self._next(type_, path[at])
        return None

    def in_tree(self, node: Node, names: Names, definition: Definition, known: Filled, deep: int = 0) -> str | None:
        """What may be empty and makes the value empty: a path, or a function as it is called; None when it has a value."""
        path = path_of(node)
        if path is not None:
            return self.in_path(path, names, definition, known, deep)
        match node:
            case Arithmetic(left=left, right=right):
                found = self.in_tree(left, names, definition, known, deep)
                return found or self.in_tree(right, names, definition, known, deep)
            case Minus(operand=operand):
                return self.in_tree(operand, names, definition, known, deep)
            case Choose(then=then, test=test, other=other):
                found = self.in_tree(then, names, definition, known | filled_if(test, True), deep)
                return found or self.in_tree(other, names, definition, known | filled_if(test, False), deep)
            case Literal(value=None):
                return "empty"
            case Call(function="first_of", arguments=arguments):
                each = [self.in_tree(argument, names, definition, known, deep) for argument in arguments]
                return each[0] if each and all(each) else None
            case Call(function=function) if function in NEVER_EMPTY:
                return None
            case Call(function=function, arguments=arguments):
                if function in EMPTY_AT_THE_TOP and (len(arguments) < 2 or function not in ("min", "max")):
                    return f"{function}(...)"
                found_in = [
                    self.in_tree(a, names, definition, known, deep) for a in arguments if not isinstance(a, Each)
                ]
                return next((found for found in found_in if found is not None), None)
            case _:
                return None

    def element(self, rows: Node, names: Names) -> Type:
        """What a generator's variable stands for; ANY where it cannot be said."""
        path = path_of(rows)
        if path is None:
            return types.ANY
        type_, begin = self._root(path, names)
        for part in path[begin:]:
            type_ = self._next(type_, part) if type_ is not None else None
        return (element_of(type_) or types.ANY) if type_ is not None else types.ANY

    # -- one step of a path

    def _root(self, path: Path, names: Names) -> tuple[Type | None, int]:
        """The type where the walk begins, and which part comes next."""
        found: Type | Names | None = names.known.get(path[0])
        if isinstance(found, Names):
            inner = found.known.get(path[1]) if len(path) > 1 and found.what != "steps" else None
            return (inner if not isinstance(inner, Names) else None), 2
        return found, 1

    def _bare(self, name: str, definition: Definition) -> Field | None:
        if isinstance(definition, Form):
            return definition.fields.get(name)
        return definition.inputs.get(name) if isinstance(definition, Decision) else None

    def _next(self, of: Type, name: str) -> Type | None:
        match of:
            case RecordType(forms=forms):
                return self.view.types.form_field(forms[0], name) if forms else None
            case Rows(fields=fields):
                return fields.get(name)
            case types.PERSON:
                return self.view.types.vocabulary.person_fields().get(name)
            case _:
                return None

    def _field_may_be(self, of: Type, name: str, deep: int) -> bool:
        if isinstance(of, RecordType):
            for form in of.forms:
                declared = self.view.pack.get(Form, form)
                field = declared.fields.get(name) if declared is not None else None
                if field is not None and self._may_be(field, form, deep):
                    return True
            return False
        if of == types.PERSON:
            organization = self.view.pack.organization
            attributes = (organization.attributes or {}) if organization is not None else {}
            people = organization.people.values() if organization is not None else ()
            return name in attributes and not all(name in (person.attributes or {}) for person in people)
        if isinstance(of, Rows):
            field = self._row_fields(of.name).get(name)
            return field is not None and not (field.required or field.start_with is not None)
        return False

    def _row_fields(self, name: str) -> Mapping[str, Field]:
        """The declared fields of a row: of a list field `form.field`, of a message."""
        if name.startswith("the message "):
            message = self.view.pack.get(Message, name.removeprefix("the message "))
            return message.carries if message is not None else {}
        owner, _, last = name.rpartition(".")
        form = self.view.pack.get(Form, owner)
        declared = form.fields.get(last) if form is not None else None
        return declared.of if declared is not None and isinstance(declared.of, Mapping) else {}

    def _may_be(self, field: Field, form: str, deep: int) -> bool:
        if field.formula is not None:
            declared = self.view.pack.get(Form, form)
            names = scopes.bare(form, self.view.types)
            found = self.in_tree(field.formula.tree, names, declared, NOTHING, deep + 1) if declared else None
            text = field.type in ("text", "long_text")  # a text + empty is the text
            return found is not None and not (text and isinstance(field.formula.tree, Arithmetic))
        return not (field.required or field.start_with is not None or field.type in NEVER_EMPTY_FIELDS)
