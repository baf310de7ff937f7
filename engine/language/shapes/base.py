"""How a place of a definition is read: the Shape protocol, and Struct, a mapping whose keys are declared fields.

One declaration is at once the reader, the check of keys, the JSON Schema for editors and the manual: a frozen dataclass
derived from Struct whose fields are made by `key(shape, doc)`.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from engine.language.diagnostics import Diagnostic, Edit, nearest
from engine.language.messages import syntax
from engine.language.source import NOWHERE, Source, Span
from engine.language.yamltree import Mapping, Scalar, Tree

T = TypeVar("T")
S = TypeVar("S", bound="Struct")
Schema = dict[str, Any]


class Instead(NamedTuple):
    """How a thing is said here: in en and zh, and the edit that says it where that is certain."""

    en: str
    zh: str
    edit: Edit | None = None


@dataclass
class Reading:
    """One file being read: collects what is wrong with it. `node_types` are the types that `type:` may name."""

    source: Source
    node_types: Map[str, type[Any]] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def say(self, diagnostic: Diagnostic) -> None:
        self.diagnostics.append(diagnostic)


class Shape(ABC, Generic[T]):
    """What a place holds. `expected` is its name for a person, in en and zh: "a duration, e.g. 2 workdays"."""

    expected: tuple[str, str]

    @abstractmethod
    def read(self, tree: Tree, reading: Reading) -> T | None:
        """The value, or None after saying what is wrong. None is never a value."""

    @abstractmethod
    def json_schema(self, definitions: Schema) -> Schema:
        """The JSON Schema (draft-07) of this place; named parts go into `definitions`."""

    def wrong(self, tree: Tree, reading: Reading) -> None:
        reading.say(syntax.wrong_shape(tree.span, *self.expected))


def key(shape: Shape[Any] | Callable[[], Shape[Any]], doc: str, *, required: bool = False, default: Any = None) -> Any:
    """A field of a Struct: how its place is read and what it means. A shape may be given lazily, for recursion."""
    return field(default=default, metadata={"shape": shape, "doc": doc, "required": required})


@dataclass(frozen=True, kw_only=True)
class Struct:
    """A mapping with declared keys. A key that is a Python word has `_` behind it in Python only."""

    EXACTLY_ONE: ClassVar[tuple[tuple[str, ...], ...]] = ()
    AT_MOST_ONE: ClassVar[tuple[tuple[str, ...], ...]] = ()

    span: Span = field(default=NOWHERE, compare=False, repr=False)
    places: Map[str, Span] = field(default_factory=dict, compare=False, repr=False)

    def place(self, name: str) -> Span:
        """Where the value of a key stands; the struct's own place if the key was not written."""
        return self.places.get(name, self.span)

    def was_written(self, name: str) -> bool:
        return name in self.places

    @classmethod
    def keys(cls) -> dict[str, dataclasses.Field[Any]]:
        """YAML key -> declared field, in order."""
        found = cls.__dict__.get("_keys")
        if found is None:
            found = {f.name.rstrip("_"): f for f in dataclasses.fields(cls) if "shape" in f.metadata}
            cls._keys = found  # type: ignore[attr-defined]
        return found

    @classmethod
    def only_value(cls, name: str, tree: Mapping) -> str | None:
        """The one value that the required key `name`, which is missing in `tree`, can have; None where there are several."""
        words = getattr(cls.shape_of(name), "words", ())
        return str(words[0]) if isinstance(words, tuple) and len(words) == 1 else None

    @classmethod
    def instead(cls, name: Scalar, value: Tree, tree: Mapping) -> Instead | None:
        """What an unknown key of `tree` that people bring from elsewhere (`else`, `default`) is called here."""
        return None

    @classmethod
    def shape_of(cls, name: str) -> Shape[Any]:
        shape = cls.keys()[name].metadata["shape"]
        return shape if isinstance(shape, Shape) else shape()


