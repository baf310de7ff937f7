"""texts: the titles of a pack in another language, by path."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import ClassVar

from engine.language.kinds.definition import Definition
from engine.language.shapes import Reading
from engine.language.yamltree import Mapping, Scalar


@dataclass(frozen=True, kw_only=True)
class Texts(Definition):
    """`workflows/contract_approval/finance_review: Finance review`. The name is the language."""

    KIND: ClassVar[str] = "texts"

    entries: Map[str, str] | None = None


def read_entries(tree: Mapping, reading: Reading) -> dict[str, str]:
    """The texts of the file by path."""
    from engine.language.messages import syntax
    from engine.language.source import Word

    found: dict[str, str] = {}
    for name, value in tree.entries[1:]:
        if isinstance(value, Scalar):
            found[Word.at(name.text, name.span)] = Word.at(value.text, value.span)
        else:
            reading.say(syntax.wrong_shape(value.span, "a text", "文本"))
    return found
