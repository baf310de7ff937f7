"""What every kind of definition has: its name, its title, and the file it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from engine.language.shapes import TEXT, Shape, Struct, key
from engine.language.yamltree import Tree


@dataclass(frozen=True, kw_only=True)
class Definition(Struct):
    """One definition a file; its first key is its kind, its value the name."""

    KIND: ClassVar[str] = ""

    name: str = ""
    path: str = ""
    title: str | None = key(TEXT, "how it is called in the pack's language; without one the name in words is shown")


class Raw(Shape[Tree]):
    """A place that is read later, when the types around it are known."""

    expected = ("a value", "值")

    def read(self, tree: Tree, reading: object) -> Tree:
        return tree

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        return {}


RAW = Raw()