class StructShape(Shape[S]):
    """Reads a mapping into a Struct class: unknown, missing and contradicting keys are said with their places."""

    def __init__(self, cls: type[S], called: tuple[str, str] | None = None) -> None:
        self.cls = cls
        self.called = called or (_words(cls.__name__), _words(cls.__name__))
        self.expected = (f"{self.called[0]} as a mapping", f"{self.called[1]}（键值对）")

    def read(self, tree: Tree, reading: Reading, skip: Iterable[str] = ()) -> S | None:
        if not isinstance(tree, Mapping):
            self.wrong(tree, reading)
            return None
        keys, values, places = self.cls.keys(), {}, {}
        skipped = set(skip)
        complete = True
        meant: set[str] = set()
        for name, value in tree.entries:
            if name.text in skipped:
                continue
            if name.text not in keys:
                meant |= self._unknown(name, value, tree, skipped, reading)
                complete = False
                continue
            if isinstance(value, Scalar) and value.absent:
                reading.say(
                    syntax.wrong_shape(
                        name.span,
                        f"a value after '{name.text}:'",
                        f"“{name.text}:”之后应有值",
                        "write it or remove the key",
                        "请写上或删除该键",
                    )
                )
                complete = False
                continue
            read = self.cls.shape_of(name.text).read(value, reading)
            places[name.text] = value.span
            if read is None:
                complete = False
            else:
                values[keys[name.text].name] = read
        written = {name.text for name, _ in tree.entries} | meant  # a slip of a key is not also a missing key
        for name_, declared in keys.items():
            if declared.metadata["required"] and name_ not in written:
                only = self.only(name_, tree)
                reading.say(
                    syntax.missing_key(_head(tree.span), name_, *self.called, only, entry_of(tree, name_, only))
                )
                complete = False
        complete &= self._choose(tree, written, reading)
        if not complete:
            return None
        return self.cls(span=tree.span, places=places, **values)

    def only(self, name: str, tree: Mapping) -> str | None:
        """The one value that a missing key can have here."""
        return self.cls.only_value(name, tree)

    def _unknown(self, name: Scalar, value: Tree, tree: Mapping, skipped: Iterable[str], reading: Reading) -> set[str]:
        """Says what is wrong with a key; gives the keys that were meant by it."""
        keys = self.cls.keys()
        instead = self.cls.instead(name, value, tree)
        if instead is not None:
            reading.say(syntax.foreign_key(name.span, name.text, self.called, *instead))
            return set(keys)
        allowed = [*keys, *skipped]
        reading.say(syntax.unknown_key(name.span, name.text, self.called[0], allowed, self.called[1]))
        near = nearest(name.text, allowed)
        return {near} if near is not None else set()

    def _choose(self, tree: Mapping, written: set[str], reading: Reading) -> bool:
        good = True
        for group in (*self.cls.EXACTLY_ONE, *self.cls.AT_MOST_ONE):
            there = [name for name in group if name in written]
            if len(there) > 1 or (not there and group in self.cls.EXACTLY_ONE):
                words = ", ".join(group)
                second = tree.key(there[1]) if len(there) > 1 else None
                place = second.span if second else _head(tree.span)
                how = "exactly one of" if group in self.cls.EXACTLY_ONE else "at most one of"
                how_zh = "以下键恰好写一个" if group in self.cls.EXACTLY_ONE else "以下键至多写一个"
                reading.say(
                    syntax.wrong_shape(
                        place, f"{how} {words} in {self.called[0]}", f"{self.called[1]}的{how_zh}：{words}"
                    )
                )
                good = False
        return good

    def json_schema(self, definitions: Schema) -> Schema:
        name = self.cls.__name__
        if name not in definitions:
            definitions[name] = {}
            definitions[name].update(struct_schema(self.cls, definitions))
        return {"$ref": f"#/definitions/{name}"}


def struct_schema(cls: type[Struct], definitions: Schema) -> Schema:
    """The JSON Schema of a Struct's mapping, written out."""
    properties: Schema = {}
    for name, declared in cls.keys().items():
        described = {"description": declared.metadata["doc"]}
        schema = cls.shape_of(name).json_schema(definitions)
        # draft-07 ignores what stands beside a $ref
        properties[name] = {"allOf": [schema], **described} if "$ref" in schema else {**schema, **described}
    schema = {"type": "object", "additionalProperties": False, "properties": properties}
    required = [name for name, declared in cls.keys().items() if declared.metadata["required"]]
    if required:
        schema["required"] = required
    groups = [{"oneOf": [{"required": [name]} for name in group]} for group in cls.EXACTLY_ONE]
    if groups:
        schema["allOf"] = groups
    doc = (cls.__doc__ or "").strip()
    if doc and not doc.startswith(cls.__name__ + "("):
        schema["description"] = doc.split("\n\n")[0].replace("\n", " ")
    return schema


def entry_of(tree: Mapping, name: str, value: str | None) -> Edit | None:
    """The edit that writes `name: value` before the first key of `tree`; None where nothing can be written there."""
    if value is None or not tree.entries:
        return None
    first = tree.entries[0][0].span
    end = ", " if tree.flow else "\n" + " " * (first.column - 1)
    return Edit(Span(first.path, first.line, first.column, first.line, first.column), f"{name}: {value}{end}")


def _head(span: Span) -> Span:
    """The first character of a span: where something is missing."""
    return Span(span.path, span.line, span.column, span.line, span.column + 1)


def _words(name: str) -> str:
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
