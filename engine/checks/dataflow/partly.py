"""A rule of a form over a record of which only some fields are known: it holds, it does not, or it cannot be said."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from engine.checks.dataflow.assumed import constant
from engine.checks.dataflow.filled import path_of
from engine.language.expressions.tree import Call, Compare, Items, Literal, Logic, Node, Not

EMPTY, FILLED = None, True
Known = Mapping[str, "str | bool | None"]
"""Field -> its constant, FILLED (something) or EMPTY; a field that is not there is not known."""


def truth(node: Node, known: Known) -> bool | None:
    """Whether the condition holds; None when that cannot be said."""
    match node:
        case Not(operand=operand):
            found = truth(operand, known)
            return None if found is None else not found
        case Logic(operator=operator, operands=operands):
            parts = [truth(part, known) for part in operands]
            decisive = operator == "or"
            if decisive in parts:
                return decisive
            return None if None in parts else not decisive
        case Call(function="has", arguments=(argument,)):
            return _has(argument, known)
        case Compare(left=left, right=right, operator=operator):
            return _compare(left, right, operator, known)
        case Literal(value=bool() as value):
            return value
        case _:
            return _compare(node, None, "==", known) if path_of(node) is not None else None


def _has(node: Node, known: Known) -> bool | None:
    path = path_of(node)
    if path is None or path[0] not in known:
        return None
    if known[path[0]] is EMPTY:
        return False
    return True if len(path) == 1 else None


def _compare(left: Node, right: Node | None, operator: str, known: Known) -> bool | None:
    """`right` None: a yes_no field stands alone."""
    if (right is not None and _has(right, known) is False) or _has(left, known) is False:
        return False  # with empty every comparison is
    one = _constant(left, known)
    if operator in ("in", "not in") and isinstance(right, Items):
        entries = [constant(item) for item in right.items]
        return None if one is None or None in entries else (one in entries) is (operator == "in")
    other = "yes" if right is None else _constant(right, known)
    if one is None or other is None:
        return None
    if operator in ("==", "!="):
        a, b = _number(one), _number(other)
        same = a == b if a is not None and b is not None else one == other
        return same is (operator == "==")
    a, b = _number(one), _number(other)
    if a is None or b is None:
        return None
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}.get(operator)


def _constant(node: Node, known: Known) -> str | None:
    path = path_of(node)
    if path is None:
        return constant(node)
    found = known.get(path[0]) if len(path) == 1 else None
    return found if isinstance(found, str) else None


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace("_", ""))
    except InvalidOperation:
        return None
