"""The cases of a gateway: `{if: condition, next: node}`; `if: otherwise` is the one for the rest."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any

from engine.interpreter.run import Run
from engine.interpreter.tagged import to_tagged
from engine.language.diagnostics import Edit, only_near
from engine.language.expressions.parse import Expression
from engine.language.kinds.people import TARGET
from engine.language.messages import syntax, type_errors
from engine.language.shapes import CONDITION, Instead, ListOf, Reading, Schema, Shape, Struct, StructShape, key
from engine.language.shapes.scalars import NAME
from engine.language.yamltree import Mapping, Scalar, Sequence, Tree

MOST_READS = 8
REST = ("otherwise", "else", "default", "other", "others", "rest")
"""What people call the case for the rest; only the first is a word of the language."""


class ConditionOrOtherwise(Shape[Any]):
    """A condition, or the word `otherwise`."""

    expected = ("a condition, or otherwise", "条件，或 otherwise")

    def read(self, tree: Tree, reading: Reading) -> Any:
        if not isinstance(tree, Scalar):
            return CONDITION.read(tree, reading)
        if tree.text == "otherwise":
            return OTHERWISE
        if tree.text.lower() in (*REST, "any") or only_near(tree.text, ("otherwise",)):
            _say_otherwise(tree, reading)
            return None
        return CONDITION.read(tree, reading)

    def json_schema(self, definitions: Schema) -> Schema:
        return {"type": ["string", "boolean"]}


class _Otherwise:
    def __repr__(self) -> str:
        return "otherwise"


OTHERWISE = _Otherwise()


def _say_otherwise(tree: Scalar, reading: Reading) -> None:
    reading.say(
        type_errors.bad_expression(
            tree.span,
            f"'{tree.text}' is no condition",
            f"“{tree.text}”不是条件",
            "the last case, for the rest, is written `if: otherwise`",
            "最后一个分支（其余情形）写作 if: otherwise",
            (tree.text, "otherwise"),
        )
    )


@dataclass(frozen=True, kw_only=True)
class Case(Struct):
    """One way out of a gateway."""

    if_: Any = key(ConditionOrOtherwise(), "when it is taken, or otherwise", required=True)
    next: str = key(TARGET, "the node it leads to", required=True)

    @classmethod
    def instead(cls, name: Scalar, value: Tree, tree: Mapping) -> Instead | None:
        return rest_case(name, value, tree) if len(tree.entries) == 1 else None

    @property
    def is_otherwise(self) -> bool:
        return self.if_ is OTHERWISE


CASE = StructShape(Case, ("a case", "分支"))
CASES = ListOf(CASE)


class _LastCase(StructShape[Case]):
    """The last of several cases of which one is taken: without a condition, or with one that always holds, it is `otherwise`."""

    def read(self, tree: Tree, reading: Reading, skip: Iterable[str] = ()) -> Case | None:
        condition = tree.get("if") if isinstance(tree, Mapping) else None
        if isinstance(condition, Scalar) and condition.text.lower() == "true":
            _say_otherwise(condition, reading)
            return None
        return super().read(tree, reading, skip)

    def wrong(self, tree: Tree, reading: Reading) -> None:
        if isinstance(tree, Scalar) and NAME.match(tree.text):
            right = f"{{if: otherwise, next: {tree.text}}}"
            write = (tree.text, right)
            reading.say(syntax.wrong_shape(tree.span, *self.expected, f"write {right}", f"请写 {right}", write))
        else:
            super().wrong(tree, reading)

    def only(self, name: str, tree: Mapping) -> str | None:
        return "otherwise" if name == "if" else super().only(name, tree)


class OneOfCases(ListOf):
    """The cases of a gateway that takes the first that holds."""

    LAST = _LastCase(Case, ("a case", "分支"))

    def __init__(self) -> None:
        super().__init__(CASE)

    def item_at(self, index: int, items: tuple[Tree, ...]) -> Shape[Any]:
        is_last = 0 < index == len(items) - 1
        return self.LAST if is_last and not any(map(_is_otherwise, items)) else self.item


def _is_otherwise(case: Tree) -> bool:
    condition = case.get("if") if isinstance(case, Mapping) else None
    return isinstance(condition, Scalar) and condition.text == "otherwise"


def rest_case(name: Scalar, value: Tree, tree: Mapping) -> Instead | None:
    """`else: node` as a case of its own, or beside the cases of a gateway: written as the last case."""
    if name.text.lower() not in REST:
        return None
    target = value.text if isinstance(value, Scalar) and not value.absent else "..."
    return Instead(
        f"end the cases with {{if: otherwise, next: {target}}}",
        f"请在分支最后写 {{if: otherwise, next: {target}}}",
        None if target == "..." else _edit(name, value, tree, target),
    )


def _edit(name: Scalar, value: Tree, tree: Mapping, target: str) -> Edit | None:
    place = name.span
    if len(tree.entries) == 1:  # the case itself
        end = ", " if tree.flow else "\n" + " " * (place.column - 1)
        return Edit(place, f"if: otherwise{end}next")
    above = next((tree.entries[i - 1] for i, (key, _) in enumerate(tree.entries) if i and key is name), None)
    if above is None or above[0].text != "cases" or not isinstance(above[1], Sequence) or above[1].flow:
        return None
    if any(map(_is_otherwise, above[1].items)):
        return None
    pad = " " * (above[1].span.column - place.column)
    whole = place._replace(end_line=value.span.end_line, end_column=value.span.end_column)
    return Edit(whole, f"{pad}- {{if: otherwise, next: {target}}}")


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
