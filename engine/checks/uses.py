"""Which definition names which other, where: collected once from declared keys, literals and expressions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.checks.pack_view import View
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Call, walk
from engine.language.expressions.tree import Literal as TextLiteral
from engine.language.expressions.types import TemplateType
from engine.language.kinds.dashboard import Dashboard, Measure
from engine.language.kinds.decision import Decision
from engine.language.kinds.definition import Definition
from engine.language.kinds.events import Event
from engine.language.kinds.form import Field
from engine.language.kinds.matching import Matching
from engine.language.kinds.node import Available, Node
from engine.language.kinds.organization import PersonEntry
from engine.language.kinds.pack import PackDefinition
from engine.language.kinds.people import Adds
from engine.language.kinds.scenarios import Scenarios
from engine.language.kinds.scoring import Model, ModelPart, Scoring
from engine.language.kinds.template import Template
from engine.language.kinds.workflow import Workflow
from engine.language.shapes import Struct
from engine.language.source import Span, place_of
from engine.language.values import Literal, formulas_of
from engine.language.yamltree import Scalar, Sequence


class Use(NamedTuple):
    """`by` names a `kind` called `name`, at `span`."""

    kind: str
    name: str
    span: Span
    by: Definition


NODE_KEYS = {
    "form": "form", "workflow": "workflow", "template": "template", "message": "message", "connection": "connection",
}  # fmt: skip
"""Keys that name a definition in any node type, also in those of third parties."""
USE_OF = {"decision": "decision", "match": "matching", "score": "scoring"}
"""What `use` names, by node type."""


def uses(view: View) -> list[Use]:
    return [*_by_keys(view), *_by_values(view), *_by_matching(view)]


def _by_keys(view: View) -> Iterator[Use]:
    for definition, _, struct in view.structs:
        for kind, name in _of_struct(struct):
            if name:
                span = place_of(name)
                yield Use(kind, str(name), span if span.line else struct.span, definition)


def _of_struct(struct: Struct) -> Iterator[tuple[str, str | None]]:
    match struct:
        case Event():
            for form in (struct.created, struct.changed, struct.deleted):
                yield "form", form
            yield "message", struct.message
        case Adds():
            yield "form", struct.form
        case Available():
            yield "calendar", struct.during
        case Field():
            yield from _of_field(struct)
        case Workflow():
            yield from (("form", struct.case), ("calendar", struct.calendar))
        case Matching():
            yield "form", struct.of
            for form in struct.look_in:
                yield "form", form
        case Scoring() | Model():
            yield "form", struct.of
        case ModelPart():
            yield "model", struct.model
        case Template():
            yield "form", struct.for_
        case PersonEntry():
            yield "calendar", struct.calendar
        case PackDefinition():
            yield "calendar", struct.calendar
            for connection in (struct.channels or {}).values():
                yield "connection", connection
        case Scenarios():
            yield "workflow", struct.name
            for name in struct.live if isinstance(struct.live, tuple) else ():
                yield "workflow", name
        case Measure():
            if struct.count is not None:
                yield "form", struct.count.text if struct.count.text.isidentifier() else None
    if isinstance(struct, Node):
        yield from _of_node(struct)
    elif not isinstance(struct, Adds) and isinstance(getattr(struct, "form", None), str):
        yield "form", struct.form  # type: ignore[attr-defined]


def _of_node(node: Node) -> Iterator[tuple[str, str | None]]:
    for key, kind in NODE_KEYS.items():
        value = getattr(node, key, None)
        if isinstance(value, Literal):
            value = value.text
        if isinstance(value, str):
            yield kind, value
    use = getattr(node, "use", None)
    if isinstance(use, str) and node.type in USE_OF:
        yield USE_OF[node.type], use


def _of_field(field: Field) -> Iterator[tuple[str, str | None]]:
    yield "form", field.for_
    if field.type in ("record", "records", "list"):
        names = field.of if isinstance(field.of, tuple) else (field.of,) if isinstance(field.of, str) else ()
        for name in names:
            if not (field.type == "list" and name == "answers"):
                yield "form", name


def _by_values(view: View) -> Iterator[Use]:
    """Templates that a literal names, and forms and calendars that an expression names: held(person, 'lead')."""
    for place in view.places:
        if isinstance(place.holds, Literal) and isinstance(place.wants, TemplateType) and place.keys[-1] != "template":
            yield Use("template", str(place.holds.text), place.holds.span, place.definition)
        expressions = [place.holds] if isinstance(place.holds, Expression) else []
        if isinstance(place.holds, Literal) or not expressions:
            expressions += list(formulas_of(place.holds)) if _is_value(place.holds) else []  # type: ignore[arg-type]
        for expression in expressions:
            for node in walk(expression.tree):
                if isinstance(node, Call) and node.function in _NAMING:
                    for argument in (*node.arguments, *(value for _, value in node.keywords)):
                        if isinstance(argument, TextLiteral) and isinstance(argument.value, str):
                            yield Use(
                                f"{_NAMING[node.function]}?",
                                argument.value,
                                expression.place(argument),
                                place.definition,
                            )


_NAMING = {"held": "form", "is_open": "calendar", "workdays_between": "calendar", "workhours_between": "calendar"}
"""Functions that name a definition. Whether it exists is checked with the types; here it only counts as used."""


def _is_value(held: object) -> bool:
    return type(held).__name__ in ("Literal", "Formula", "Items", "Fields")


def _by_matching(view: View) -> Iterator[Use]:
    """Templates in the cells of decisions."""
    for definition in view.pack.kind(Decision).values():
        columns = {name for name, field in definition.outputs.items() if field.type == "template"}
        for row in (*definition.rules, definition.answers_if_none):
            for name in columns & set(row):
                tree = row[next(key for key in row if key == name)]
                for scalar in tree.items if isinstance(tree, Sequence) else (tree,):
                    if isinstance(scalar, Scalar) and scalar.text != "empty":
                        yield Use("template", scalar.text, scalar.span, definition)


def measures(view: View) -> set[str]:
    """`dashboard.measure` of every dashboard."""
    return {f"{name}.{measure}" for name, d in view.pack.kind(Dashboard).items() for measure in d.measures}
