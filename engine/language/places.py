"""Every place of a pack where an expression, a value, a path or a text with holes stands: with the names that may be
read there, the type that is wanted, and what else holds for it.

One walk over the declared keys of every Struct, so that a node type of a third party is covered without code. What
a key adds to the scope stands in `inside`; everything else follows from the shapes. (A little long: one walk.)
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.language import scopes
from engine.language.diagnostics import Diagnostic
from engine.language.durations import Duration, Schedule
from engine.language.expressions import types
from engine.language.expressions.check import Wanted, check
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.types import ListOf, Names, RecordType, Rows, Type, element_of
from engine.language.holes import Hole, pieces
from engine.language.kinds.dashboard import Measure
from engine.language.kinds.definition import Definition
from engine.language.kinds.events import Event
from engine.language.kinds.form import Field, Form, Must
from engine.language.kinds.matching import LookIn
from engine.language.kinds.node import ForEach, Node
from engine.language.kinds.people import Group
from engine.language.kinds.scoring import BehaviourPart, Scoring
from engine.language.kinds.template import Wording
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack
from engine.language.place import Place, Where, Written
from engine.language.shapes import ByLook, DurationOrFormula, Lazy, MapOf, Moment, Question, Shape, Struct
from engine.language.shapes import ListOf as ListShape
from engine.language.shapes.expressions import Path
from engine.language.source import Span, Word, place_of
from engine.language.values import Fields, Formula, Items, Literal
from engine.language.vocabulary import PackTypes
from engine.language.walk import declares

OF_THE_WHOLE = frozenset({"for_each", "interrupt", "meanwhile", "deadline"})
"""Keys of a node that belong to it as a whole: no copy's item can be read there."""
CONDITIONS = frozenset(["if", "where", "that", "unless", "only_if", "while", "until", "once", "becomes"])
"""Keys that hold a condition, whatever shape a node type of its own gives them."""
COUNTED = frozenset({"text", "long_text", "list"})
"""Field types whose bounds count characters or rows."""


def places(pack: Pack, pack_types: PackTypes | None = None) -> Iterator[Place]:
    """Every place of the pack, file by file, in the order of their keys."""
    walker = Walker(pack, pack_types or PackTypes(pack))
    for definition in pack.definitions.values():
        yield from walker.definition(definition)


