"""form-flow-clash, fields as people meet them: filled in and never used, used and never filled in, worked out and edited.

Who may fill in and read is said by the form's access lines and by tasks. A form without a line that lets anybody create or
edit gets its records from outside: of it nothing is said. Names are compared, not records: rather silent than wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from engine.checks.dataflow.flows import Flow
from engine.checks.dataflow.touches import adds_of
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import paths
from engine.language.expressions.types import Names, RecordType, Type, element_of
from engine.language.kinds.form import Access, Field, Form
from engine.language.kinds.matching import LookIn
from engine.language.kinds.node import Node
from engine.language.kinds.scoring import Scoring
from engine.language.messages import dataflow
from engine.language.places import Place
from engine.language.source import Span, place_of
from engine.language.values import Fields, Formula, Items, Literal, formulas_of

FILLING = frozenset({"create", "edit"})
COMPUTED = frozenset({"records", "serial"})


def check(view: View, flows: Iterable[Flow]) -> Iterator[Diagnostic]:
    """form-flow-clash: of fields."""
    fields = _Fields(view, tuple(flows))
    for name, form in view.pack.kind(Form).items():
        if not any(FILLING & set(line.may) for line in form.access or ()):
            continue
        readable = any("read" in line.may for line in form.access or ())  # a form that nobody reads is sent elsewhere
        for field_name, field in form.fields.items():
            if _computed(field):
                continue
            filled = any(_grants(line, str(field_name), FILLING) for line in form.access or ())
            used = str(field_name) in fields.read_names or field.unique
            shown = any(_grants(line, str(field_name), {"read", "export"}) for line in form.access or ())
            if filled and not used and not shown and readable:
                yield dataflow.never_shown(place_of(field_name), name, str(field_name))
            span = fields.used.get((name, str(field_name)))
            if not filled and span is not None and field.start_with is None and field_name not in fields.written_names:
                yield dataflow.never_collected(span, name, str(field_name))
    yield from _edited(view)


def _grants(line: Access, field: str, wanted: Iterable[str]) -> bool:
    if not set(line.may) & set(wanted):
        return False
    return field in line.only if line.only is not None else field not in (line.except_ or ())


def _computed(field: Field) -> bool:
    return field.formula is not None or field.type in COMPUTED


def _edited(view: View) -> Iterator[Diagnostic]:
    """A task that lets people write what is worked out."""
    for definition, _, node in view.of(Node):
        adds = adds_of(node)
        pairs = [(getattr(definition, "case", None), name) for name in getattr(node, "edit", None) or ()]
        pairs += [(adds.form, name) for name in adds.ask or ()] if adds is not None else []
        for form, name in pairs:
            declared = view.pack.get(Form, str(form))
            field = declared.fields.get(name) if declared is not None and isinstance(name, str) else None
            if field is not None and _computed(field):
                yield dataflow.computed_edited(place_of(name), str(form), str(name))


class _Fields:
    """Which fields the definitions read and write."""

    def __init__(self, view: View, flows: tuple[Flow, ...]) -> None:
        self.view, self.flows = view, flows

    @cached_property
    def used(self) -> dict[tuple[str, str], Span]:
        """(form, field) -> where an expression first reads it."""
        found: dict[tuple[str, str], Span] = {}
        for place, expression in self._expressions():
            for path in paths(expression.tree):
                for form, field in self._fields_on(path, place.names, place):
                    found.setdefault((form, field), expression.span)
        return found

    @cached_property
    def read_names(self) -> frozenset[str]:
        """Every name that stands in an expression, and all that tasks show, matchings compare and templates print."""
        found = {part for _, e in self._expressions() for path in paths(e.tree) for part in path}
        for _, _, struct in self.view.structs:
            for key in ("read", "edit", "ask"):
                listed = getattr(struct, key, None)
                found |= {str(name) for name in listed} if isinstance(listed, tuple) else set()
            if isinstance(struct, LookIn):
                pairs = [*(struct.any_same or {}).items(), *(struct.or_similar or {}).items()]
                found |= {part for pair in pairs for path in pair for part in str(path).split(".")}
        for model in self.view.pack.definitions.values():
            found |= {str(term.field) for term in getattr(model, "terms", None) or ()}
        return frozenset(found)

    @cached_property
    def written_names(self) -> frozenset[str]:
        found = {w.path.rsplit(".", 1)[-1] for flow in self.flows for w in flow.touches.writes}
        for _, _, struct in self.view.structs:
            found |= {str(name) for name in getattr(struct, "with_", None) or ()}
            found |= {str(name) for name in getattr(struct, "ask", None) or ()}
            if isinstance(struct, Scoring):
                found |= {str(word) for word in (struct.writes.total, struct.writes.grade) if word is not None}
        return frozenset(found)

    def _expressions(self) -> Iterator[tuple[Place, Expression]]:
        for place in self.view.places:
            if isinstance(place.holds, Expression):
                yield place, place.holds
            elif isinstance(place.holds, Literal | Formula | Items | Fields):
                for expression in formulas_of(place.holds):
                    yield place, expression

    def _fields_on(self, path: tuple[str, ...], names: Names, place: Place) -> Iterator[tuple[str, str]]:
        """The fields of forms that a path reads on its way."""
        root = names.known.get(path[0])
        rest = path[1:]
        if isinstance(root, Names):
            root, rest = root.known.get(path[1]) if len(path) > 1 else None, path[2:]
        elif isinstance(place.definition, Form) and path[0] in place.definition.fields:
            yield place.definition.name, path[0]
        type_: Type | None = root if not isinstance(root, Names) else None
        for part in rest:
            of = element_of(type_) or type_ if type_ is not None else None
            if not isinstance(of, RecordType) or len(of.forms) != 1:
                return
            yield of.forms[0], part
            type_ = self.view.types.form_field(of.forms[0], part)
