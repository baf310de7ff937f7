"""What a value is worked out from: the formula of a field, the arguments of a function, written out over the record that is asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from engine.language.expressions.tree import (
    Each,
    Field,
    Name,
    Node,
    rebuilt,
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

    if isinstance(node, Each):
        inside = bound | {node.variable}
        return dataclasses.replace(
            node,
            value=mapped(node.value, change, inside),
            rows=go(node.rows),
            test=None if node.test is None else mapped(node.test, change, inside),
        )
    return rebuilt(node, go)


def of_record(formula: Node, record: Node | None) -> Node:
    """A form's formula, whose fields are bare, asked of one record; None: of the form's own."""

    def owned(part: Node) -> Node | None:
        if record is None or not isinstance(part, Name):
            return None
        return Field(part.offset, part.length, record.height + 1, record, part.name)

    return mapped(formula, owned)