class Walker:
    def __init__(self, pack: Pack, pack_types: PackTypes) -> None:
        self.pack = pack
        self.types = pack_types
        self.vocabulary = pack_types.vocabulary
        self._messages: dict[str, Mapping[str, Type]] = {}

    def definition(self, definition: Definition) -> Iterator[Place]:
        yield from self.struct(definition, Where(definition, scopes.names_of(definition, self.types)))

    def struct(self, struct: Struct, where: Where) -> Iterator[Place]:
        cls = type(struct)
        for name, declared in cls.keys().items():
            if not struct.was_written(name):
                continue
            value = getattr(struct, declared.name)
            place = struct.place(name)
            below = dataclasses.replace(
                where, keys=(*where.keys, name), span=place, wants=None, columns=None, clock=None
            )
            below = self.inside(struct, name, below)
            if isinstance(struct, Wording):
                yield from self.text(value, below)
            elif isinstance(struct, ForEach) and name == "first":
                yield from self.share(value, below)
            elif not below.skipped:
                yield from self.at(cls.shape_of(name), value, below)

    def at(self, shape: Shape[Any] | None, value: Any, where: Where) -> Iterator[Place]:
        """What stands at one place, read by `shape`: its parts are walked into, what holds names is yielded."""
        shape = _unwrapped(shape, value)
        if isinstance(value, Node):
            yield from self.struct(value, self.node(value, where))
        elif isinstance(value, Struct):
            yield from self.struct(value, where)
        elif isinstance(value, Expression):
            wants = where.wants if where.wants is not None else _wanted(shape, where.keys[-1])
            yield self.place(where, value, value.span, wants)
        elif isinstance(value, Moment):
            yield from self.moment(value, where)
        elif isinstance(value, Formula) and isinstance(shape, DurationOrFormula):
            yield self.place(where, value, value.span, types.DURATION)
        elif isinstance(value, Literal | Formula | Items | Fields):
            yield self.place(where, value, value.span, where.wants)
        elif isinstance(shape, Path):
            given = where.wants if where.wants is not None and not isinstance(where.wants, tuple) else None
            read = where.keys[-1] in ("of", "needs")
            yield self.place(where, Written(_word(value), given, read=read), place_of(value))
        elif isinstance(value, Mapping):
            yield from self.mapping(shape, value, where)
        elif isinstance(value, tuple):
            item = shape.item if isinstance(shape, ListShape) else None
            for part in value:
                yield from self.at(item, part, where)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type | Duration | Schedule):
            for part in dataclasses.fields(value):
                if isinstance(held := getattr(value, part.name), Expression):
                    yield self.place(where, held, held.span, where.wants)

    def mapping(self, shape: Shape[Any] | None, value: Mapping[str, Any], where: Where) -> Iterator[Place]:
        inner = shape.value if isinstance(shape, MapOf) else None
        targets = isinstance(shape, MapOf) and isinstance(shape.name, Path)
        for name, part in value.items():
            below = dataclasses.replace(where, keys=(*where.keys, str(name)), span=place_of(name))
            if targets:
                yield self.place(below, Written(_word(name)), place_of(name))
                below = dataclasses.replace(below, wants=self.path_type(name, where.names))
            elif where.columns is not None and isinstance(part, str) and isinstance(inner, Path):
                yield self.place(below, Written(_word(part), where.columns.get(name)), place_of(part))
                continue
            elif where.columns is not None:
                below = dataclasses.replace(below, wants=where.columns.get(name, types.ANY), columns=None)
            yield from self.at(inner, part, below)

    def place(self, where: Where, holds: Any, span: Span, wants: Wanted = None) -> Place:
        return Place(where.definition, where.keys, span, where.names, holds, wants, where.clock, where.node)

    def moment(self, moment: Moment, where: Where) -> Iterator[Place]:
        if moment.base is not None:
            wants = (types.DATE, types.MOMENT) if moment.words.at is not None else types.MOMENT
            yield self.place(where, moment.base, moment.base.span, wants)
        if moment.number is not None:
            yield self.place(where, moment.number, moment.number.span, types.NUMBER)

    def text(self, text: str, where: Where) -> Iterator[Place]:
        """The holes of a template's text."""
        for piece in pieces(text, self.pack.sources.get(place_of(text).path)):
            if isinstance(piece, Hole):
                yield self.place(where, piece.expression, piece.span, HOLE_TYPES.get(piece.filter or ""))
            elif isinstance(piece, Diagnostic):
                yield self.place(where, piece, piece.span)

    def share(self, text: str, where: Where) -> Iterator[Place]:
        """`first:` of for_each: a number, a percent, else an expression."""
        if re.fullmatch(r"\d+%?", text) is None:
            parsed = parse(text, place_of(text))
            yield self.place(where, parsed, parsed.span, types.NUMBER)

    # -- what a node and a key add to the scope

    def node(self, node: Node, where: Where) -> Where:
        known = dict(where.names.known)
        known.pop("assignee", None)
        known.pop("message", None)
        came = self.messages(where.definition).get(node.name)
        if came is not None:
            known["message"] = came
        if declares(node, "deadline"):
            known["assignee"] = types.PERSON
        return dataclasses.replace(where, names=Names(known), node=node)

    def messages(self, definition: Definition) -> Mapping[str, Type]:
        """Node -> what `message` is in it: nodes that an event leads to straight have what came."""
        if definition.name not in self._messages and isinstance(definition, Workflow):
            self._messages[definition.name] = scopes.messages_of(definition, self.types)
        return self._messages.get(definition.name, {})

    def inside(self, struct: Struct, key: str, where: Where) -> Where:
        """The scope, the wanted type and the columns of the value of `key` in `struct`."""
        match struct:
            case Node():
                where = self.in_node(struct, key, where)
                return self.in_event(struct, key, where) if isinstance(struct, Event) else where
            case Event():
                return self.in_event(struct, key, where)
            case Group() if key == "where":
                return where.plus({"person": types.PERSON})
            case ForEach():
                wants: Wanted = ListOf(types.ANY) if key == "in" else types.NUMBER if key == "count" else None
                return dataclasses.replace(where.plus(scopes.RESULTS) if key == "until" else where, wants=wants)
            case Must():
                return dataclasses.replace(where, clock="must")
            case Field():
                return self.in_field(struct, key, where)
            case LookIn():
                inside = where.with_names(scopes.bare(where.keys[-2], self.types))
                return dataclasses.replace(inside, skipped=key != "only_if")
            case Form() if key in ("label", "owned_by"):
                return dataclasses.replace(where, wants=types.TEXT if key == "label" else types.PERSON)
            case Measure() if struct.of is not None:
                workflow = self.pack.get(Workflow, struct.of)
                known = scopes.of_workflow(workflow, self.types).known if workflow is not None else {"steps": types.ANY}
                return where.plus(known)
            case Scoring() if key == "total":
                return dataclasses.replace(where.with_names(scopes.of_parts(struct)), wants=types.NUMBER)
            case BehaviourPart() if key == "events":
                return dataclasses.replace(where, wants=ListOf(types.ANY))
        form = getattr(struct, "form", None)
        if key == "with" and isinstance(form, str):
            return dataclasses.replace(where, columns=self.types.form(form))
        return where

    def in_node(self, node: Node, key: str, where: Where) -> Where:
        if node.for_each is not None and key not in OF_THE_WHOLE:
            where = where.with_names(
                scopes.of_copies(node.for_each, self.item(node.for_each, where.names), where.names)
            )
        records = getattr(node, "records", None)
        if isinstance(records, Mapping) and key in ("records", "set"):
            where = where.plus(scopes.of_records(records))
        form = getattr(node, "form", None)
        if isinstance(form, str) and key in ("where", "order"):
            own = scopes.bare(form, self.types).known if key == "order" else {}
            where = where.plus({**own, form: scopes.record(form)})
        if key in ("cap", "pick"):
            where = dataclasses.replace(
                where.plus({"person": types.PERSON}), wants=types.NUMBER if key == "cap" else None
            )
        if key == "give":
            where = dataclasses.replace(where, columns=self.declared(node, "inputs"))
        if key == "into":
            where = dataclasses.replace(where, columns=self.declared(node, "outputs"))
        if key == "for" and declares(node, "workflow"):
            called = self.pack.get(Workflow, str(getattr(node, "workflow", "")))
            if called is not None and called.case is not None:
                where = dataclasses.replace(where, wants=scopes.record(str(called.case)))
        if key == "into" and isinstance(form, str) and declares(node, "take"):
            one = scopes.record(form)
            where = dataclasses.replace(where, wants=one if getattr(node, "take", "1") == "1" else ListOf(one))
        if key == "field" and declares(node, "pick"):
            where = dataclasses.replace(where, wants=types.PERSON)
        if key == "to":
            where = dataclasses.replace(where, wants=self.reachable())
        if key == "template":
            where = dataclasses.replace(where, wants=types.TemplateType())
        return where

    def declared(self, node: Node, side: str) -> Mapping[str, Type] | None:
        """The types of what `give` holds or `into` takes, by the definition that the node uses."""
        found = getattr(node, side, lambda pack: None)(self.pack)
        if found is None:
            return None
        used = next((str(getattr(node, key)) for key in ("use", "template", "message") if getattr(node, key, None)), "")
        owner = used or f"{getattr(node, 'connection', node.type)}.{getattr(node, 'call', '')}"
        if declares(node, "workflow"):
            owner = str(getattr(node, "workflow", ""))
        return {
            name: value if not isinstance(value, Field) else self.types.field(value, f"{owner}.{name}")
            for name, value in found.items()
        }

    def in_event(self, event: Event, key: str, where: Where) -> Where:
        if key in ("once", "becomes"):
            where = dataclasses.replace(where, clock="condition")
        if key in ("if", "into"):
            where = where.with_names(scopes.of_event(event, where.names, self.types))
        if key in ("match", "into") and event.message is not None:
            where = dataclasses.replace(where, columns=self.types.message(event.message))
        return where

    def in_field(self, field: Field, key: str, where: Where) -> Where:
        own = ".".join(k for k in (where.definition.name, *where.keys[:-1]) if k not in _GLUE)
        type_ = self.types.field(field, own)
        if key in ("start_with", "formula"):
            return dataclasses.replace(where, wants=type_)
        if key in ("at_least", "at_most", "above", "below"):
            return dataclasses.replace(where, wants=types.NUMBER if field.type in COUNTED else type_)
        if key == "of":
            if isinstance(field.of, Mapping) and isinstance(type_, ListOf) and isinstance(type_.of, Rows):
                return where.plus(type_.of.fields)
            return dataclasses.replace(where, skipped=True)
        return where

    def item(self, for_each: ForEach, names: Names) -> Type:
        """What a copy reads under its `as` name."""
        if for_each.in_ is None:
            return types.NUMBER
        found, _ = check(for_each.in_, names, self.vocabulary)
        return element_of(found) or types.ANY

    def path_type(self, path: str, names: Names) -> Type:
        """The type of what a path leads to; ANY where it leads nowhere, which is a finding of its own."""
        parsed = parse(str(path), place_of(path))
        return check(parsed, names, self.vocabulary)[0] if isinstance(parsed, Expression) else types.ANY

    def reachable(self) -> Wanted:
        """What may be told something: a person, a record with a phone or an e-mail, or a list of these."""
        forms = tuple(
            name
            for name, form in self.pack.kind(Form).items()
            if any(f.type in ("phone", "email") for f in form.fields.values())
        )
        one: tuple[Type, ...] = (types.PERSON, RecordType(forms)) if forms else (types.PERSON,)
        return (*one, *(ListOf(kind) for kind in one))


