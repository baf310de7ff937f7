"""Places that hold a list or a mapping, and places that hold one thing or another by the look of the YAML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.language.messages import syntax
from engine.language.shapes.base import Reading, Schema, Shape
from engine.language.source import Word
from engine.language.yamltree import Mapping, Scalar, Sequence, Tree


class ListOf(Shape[tuple[Any, ...]]):
    """A list; where `single` is set one item may stand without brackets."""

    def __init__(self, item: Shape[Any], single: bool = False, at_least: int = 1) -> None:
        self.item, self.single, self.at_least = item, single, at_least
        self.expected = (f"a list of {item.expected[0]}", f"{item.expected[1]}的列表")

    def read(self, tree: Tree, reading: Reading) -> tuple[Any, ...] | None:
        if not isinstance(tree, Sequence):
            if self.single:
                one = self.item.read(tree, reading)
                return None if one is None else (one,)
            self.wrong(tree, reading)
            return None
        if len(tree.items) < self.at_least:
            self.wrong(tree, reading)
            return None
        items = [self.item_at(i, tree.items).read(item, reading) for i, item in enumerate(tree.items)]
        return None if any(item is None for item in items) else tuple(items)

    def item_at(self, index: int, items: tuple[Tree, ...]) -> Shape[Any]:
        """How the item at `index` is read; overridden where its place in the list says more."""
        return self.item

    def json_schema(self, definitions: Schema) -> Schema:
        item = self.item.json_schema(definitions)
        schema: Schema = {"type": "array", "items": item, "minItems": self.at_least}
        return {"anyOf": [schema, item]} if self.single else schema


class MapOf(Shape[dict[str, Any]]):
    """A mapping of names, which somebody chose, to things of one shape. Keys keep their places (Word)."""

    def __init__(self, name: Shape[Any], value: Shape[Any], at_most: int | None = None) -> None:
        self.name, self.value, self.at_most = name, value, at_most
        self.expected = (
            f"a mapping of {name.expected[0]} to {value.expected[0]}",
            f"“{name.expected[1]}: {value.expected[1]}”的键值对",
        )

    def read(self, tree: Tree, reading: Reading) -> dict[str, Any] | None:
        if not isinstance(tree, Mapping):
            self.wrong(tree, reading)
            return None
        found: dict[str, Any] = {}
        complete = True
        for name, value in tree.entries:
            word = self.name.read(name, reading)
            if isinstance(value, Scalar) and value.absent:
                reading.say(syntax.wrong_shape(name.span, f"a value after '{name.text}:'", f"“{name.text}:”之后应有值"))
                complete = False
                continue
            read = self.value.read(value, reading)
            if word is None or read is None:
                complete = False
            else:
                found[word] = read
        return found if complete else None

    def json_schema(self, definitions: Schema) -> Schema:
        return {"type": "object", "additionalProperties": self.value.json_schema(definitions)}


class ByLook(Shape[Any]):
    """One thing if a scalar stands here, another if a list or a mapping does; `words` are exact scalars with a value."""

    def __init__(
        self,
        expected: tuple[str, str],
        scalar: Shape[Any] | None = None,
        mapping: Shape[Any] | None = None,
        sequence: Shape[Any] | None = None,
        words: dict[str, Any] | None = None,
    ) -> None:
        self.expected = expected
        self.scalar, self.mapping, self.sequence, self.words = scalar, mapping, sequence, words or {}

    def read(self, tree: Tree, reading: Reading) -> Any:
        if isinstance(tree, Scalar):
            if tree.text in self.words:
                value = self.words[tree.text]
                return Word.at(tree.text, tree.span) if value is None else value
            shape = self.scalar
        else:
            shape = self.mapping if isinstance(tree, Mapping) else self.sequence
        if shape is None:
            self.wrong(tree, reading)
            return None
        return shape.read(tree, reading)

    def json_schema(self, definitions: Schema) -> Schema:
        options: list[Schema] = [{"enum": list(self.words)}] if self.words else []
        options += [s.json_schema(definitions) for s in (self.scalar, self.mapping, self.sequence) if s is not None]
        return {"anyOf": options} if len(options) > 1 else options[0]


class Lazy(Shape[Any]):
    """A shape named before it exists: for definitions that hold themselves."""

    def __init__(self, shape: Callable[[], Shape[Any]]) -> None:
        self._shape = shape

    @property
    def expected(self) -> tuple[str, str]:  # type: ignore[override]
        return self._shape().expected

    def read(self, tree: Tree, reading: Reading) -> Any:
        return self._shape().read(tree, reading)

    def json_schema(self, definitions: Schema) -> Schema:
        return self._shape().json_schema(definitions)
