"""What a path takes for granted, so that no path is shown that cannot be walked: conditions it passed, constants it wrote.

A small memory, not a prover: equality with constants, emptiness, and conditions word for word. What it cannot refute may
happen; what somebody outside may change meanwhile is forgotten.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.checks.dataflow.filled import path_of
from engine.language.expressions.tree import Call, Compare, Items, Literal, Logic, Node, Not, Path, paths
from engine.language.values import Formula, Value
from engine.language.values import Literal as Written


class Fact(NamedTuple):
    """`kind`: is, not (a constant), empty, yes or no (a condition, by its shape). `about`: the paths that it reads."""

    kind: str
    about: frozenset[Path]
    value: str = ""


Assumed = frozenset[Fact]
NOTHING: Assumed = frozenset()


def constant(node: Node) -> str | None:
    """A constant as it is written: yes and no as words."""
    if not isinstance(node, Literal) or node.value is None:
        return None
    return ("yes" if node.value else "no") if isinstance(node.value, bool) else str(node.value)


def constant_value(value: Value | None) -> str | None:
    """The constant that stands in a value place."""
    if isinstance(value, Written):
        return str(value.text)
    return constant(value.expression.tree) if isinstance(value, Formula) else None


def assume(known: Assumed, node: Node, holds: bool) -> Assumed | None:
    """`known` and that the condition holds (or does not); None when both cannot be."""
    match node:
        case Not(operand=operand):
            return assume(known, operand, not holds)
        case Logic(operator=operator, operands=operands) if (operator == "and") is holds:
            found: Assumed | None = known
            for part in operands:
                found = assume(found, part, holds) if found is not None else None
            return found
        case Logic(operands=operands):
            open_ = [found for part in operands if (found := assume(known, part, holds)) is not None]
            return None if not open_ else open_[0] if len(open_) == 1 else known
        case Compare(operator="==" | "!=" as operator, left=left, right=right):
            path, value = path_of(left), constant(right)
            if path is None or value is None:
                path, value = path_of(right), constant(left)
            if path is not None and value is not None:
                return _equal(known, path, value, operator == "==", holds)
        case Compare(operator="in" | "not in" as operator, left=left, right=Items(items=items)):
            path, values = path_of(left), [constant(item) for item in items]
            if path is not None and None not in values:
                return _among(known, path, [str(v) for v in values], operator == "in", holds)
        case Call(function="has", arguments=(argument,)) if (path := path_of(argument)) is not None:
            return _filled(known, path, holds)
        case _ if (path := path_of(node)) is not None:
            return _equal(known, path, "yes", True, holds)
    return _shape(known, node, holds)


def _equal(known: Assumed, path: Path, value: str, equal: bool, holds: bool) -> Assumed | None:
    about = frozenset([path])
    there = {fact.value for fact in known if fact.kind == "is" and fact.about == about}
    empty = Fact("empty", about) in known
    if holds and empty:
        return None  # whatever is compared with empty does not hold
    if equal and holds:
        wrong = bool(there - {value}) or Fact("not", about, value) in known
        return None if wrong else known | {Fact("is", about, value)}
    if equal:
        return None if value in there else known | {Fact("not", about, value)}
    if holds:
        return None if value in there else known | {Fact("not", about, value)}
    return None if there and value not in there else known


def _among(known: Assumed, path: Path, values: list[str], inside: bool, holds: bool) -> Assumed | None:
    about = frozenset([path])
    there = {fact.value for fact in known if fact.kind == "is" and fact.about == about}
    if holds and Fact("empty", about) in known:
        return None
    if inside is holds:
        open_ = [v for v in values if (not there or v in there) and Fact("not", about, v) not in known]
        if inside:
            return known if open_ else None
        return known if not there or there & set(values) else None
    return None if there & set(values) else known | {Fact("not", about, v) for v in values}


def _filled(known: Assumed, path: Path, holds: bool) -> Assumed | None:
    about = frozenset([path])
    if holds:
        return None if Fact("empty", about) in known else known
    filled = any(fact.kind == "is" and fact.about == about for fact in known)
    return None if filled else known | {Fact("empty", about)}


def _shape(known: Assumed, node: Node, holds: bool) -> Assumed | None:
    """A condition of which nothing else is known: it cannot both hold and not hold."""
    about, shape = paths(node), _spelled(node)
    if Fact("no" if holds else "yes", about, shape) in known:
        return None
    return known | {Fact("yes" if holds else "no", about, shape)}


def _spelled(node: Node) -> str:
    """The condition without its places."""
    fields = [getattr(node, name) for name in type(node).__slots__]
    return f"{type(node).__name__}({', '.join(map(_part, fields))})"


def _part(part: object) -> str:
    if isinstance(part, Node):
        return _spelled(part)
    return f"[{', '.join(map(_part, part))}]" if isinstance(part, tuple) else repr(part)


def forget(known: Assumed, path: str) -> Assumed:
    """`path` was written: what was known of it, or of another record's field of that name, is known no more."""
    written = tuple(path.split("."))
    return frozenset(fact for fact in known if not any(_touched(read, written) for read in fact.about))


def _touched(read: Path, written: Path) -> bool:
    if read[: len(written)] == written:
        return True
    return written[0] != "case" and read[0] != "case" and written[-1] in read


def forget_outside(known: Assumed) -> Assumed:
    """Time passed: others may have written records; the case's own variables only its steps write."""
    return frozenset(fact for fact in known if all(read[0] == "case" and len(read) == 2 for read in fact.about))
