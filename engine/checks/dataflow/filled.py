"""What a condition says about emptiness: the paths that are filled where it holds, and where it does not.

A comparison with empty is false (LANGUAGE section 10), so whatever is compared in a condition that holds is filled.
Where nothing can be said nothing is said; where `+` may be of texts the condition is read in favour of its author.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

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
    Path,
    children,
)

Filled = frozenset[str]
"""Dotted paths that are surely filled, with every reference on their way."""
NOTHING: Filled = frozenset()
STRICT = frozenset(["contains", "starts_with", "length", "round", "floor", "ceil", "abs", "lower", "upper", "trim"])
"""Functions that are empty, or false, when what they are given is empty."""
MAY_BE_EMPTY = frozenset(["has", "first_of"])
"""Inside them emptiness is asked for or provided for."""


def path_of(node: Node) -> Path | None:
    """The dotted path that a node spells: ('lead', 'owner'); None when it is none."""
    if isinstance(node, Name):
        return (node.name,)
    if isinstance(node, Field):
        below = path_of(node.of)
        return None if below is None else (*below, node.name)
    return None


def with_way(path: Path) -> Filled:
    """The path and all that leads to it: what is filled when its end is."""
    return frozenset(".".join(path[:n]) for n in range(1, len(path) + 1))


def filled_if(node: Node, holds: bool) -> Filled:
    """The paths that are surely filled when the condition holds, or when it does not."""
    match node:
        case Not(operand=operand):
            return filled_if(operand, not holds)
        case Logic(operator=operator, operands=operands):
            parts = [filled_if(part, holds) for part in operands]
            joined = (operator == "and") is holds
            return NOTHING.union(*parts) if joined else parts[0].intersection(*parts[1:])
        case Call(function="has", arguments=(argument,)):
            return _of_value(argument) if holds else NOTHING
        case Compare(left=left, right=right):
            return _of_value(left) | _of_value(right) if holds else NOTHING
        case Choose(then=then, test=test, other=other):
            return (filled_if(test, True) | filled_if(then, holds)) & (filled_if(test, False) | filled_if(other, holds))
        case _:
            return _of_value(node) if holds else NOTHING


def _of_value(node: Node) -> Filled:
    """What is filled when this value is."""
    path = path_of(node)
    if path is not None:
        return with_way(path)
    match node:
        case Arithmetic(left=left, right=right):
            return _of_value(left) | _of_value(right)
        case Minus(operand=operand):
            return _of_value(operand)
        case Call(function=function, arguments=arguments) if function in STRICT:
            return NOTHING.union(*(_of_value(argument) for argument in arguments if not isinstance(argument, Each)))
        case Items():
            return NOTHING
        case Compare() | Logic() | Not():
            return filled_if(node, True)
        case _:
            return NOTHING


class Read(NamedTuple):
    """A path that is read at `node`, and what the expression itself says is filled there."""

    path: Path
    node: Node
    known: Filled


def reads(root: Node, known: Filled = NOTHING, hidden: frozenset[str] = frozenset()) -> Iterator[Read]:
    """Every path that is read where nobody asked whether it is there: not inside has or first_of.

    `hidden`: names that a generator gives a meaning of their own.
    """
    path = path_of(root)
    if path is not None:
        if path[0] not in hidden:
            yield Read(path, root, known)
        return
    match root:
        case Call(function=function) if function in MAY_BE_EMPTY:
            return
        case Logic(operator=operator, operands=operands):
            for place, part in enumerate(operands):
                others = [filled_if(o, operator == "and") for i, o in enumerate(operands) if i != place]
                yield from reads(part, known.union(*others), hidden)
        case Choose(then=then, test=test, other=other):
            yield from reads(test, known, hidden)
            yield from reads(then, known | filled_if(test, True), hidden)
            yield from reads(other, known | filled_if(test, False), hidden)
        case Each(value=value, variable=variable, rows=rows, test=test):
            yield from reads(rows, known, hidden)
            inside = hidden | {variable}
            yield from reads(value, known | (filled_if(test, True) if test is not None else NOTHING), inside)
            if test is not None:
                yield from reads(test, known, inside)
        case _:
            for child in children(root):
                yield from reads(child, known, hidden)
