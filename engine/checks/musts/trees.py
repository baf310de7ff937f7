"""Expressions worked out over what has been written: a tree in which every written path stands as what was written to it.

So a rule of a form, put to a record by its path, says what it says once some steps have written: `sum(row.amount for row in
order.plan) == order.amount` after `order.plan: = plan_of(case.price, 3, days(30))` is `case.price == order.amount`. What
was written and is not known stands as a name of its own, `?1`, and so does whatever is worked out of rows partly known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from engine.checks.conditions.reading import constant, path_of
from engine.language.expressions.tree import (
    Arithmetic,
    Call,
    Each,
    Field,
    Literal,
    Logic,
    Name,
    Node,
    Path,
    paths,
    rebuilt,
)
from engine.language.expressions.types import ANY, Type

ZERO = Literal(0, 0, 1, 0)
EMPTY = Literal(0, 0, 1, None)
ROW = "·"
"""The variable of every generator, whatever its author called it: two that say the same are spelled the same."""
DEEPEST = 6
"""Formulas that read formulas are followed so deep."""
AGGREGATES = frozenset({"sum", "count", "min", "max", "average", "any", "all"})
MADE_OF: Mapping[str, Path] = {"plan_of": (ROW, "amount"), "split_by": (ROW,)}
"""Functions that share out their first argument, and what of their rows sums up to it."""
Cells = Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class Rows(Node):
    """A list of which something is known: what was there (None: nothing), rows more, rows less, one row for each row of a
    list that was read, and so many rows that are alike."""

    base: Node | None
    more: tuple[Cells, ...] = ()
    less: tuple[Cells, ...] = ()
    copies: tuple[tuple[Each, Cells], ...] = ()
    alike: tuple[tuple[Node, Cells], ...] = ()


def rows(base: Node | None, more: tuple[Cells, ...] = (), less: tuple[Cells, ...] = (), copies: Any = ()) -> Rows:
    return Rows(0, 0, 1, base, more, less, copies)


@dataclass
class Written:
    """What has been written on the way so far: path -> what stands there now, over what was there when it began."""

    values: dict[Path, Node] = field(default_factory=dict)
    types: dict[str, Type] = field(default_factory=dict)
    """The names of what is not known."""

    def copy(self) -> Written:
        return Written(dict(self.values), dict(self.types))

    def unknown(self, type_: Type) -> Name:
        """A name for a value of which nothing is known."""
        name = f"?{len(self.types) + 1}"
        self.types[name] = type_
        return Name(0, 0, 1, name)


class Formulas:
    """Where a path goes through a field that is worked out, its formula; asked of whoever knows the forms."""

    def of(self, path: Path) -> tuple[Node, Mapping[str, Any]] | None:
        raise NotImplementedError


def to_path(path: Path) -> Node:
    first: Node = Name(0, 0, 1, path[0])
    return reduce(lambda of, name: Field(0, 0, 1, of, name), path[1:], first)


def plus(one: Node, other: Node, sign: str = "+") -> Node:
    return other if one == ZERO and sign == "+" else Arithmetic(0, 0, 1, sign, one, other)


def both(*parts: Node) -> Node:
    return parts[0] if len(parts) == 1 else Logic(0, 0, 1, "and", parts)


def put_to(tree: Node, owner: Path, fields: Mapping[str, Any]) -> Node:
    """A form's expression over its bare fields, put to the record at `owner`."""
    return renamed(tree, {name: to_path((*owner, name)) for name in fields})


def renamed(node: Node, names: Mapping[str, Node]) -> Node:
    match node:
        case Name(name=name):
            return names.get(name, node)
        case Each(variable=variable, test=test):
            inner = {name: to for name, to in names.items() if name != variable}
            return dataclasses.replace(
                node,
                rows=renamed(node.rows, names),
                value=renamed(node.value, inner),
                test=None if test is None else renamed(test, inner),
            )
    return rebuilt(node, lambda part: renamed(part, names))


