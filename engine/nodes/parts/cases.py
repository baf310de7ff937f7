"""The cases of a gateway: `{if: condition, next: node}`; `if: otherwise` is the one for the rest."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any

from engine.interpreter.run import Run
from engine.interpreter.tagged import to_tagged
from engine.language.expressions.parse import Expression
from engine.language.kinds.people import TARGET
from engine.language.shapes import CONDITION, ListOf, Reading, Schema, Shape, Struct, StructShape, key
from engine.language.yamltree import Scalar, Tree

MOST_READS = 8


class ConditionOrOtherwise(Shape[Any]):
    """A condition, or the word `otherwise`."""

    expected = ("a condition, or otherwise", "条件，或 otherwise")

    def read(self, tree: Tree, reading: Reading) -> Any:
        if isinstance(tree, Scalar) and tree.text == "otherwise":
            return OTHERWISE
        return CONDITION.read(tree, reading)

    def json_schema(self, definitions: Schema) -> Schema:
        return {"type": ["string", "boolean"]}


class _Otherwise:
    def __repr__(self) -> str:
        return "otherwise"


OTHERWISE = _Otherwise()


@dataclass(frozen=True, kw_only=True)
class Case(Struct):
    """One way out of a gateway."""

    if_: Any = key(ConditionOrOtherwise(), "when it is taken, or otherwise", required=True)
    next: str = key(TARGET, "the node it leads to", required=True)

    @property
    def is_otherwise(self) -> bool:
        return self.if_ is OTHERWISE


CASES = ListOf(StructShape(Case, ("a case", "分支")))


def why(run: Run, case: Case) -> Map[str, Any]:
    """What the condition that was taken read, name and value (RUNTIME R4), capped."""
    if case.is_otherwise:
        return {"case": "otherwise"}
    expression: Expression = case.if_
    reads: dict[str, Any] = {}
    for path in list(expression.reads)[:MOST_READS]:
        value: Any = run.names.get(path[0])
        for part in path[1:]:
            value = value[part] if isinstance(value, dict) else None
        if not isinstance(value, tuple | dict):
            reads[".".join(path)] = to_tagged(value)
    return {"case": expression.text[:200], "read": reads}