HOLE_TYPES: Mapping[str, Wanted] = {
    "money": types.MONEY, "date": (types.DATE, types.MOMENT), "count": (types.NUMBER, ListOf(types.ANY)), "title": None,
}  # fmt: skip
"""What a template's filter takes."""
_GLUE = frozenset({"fields", "data", "of", "inputs", "outputs", "takes", "gives", "carries", "attributes", "calls"})


def _word(text: str) -> Word:
    return text if isinstance(text, Word) else Word(text)


def _unwrapped(shape: Shape[Any] | None, value: Any) -> Shape[Any] | None:
    """The shape that read this value: through lazy ones, and of several by the look of the value."""
    while isinstance(shape, Lazy | ByLook):
        if isinstance(shape, Lazy):
            shape = shape._shape()
        elif isinstance(value, tuple):
            shape = shape.sequence
        elif isinstance(value, Struct | Mapping):
            shape = shape.mapping
        else:
            shape = shape.scalar
    return shape


def _wanted(shape: Shape[Any] | None, key: str) -> Wanted:
    """A person's place takes several persons too (LANGUAGE section 6)."""
    wants = shape.wants if isinstance(shape, Question) else types.YES_NO if key in CONDITIONS else None
    return (types.PERSON, ListOf(types.PERSON)) if wants == types.PERSON else wants


__all__ = ["Place", "Walker", "Written", "places"]
