"""decision: a table of rules over typed inputs, with a DMN hit policy (OMG DMN 1.5, 8.2.8)."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import ClassVar

from engine.language.expressions.parse import Expression
from engine.language.kinds.definition import RAW, Definition
from engine.language.kinds.form import INPUTS, OUTPUTS, Field
from engine.language.shapes import CONDITION, ListOf, MapOf, Name, OneWord, Struct, StructShape, key
from engine.language.yamltree import Tree

HIT_POLICIES = (
    "unique", "any", "priority", "first", "rule_order", "output_order", "collect", "sum", "min", "max", "count",
)  # fmt: skip
OF_SEVERAL_ROWS = frozenset({"rule_order", "output_order", "collect"})
"""Hit policies that answer with a list: one value of each row that fits."""


@dataclass(frozen=True, kw_only=True)
class Fact(Struct):
    """A fact that must hold over the rows."""

    if_: Expression | None = key(CONDITION, "for the rows where this holds")
    that: Expression = key(CONDITION, "this must hold", required=True)


@dataclass(frozen=True, kw_only=True)
class Decision(Definition):
    """Typed inputs and outputs, and rows of cells in words. Every cell is written."""

    KIND: ClassVar[str] = "decision"

    hit: str = key(OneWord(*HIT_POLICIES), "which rows count when several fit", required=True)
    inputs: Map[str, Field] = key(INPUTS, "what it is asked with", required=True)
    outputs: Map[str, Field] = key(OUTPUTS, "what it answers", required=True)
    rules: tuple[Map[str, Tree], ...] = key(ListOf(MapOf(Name(reserved=True), RAW)), "the rows", required=True)
    if_none: Map[str, Tree] | None = key(MapOf(Name(), RAW), "the answer when no row fits")
    proves: Map[str, Fact] | None = key(
        MapOf(Name(), StructShape(Fact, ("a fact", "事实"))), "facts that check holds against the rows"
    )

    @property
    def answers_if_none(self) -> Map[str, Tree]:
        """Output -> what holds when no row fits: said at the output, or for all of them together."""
        own = {name: field.if_none for name, field in self.outputs.items() if field.if_none is not None}
        return {**(self.if_none or {}), **own}

    @property
    def always_answers(self) -> bool:
        """Every output says what holds when no row fits."""
        return self.answers_if_none.keys() >= self.outputs.keys()
