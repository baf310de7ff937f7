"""The tree of an expression: a few frozen nodes, each with its place in the text. Shape only; no meaning lives here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

Scalar = int | Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class Node:
    """`offset` and `length` count characters of the expression's text; `height` is that of the tree below, from 1."""

    offset: int
    length: int
    height: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Scalar


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Field(Node):
    """`of.name`: a field of one thing, never anything else."""

    of: Node
    name: str


@dataclass(frozen=True, slots=True)
class Items(Node):
    """A list literal."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Minus(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`operator` is one of + - * / %."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`operator` is one of == != < <= > >= in, `not in`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`and` or `or` over two or more operands, flat, so that a long row of conditions is not deep."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choose(Node):
    """`then if test else other`."""

    then: Node
    test: Node
    other: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    function: str
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Each(Node):
    """`value for variable in rows if test`, the only argument of an aggregate."""

    value: Node
    variable: str
    rows: Node
    test: Node | None


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below, in the order of the text as far as it matters."""
    match node:
        case Field():
            return (node.of,)
        case Items():
            return node.items
        case Minus() | Not():
            return (node.operand,)
        case Arithmetic() | Compare():
            return (node.left, node.right)
        case Logic():
            return node.operands
        case Choose():
            return (node.then, node.test, node.other)
        case Call():
            return (*node.arguments, *(value for _, value in node.keywords))
        case Each():
            return (node.value, node.rows) if node.test is None else (node.value, node.rows, node.test)
        case _:
            return ()


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with each of its parts exchanged for what `change` makes of it. A generator is left as it is: its names mean
    something else inside, so who goes into it must say how."""
    match node:
        case Field(of=of):
            return replace(node, of=change(of))
        case Items(items=items):
            return replace(node, items=tuple(map(change, items)))
        case Minus(operand=operand) | Not(operand=operand):
            return replace(node, operand=change(operand))
        case Arithmetic(left=left, right=right) | Compare(left=left, right=right):
            return replace(node, left=change(left), right=change(right))
        case Logic(operands=operands):
            return replace(node, operands=tuple(map(change, operands)))
        case Choose(then=then, test=test, other=other):
            return replace(node, then=change(then), test=change(test), other=change(other))
        case Call(arguments=arguments, keywords=keywords):
            named = tuple((name, change(value)) for name, value in keywords)
            return replace(node, arguments=tuple(map(change, arguments)), keywords=named)
    return node


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    todo = [node]
    while todo:
        one = todo.pop()
        yield one
        todo.extend(reversed(children(one)))


Path = tuple[str, ...]


def paths(root: Node) -> frozenset[Path]:
    """The longest dotted paths that are read, as ('lead', 'owner', 'name').

    A variable of a generator stands for the rows it runs over: in `count(a for a in lead.activities if a.kind == 'x')`
    the paths are ('lead', 'activities') and ('lead', 'activities', 'kind').
    """
    found: set[Path] = set()

    def path(node: Node, scope: dict[str, Path]) -> Path | None:
        """The path that `node` spells; empty when it begins at something without a name; None when it is no path."""
        if isinstance(node, Name):
            return scope.get(node.name, (node.name,))
        if isinstance(node, Field):
            below = path(node.of, scope)
            if below is None:
                visit(node.of, scope)
                return ()
            return (*below, node.name) if below else ()
        return None

    def visit(node: Node, scope: dict[str, Path]) -> None:
        spelled = path(node, scope)
        if spelled is not None:
            if spelled:
                found.add(spelled)
        elif isinstance(node, Each):
            rows = path(node.rows, scope)
            if rows:
                found.add(rows)
            elif rows is None:
                visit(node.rows, scope)
            inner = {**scope, node.variable: rows or ()}
            visit(node.value, inner)
            if node.test is not None:
                visit(node.test, inner)
        else:
            for child in children(node):
                visit(child, scope)

    visit(root, {})
    return frozenset(found)
