"""What a value is worked out from: the formula of a field, the arguments of a function, written out over the record that is asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from engine.language.expressions.tree import (
    Arithmetic,
    Call,
    Choose,
    Compare,
    Each,
    Field,
    Items,
    Logic,
    Minus,
    Name,
    Node,
    Not,
)


def mapped(node: Node, change: Callable[[Node], Node | None], bound: frozenset[str] = frozenset()) -> Node:
    """The tree with parts exchanged: `change` answers what stands for a part, None where it stays and is gone into.

    Names of a generator's rows are never asked for.
    """
    if isinstance(node, Name) and node.name in bound:
        return node
    found = change(node)
    if found is not None:
        return found

    def go(part: Node) -> Node:
        return mapped(part, change, bound)

    match node:
        case Field(of=of):
            return dataclasses.replace(node, of=go(of))
        case Items(items=items):
            return dataclasses.replace(node, items=tuple(map(go, items)))
        case Minus(operand=operand) | Not(operand=operand):
            return dataclasses.replace(node, operand=go(operand))
        case Arithmetic(left=left, right=right) | Compare(left=left, right=right):
            return dataclasses.replace(node, left=go(left), right=go(right))
        case Logic(operands=operands):
            return dataclasses.replace(node, operands=tuple(map(go, operands)))
        case Choose(then=then, test=test, other=other):
            return dataclasses.replace(node, then=go(then), test=go(test), other=go(other))
        case Call(arguments=arguments, keywords=keywords):
            named = tuple((name, go(value)) for name, value in keywords)
            return dataclasses.replace(node, arguments=tuple(map(go, arguments)), keywords=named)
        case Each(value=value, variable=variable, rows=rows, test=test):
            inside = bound | {variable}
            return dataclasses.replace(
                node,
                value=mapped(value, change, inside),
                rows=go(rows),
                test=None if test is None else mapped(test, change, inside),
            )
    return node


def of_record(formula: Node, record: Node | None) -> Node:
    """A form's formula, whose fields are bare, asked of one record; None: of the form's own."""

    def owned(part: Node) -> Node | None:
        if record is None or not isinstance(part, Name):
            return None
        return Field(part.offset, part.length, record.height + 1, record, part.name)

    return mapped(formula, owned)