class Working:
    """Works trees out over what is written. `formulas` may answer for a path that ends in a formula field."""

    def __init__(self, written: Written, formulas: Formulas) -> None:
        self.written, self.formulas = written, formulas

    def out(self, node: Node, deep: int = 0) -> Node:
        path = path_of(node)
        if path is not None:
            return self.path(path, node, deep)
        match node:
            case Call(function=function, arguments=(Each() as each,)) if function in AGGREGATES:
                return self.aggregate(function, self.each(each, deep), deep)
            case Call(function="count", arguments=(only,)):
                found = self.out(only, deep)
                plain = Each(0, 0, 1, ZERO, ROW, found, None)
                return (
                    self.aggregate("count", plain, deep)
                    if isinstance(found, Rows)
                    else Call(0, 0, 1, "count", (self.closed(found),), ())
                )
            case Each():
                return self.each(node, deep)
        return rebuilt(node, lambda part: self.closed(self.out(part, deep)))

    def path(self, path: Path, node: Node, deep: int) -> Node:
        for n in range(len(path), 0, -1):
            value = self.written.values.get(path[:n])
            if value is None:
                continue
            if n == len(path):
                return value
            start = path_of(value)
            return (
                EMPTY
                if value == EMPTY
                else self.written.unknown(ANY)
                if start is None
                else self.out(to_path((*start, *path[n:])), deep + 1)
            )
        found = self.formulas.of(path) if deep < DEEPEST else None
        if found is None:
            return node
        tree, fields = found
        return self.out(put_to(tree, path[:-1], fields), deep + 1)

    def each(self, each: Each, deep: int) -> Each:
        """Over the rows as they are now, under the one name of all variables."""
        own = {each.variable: Name(0, 0, 1, ROW)}
        hidden = {path: value for path, value in self.written.values.items() if path[0] == ROW}
        for path in hidden:
            del self.written.values[path]
        found = Each(
            0, 0, 1,
            self.closed(self.out(renamed(each.value, own), deep)),
            ROW,
            self.out(each.rows, deep),
            None if each.test is None else self.closed(self.out(renamed(each.test, own), deep)),
        )  # fmt: skip
        self.written.values.update(hidden)
        return found

    def aggregate(self, function: str, each: Each, deep: int) -> Node:
        over = each.rows
        shared = function == "sum" and each.test is None and isinstance(over, Call)
        if shared and isinstance(over, Call) and MADE_OF.get(over.function) == path_of(each.value):
            return over.arguments[0]
        if not isinstance(over, Rows):
            return Call(0, 0, 1, function, (dataclasses.replace(each, rows=self.closed(over)),), ())
        if function not in ("sum", "count"):
            return self.of_written_out(function, each, over, deep)
        total: Node = ZERO
        if over.base is not None:
            total = self.aggregate(function, dataclasses.replace(each, rows=over.base), deep)
        for cells, sign in [*((cells, "+") for cells in over.more), *((cells, "-") for cells in over.less)]:
            one = self.of_row(function, each, cells)
            if one is None:
                return self.written.unknown(ANY)
            total = plus(total, one, sign)
        for number, cells in over.alike:
            one = self.of_row(function, each, cells)
            if one is None:
                return self.written.unknown(ANY)
            total = plus(total, Arithmetic(0, 0, 1, "*", number, one))
        for copies, cells in over.copies:
            value = _with_cells(each.value, cells) if function == "sum" else each.value
            test = None if each.test is None else _with_cells(each.test, cells)
            if value is None or (test is None) != (each.test is None):
                return self.written.unknown(ANY)
            tests = [one for one in (copies.test, test) if one is not None]
            mapped = dataclasses.replace(copies, value=value, test=both(*tests) if tests else None)
            total = plus(total, self.aggregate(function, mapped, deep))
        return total

    def of_row(self, function: str, each: Each, cells: Cells) -> Node | None:
        """What one row adds; None where that cannot be said."""
        if each.test is not None:
            test = _with_cells(each.test, cells)
            holds = constant(test) if test is not None else None
            if holds is False or holds is None:
                return ZERO
            if holds is not True:
                return None
        if function == "count":
            return Literal(0, 0, 1, 1)
        return _with_cells(each.value, cells)

    def of_written_out(self, function: str, each: Each, over: Rows, deep: int) -> Node:
        """min, max and the like, of rows that are all there."""
        values = [self.of_row("sum", each, cells) for cells in over.more]
        known = [value for value in values if value is not None and value != EMPTY]
        if (
            function not in ("min", "max")
            or over.base
            or over.less
            or over.copies
            or over.alike
            or each.test
            or not known
        ):
            return self.written.unknown(ANY)
        if len(known) < len(values):
            return self.written.unknown(ANY)
        return known[0] if len(known) == 1 else Call(0, 0, 1, function, tuple(known), ())

    def closed(self, node: Node) -> Node:
        """Without rows that are partly known: outside an aggregate nothing is said of them."""
        return self.written.unknown(ANY) if isinstance(node, Rows) else node


def _with_cells(node: Node, cells: Cells) -> Node | None:
    """A generator's value for one row; None where it reads a cell that is not known."""
    path = path_of(node)
    if path is not None and path[0] == ROW:
        return cells.get(path[1]) if len(path) == 2 else None
    missing: list[bool] = []

    def part(one: Node) -> Node:
        found = _with_cells(one, cells)
        if found is None:
            missing.append(True)
        return one if found is None else found

    found = rebuilt(node, part)
    return None if missing else found


def read_by(tree: Node) -> frozenset[Path]:
    """All paths of a tree, those of rows included."""
    if not isinstance(tree, Rows):
        return paths(tree)
    parts = [tree.base] if tree.base is not None else []
    parts += [cell for cells in (*tree.more, *tree.less) for cell in cells.values()]
    for each, cells in tree.copies:
        parts += [each.rows, *(cell for cell in cells.values())]
    for number, cells in tree.alike:
        parts += [number, *(cell for cell in cells.values())]
    found = frozenset(path for part in parts for path in read_by(part))
    return frozenset(path for path in found if path[0] != ROW)
