"""What is known of a record while a circle is played: fields and the literals they hold; and what that says of a condition."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from engine.language.expressions import tree
from engine.language.expressions.parse import Expression
from engine.language.kinds.events import Trigger

Facts = Mapping[str, str]
"""Field -> the literal that it holds, as it is written; a field that is not there is not known. Empty text: the field is empty."""


def frozen(facts: Facts) -> frozenset[tuple[str, str]]:
    return frozenset(facts.items())


def assumed(condition: Expression | None) -> frozenset[str]:
    """The paths that a condition reads, as text."""
    return frozenset(".".join(path) for path in condition.reads) if condition is not None else frozenset()


def of_condition(trigger: Trigger, form: str | None) -> Facts:
    """What must be so when a case begins: the equalities of its conditions."""
    found: dict[str, str] = {}
    for condition in (trigger.becomes, trigger.if_):
        if condition is not None:
            _equalities(condition.tree, form, found)
    return found


def _equalities(node: tree.Node, form: str | None, found: dict[str, str]) -> None:
    if isinstance(node, tree.Logic) and node.operator == "and":
        for operand in node.operands:
            _equalities(operand, form, found)
    elif isinstance(node, tree.Compare) and node.operator == "==":
        field = _field(node.left, form)
        if field is not None and isinstance(node.right, tree.Literal):
            found[field] = _text(node.right.value)
    elif (field := _field(node, form)) is not None:
        found[field] = "yes"


def truth(condition: Expression, facts: Facts, form: str | None) -> bool | None:
    """Whether the condition holds; None where it is not known. Comparisons with empty are false (LANGUAGE 10)."""
    return _truth(condition.tree, facts, form)


def _truth(node: tree.Node, facts: Facts, form: str | None) -> bool | None:
    match node:
        case tree.Logic():
            parts = [_truth(operand, facts, form) for operand in node.operands]
            decides = node.operator == "or"
            return decides if decides in parts else None if None in parts else not decides
        case tree.Not():
            inner = _truth(node.operand, facts, form)
            return None if inner is None else not inner
        case tree.Compare():
            return _compared(node, facts, form)
        case tree.Call() if node.function == "has" and node.arguments:
            value = _value(node.arguments[0], facts, form)
            return None if value is None else value != ""
        case _:
            value = _value(node, facts, form)
            return None if value is None else value in ("yes", "True")


def _compared(node: tree.Compare, facts: Facts, form: str | None) -> bool | None:
    left = _value(node.left, facts, form)
    if isinstance(node.right, tree.Items):
        items = [_value(item, facts, form) for item in node.right.items]
        if left is None or None in items:
            return None
        return bool(left) and (left in items) == (node.operator == "in")
    right = _value(node.right, facts, form)
    if left is None or right is None:
        return None
    if left == "" or right == "":
        return False
    try:
        first, second = Decimal(left), Decimal(right)
    except InvalidOperation:
        return left == right if node.operator == "==" else left != right if node.operator == "!=" else None
    return {
        "==": first == second, "!=": first != second, "<": first < second, "<=": first <= second, ">": first > second,
        ">=": first >= second,
    }.get(node.operator)  # fmt: skip


def _value(node: tree.Node, facts: Facts, form: str | None) -> str | None:
    if isinstance(node, tree.Literal):
        return _text(node.value)
    field = _field(node, form)
    return facts.get(field) if field is not None else None


def _field(node: tree.Node, form: str | None) -> str | None:
    if isinstance(node, tree.Field) and isinstance(node.of, tree.Name) and node.of.name == form:
        return node.name
    return None


def _text(value: tree.Scalar) -> str:
    return "" if value is None else {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
