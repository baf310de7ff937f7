"""The mapping file: which column of a file becomes which field. No part of a pack, read with the same care."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from typing import ClassVar

from engine.language.diagnostics import Diagnostic, in_order
from engine.language.expressions.types import Type
from engine.language.kinds.form import Form
from engine.language.literals import read_literal
from engine.language.messages import reference, syntax
from engine.language.pack import Pack
from engine.language.shapes import TEXT, ListOf, MapOf, Name, Reading, Struct, StructShape, key
from engine.language.source import Source, Span, place_of
from engine.language.vocabulary import PackTypes
from engine.language.yamltree import Mapping as Tree
from engine.language.yamltree import read_tree

NOT_GIVEN = frozenset({"records", "record", "list", "file", "serial", "template"})
"""Types of fields that no cell can fill."""
WHERE = ("a mapping", "导入映射")


@dataclass(frozen=True, kw_only=True)
class Origin(Struct):
    """Where a field's value comes from: a column of the file, or one value for every row."""

    EXACTLY_ONE: ClassVar = (("column", "value"),)

    column: str | None = key(TEXT, "the column's name in the header")
    value: str | None = key(TEXT, "the same value for every row")
    words: Map[str, str] | None = key(MapOf(TEXT, TEXT), "text of the cell -> value")
    otherwise: str | None = key(TEXT, "the value for a text that `words` does not list")
    if_empty: str | None = key(TEXT, "the value for an empty cell")

    def literals(self) -> Iterator[str]:
        """Every text that the type of the field must be able to read."""
        yield from (text for text in (self.value, self.otherwise, self.if_empty) if text is not None)
        yield from (self.words or {}).values()


@dataclass(frozen=True, kw_only=True)
class Mapping(Struct):
    """One mapping. `types`: of the fields that it fills, from the form."""

    mapping: str = key(Name(reserved=True), "its name", required=True)
    form: str = key(Name(reserved=True), "the form", required=True)
    identity: str = key(Name(reserved=True), "the field by which a row is known again", required=True)
    empty: tuple[str, ...] = key(ListOf(TEXT), "what a cell says when nothing is known", required=True)
    fields: Map[str, Origin] = key(
        MapOf(Name(reserved=True), StructShape(Origin, ("a field of a mapping", "映射字段"))),
        "field of the form -> where its value comes from",
        required=True,
    )
    ignore: Map[str, str] | None = key(MapOf(TEXT, TEXT), "column -> why it is not used")

    types: Map[str, Type] = field(default_factory=dict, compare=False, repr=False)

    def columns(self) -> Iterator[str]:
        """Every column that the mapping names, used or ignored; with its place."""
        yield from (origin.column for origin in self.fields.values() if origin.column is not None)
        yield from (self.ignore or {})


def read_mapping(source: Source, pack: Pack, form: str | None = None) -> tuple[Mapping | None, list[Diagnostic]]:
    """The mapping, checked against the pack, and everything that is wrong. `form`: the one that was asked for."""
    tree, diagnostics = read_tree(source)
    reading = Reading(source, {}, diagnostics)
    if tree is None:
        return None, reading.diagnostics
    if not isinstance(tree, Tree) or not tree.entries or tree.entries[0][0].text != "mapping":
        reading.say(
            syntax.wrong_shape(
                tree.span, "a mapping, which begins with mapping: <name>", "导入映射，以 mapping: <名称> 开头"
            )
        )
        return None, reading.diagnostics
    shape: StructShape[Mapping] = StructShape(Mapping, WHERE)
    read = shape.read(tree, reading)
    if read is None:
        return None, in_order(reading.diagnostics)
    types = PackTypes(pack)
    for diagnostic in _against_the_form(read, pack, types, form):
        reading.say(diagnostic)
    if reading.diagnostics:
        return None, in_order(reading.diagnostics)
    filled = {name: type_ for name, type_ in types.form(read.form).items() if name in read.fields}
    return dataclasses.replace(read, types=filled), []


def _against_the_form(mapping: Mapping, pack: Pack, types: PackTypes, asked: str | None) -> Iterator[Diagnostic]:
    form = pack.get(Form, mapping.form)
    if form is None:
        yield reference.unknown_resource(mapping.place("form"), "form", mapping.form, pack.kind(Form))
        return
    if asked is not None and asked != mapping.form:
        yield syntax.wrong_shape(
            mapping.place("form"), f"'{asked}', the form that was asked for", f"“{asked}”，即命令中给出的表单"
        )
    yield from _identity(mapping, form)
    yield from _columns(mapping)
    zone = pack.root.time_zone if pack.root is not None else None
    allowed = [name for name, f in form.fields.items() if f.formula is None and f.type not in NOT_GIVEN]
    for name, origin in mapping.fields.items():
        place = place_of(name)
        declared = form.fields.get(name)
        if declared is None:
            yield syntax.unknown_key(place, name, f"the form {form.name}", allowed)
            continue
        if name not in allowed:
            why = "is worked out" if declared.formula is not None else f"is of type {declared.type}"
            yield syntax.wrong_shape(
                place,
                f"a field that a cell can fill: '{name}' {why}",
                f"可由单元格填写的字段：“{name}”不能导入",
                "leave it out",
                "请去掉该字段",
            )
            continue
        yield from _origin(origin)
        type_ = types.form(form.name)[name]
        for text in origin.literals():
            if zone is None:
                continue
            found = read_literal(text, place_of(text), type_, zone)
            if isinstance(found, Diagnostic):
                yield found


def _identity(mapping: Mapping, form: Form) -> Iterator[Diagnostic]:
    place = mapping.place("identity")
    declared = form.fields.get(mapping.identity)
    unique = [name for name, f in form.fields.items() if f.unique]
    if declared is None or not declared.unique:
        yield reference.unknown_resource(
            place, f"field with unique: yes in {form.name} called", mapping.identity, unique
        )
    origin = mapping.fields.get(mapping.identity)
    if origin is None or origin.column is None:
        yield syntax.missing_key(mapping.place("fields"), mapping.identity, "fields (the identity, with a column)")


def _origin(origin: Origin) -> Iterator[Diagnostic]:
    if origin.value is not None:
        for name in ("words", "otherwise", "if_empty"):
            if origin.was_written(name):
                yield syntax.unknown_key(origin.place(name), name, "a field with one value", ["value"])
    elif origin.otherwise is not None and origin.words is None:
        yield syntax.missing_key(origin.place("otherwise"), "words", "a field with otherwise")


def _columns(mapping: Mapping) -> Iterator[Diagnostic]:
    """A column stands once: under `fields` for one field, or under `ignore`."""
    seen: dict[str, Span] = {}
    for column in mapping.columns():
        name, place = column.strip(), place_of(column)
        if name in seen:
            yield reference.defined_twice(place, "column", name, seen[name])
        seen.setdefault(name, place)
