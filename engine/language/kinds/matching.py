"""matching: which records mean the same thing: keys that are equal, or names that are alike."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from engine.language.expressions.parse import Expression
from engine.language.kinds.definition import Definition
from engine.language.shapes import CONDITION, PATH, MapOf, Name, NumberShape, Struct, StructShape, key


@dataclass(frozen=True, kw_only=True)
class LookIn(Struct):
    """One form to look in. Fields are compared after normalising; an empty one never matches."""

    any_same: Map[str, str] | None = key(MapOf(Name(), PATH), "our field: theirs; one equal pair is enough")
    or_similar: Map[str, str] | None = key(MapOf(Name(), PATH), "our field: theirs; alike at_least so much")
    at_least: Decimal | int = key(NumberShape(0, 1), "how alike, 0 to 1", default=Decimal("0.92"))
    only_if: Expression | None = key(CONDITION, "only records for which this holds")


@dataclass(frozen=True, kw_only=True)
class Matching(Definition):
    """Where to look for the twin of a record, in order."""

    KIND: ClassVar[str] = "matching"

    of: str = key(Name(), "the form", required=True)
    look_in: Map[str, LookIn] = key(
        MapOf(Name(), StructShape(LookIn, ("a place to look in", "查找处"))), "forms, in order", required=True
    )
