"""Formulas: what a condition says, as yes and no over atoms.

A condition of the language is always yes or no (a comparison with empty is no), so its logic is the plain one of two
values; what is empty shows in the atoms alone. Shape only: `reading` makes formulas, `solving` asks whether they can hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from engine.language.expressions.tree import Node, Path
from engine.language.expressions.types import Type


@dataclass(frozen=True)
class Term:
    """A value that a condition asks for: a path as it is written, or an expression that is not looked into.

    `text` is the canonical spelling; terms of one scope are the same when it is. `path` is None for an expression;
    `reads` are the paths that it is worked out from.
    """

    text: str
    type: Type = field(compare=False)
    node: Node = field(compare=False, repr=False)
    path: Path | None = None
    reads: frozenset[Path] = field(compare=False, default=frozenset(), repr=False)


@dataclass(frozen=True)
class Atom:
    """`term operator value`; `in` has several values, `has` none, `within` a region. No when the term is empty, but for
    a region that holds empty."""

    term: Term
    operator: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Sum:
    """`factor * term + ... + constant operator 0` of numbers, money, or dates counted in days; the terms are filled."""

    parts: tuple[tuple[Term, Fraction], ...]
    constant: Fraction
    operator: str


@dataclass(frozen=True)
class Pair:
    """How two values of any other type stand to each other: one of `signs` (-1 before, 0 equal, 1 after); both filled."""

    left: Term
    right: Term
    signs: frozenset[int]


@dataclass(frozen=True)
class Denied:
    """The atom does not hold: another value, or an empty one."""

    atom: Atom | Sum | Pair


@dataclass(frozen=True)
class All:
    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Some:
    parts: tuple[Formula, ...]


Formula = bool | Atom | Sum | Pair | Denied | All | Some
Literal = Atom | Sum | Pair | Denied
ALL_SIGNS = frozenset({-1, 0, 1})


def both(*parts: Formula) -> Formula:
    """All of them hold."""
    kept: dict[Formula, None] = {}
    for part in parts:
        if part is False:
            return False
        if part is not True:
            kept.update(dict.fromkeys(part.parts if isinstance(part, All) else (part,)))
    return True if not kept else next(iter(kept)) if len(kept) == 1 else All(tuple(kept))


def either(*parts: Formula) -> Formula:
    """One of them holds."""
    kept: dict[Formula, None] = {}
    for part in parts:
        if part is True:
            return True
        if part is not False:
            kept.update(dict.fromkeys(part.parts if isinstance(part, Some) else (part,)))
    return False if not kept else next(iter(kept)) if len(kept) == 1 else Some(tuple(kept))


def negated(formula: Formula) -> Formula:
    match formula:
        case bool():
            return not formula
        case All(parts=parts):
            return either(*(negated(part) for part in parts))
        case Some(parts=parts):
            return both(*(negated(part) for part in parts))
        case Denied(atom=atom):
            return atom
        case _:
            return Denied(formula)


def literals(formula: Formula) -> Iterator[Literal]:
    """Every atom of a formula, denied ones as such."""
    if isinstance(formula, All | Some):
        for part in formula.parts:
            yield from literals(part)
    elif not isinstance(formula, bool):
        yield formula


def terms(formulas: Iterable[Formula]) -> dict[str, Term]:
    """Every term of these formulas by its spelling, in the order of the text."""
    found: dict[str, Term] = {}
    for formula in formulas:
        for literal in literals(formula):
            atom = literal.atom if isinstance(literal, Denied) else literal
            match atom:
                case Atom(term=term):
                    found.setdefault(term.text, term)
                case Pair(left=left, right=right):
                    found.setdefault(left.text, left)
                    found.setdefault(right.text, right)
                case Sum(parts=parts):
                    for term, _ in parts:
                        found.setdefault(term.text, term)
    return found
