"""Conditions asked in a world: what they need of the unknown values is taken to hold, if nothing taken before speaks against it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from zoneinfo import ZoneInfo

from engine.checks.conditions.asking import Conditions
from engine.checks.conditions.formula import (
    All,
    Atom,
    Denied,
    Formula,
    Pair,
    Some,
    Sum,
    Term,
    both,
    either,
    negated,
    terms,
)
from engine.checks.conditions.solving import impossible
from engine.checks.waking.world import Frame, Seeing, Value, World
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Literal, Node
from engine.language.expressions.types import Choice, Type
from engine.language.literals import read_literal
from engine.language.source import NOWHERE

UTC = ZoneInfo("UTC")
MOST_WORK = 4_000
"""Conditions asked and steps played in one pack."""
ANY_NODE = Literal(0, 1, 1, None)


class NotKnown(Exception):
    """A condition reads what is not followed."""


class Asking:
    """Asks the conditions of a pack, up to a bound: beyond it nothing more is known, and nothing is told."""

    def __init__(self, conditions: Conditions) -> None:
        self.conditions, self.view = conditions, conditions.view
        self.left = MOST_WORK

    def spend(self) -> None:
        """One step of work more. Raises NotKnown when there was too much."""
        self.left -= 1
        if self.left < 0:
            raise NotKnown

    def ask(self, expression: Expression, frame: Frame, world: World, holds: bool = True) -> World | None:
        """The world in which the condition is so; None where it cannot be. Raises NotKnown."""
        self.spend()
        formula = self.conditions.formula(expression)
        if formula is None:
            raise NotKnown
        seeing = Seeing(self.view, frame, world)
        known = self.conditions.domains(expression).known(terms([formula]).values())
        asked = _Renaming(seeing).of(both(formula if holds else negated(formula), *known))
        after = replace(world, relied=world.relied | seeing.relied)
        return self.taken(asked, after)

    def taken(self, formula: Formula, world: World) -> World | None:
        """The world with one assumption more; None where it cannot be."""
        if formula is True:
            return world
        if formula is False or impossible(*world.assumed, formula):
            return None
        return replace(world, assumed=world.assumed | {formula})

    def both_ways(self, expression: Expression, frame: Frame, world: World) -> tuple[World | None, World | None]:
        """The world where it holds and the one where it does not. Raises NotKnown."""
        return self.ask(expression, frame, world), self.ask(expression, frame, world, holds=False)


class _Renaming:
    """A formula over the values that its terms have now: unknown ones under their names, with what is known of the others."""

    def __init__(self, seeing: Seeing) -> None:
        self.seeing = seeing
        self.facts: list[Formula] = []

    def of(self, formula: Formula) -> Formula:
        renamed = self._of(formula)
        return both(renamed, *self.facts)

    def _of(self, formula: Formula) -> Formula:
        match formula:
            case bool():
                return formula
            case All(parts=parts):
                return both(*map(self._of, parts))
            case Some(parts=parts):
                return either(*map(self._of, parts))
            case Denied(atom=atom):
                return negated(self._of(atom))
            case Atom(term=term):
                return replace(formula, term=self._term(term))
            case Pair(left=left, right=right, signs=signs):
                a, b = self._term(left), self._term(right)
                if a.text == b.text:
                    return 0 in signs
                return Pair(a, b, signs) if a.text < b.text else Pair(b, a, frozenset(-sign for sign in signs))
            case Sum():
                return self._sum(formula)

    def _sum(self, asked: Sum) -> Formula:
        parts: dict[Term, Fraction] = {}
        for term, factor in asked.parts:
            now = self._term(term)
            parts[now] = parts.get(now, Fraction(0)) + factor
        left = tuple((term, factor) for term, factor in sorted(parts.items(), key=lambda part: part[0].text) if factor)
        if left:
            return Sum(left, asked.constant, asked.operator)
        signs = {
            "<": asked.constant < 0,
            "<=": asked.constant <= 0,
            "==": asked.constant == 0,
            ">=": asked.constant >= 0,
        }
        return signs.get(asked.operator, asked.constant > 0)

    def _term(self, term: Term) -> Term:
        value = self.seeing.value(term.node)
        if value.kind in ("unsure", "moves"):
            raise NotKnown
        if value.kind == "as":
            return unknown(value.text, term.type, term.node)
        known = unknown(f"'{value.text}'", term.type, term.node)
        self.facts.append(equal(known, value.text))
        return known


def unknown(name: str, kind: Type, node: Node) -> Term:
    """The term of a value by its name: of the same name and type it is the same."""
    words = ",".join(kind.entries) if isinstance(kind, Choice) else str(kind)
    return Term(f"{name} ({words})", kind, node, ("record", name))


def equal(term: Term, text: str) -> Formula:
    """That a term has the value of a literal. Raises NotKnown."""
    read = read_literal(text or "empty", NOWHERE, term.type, UTC)
    if isinstance(read, Diagnostic):
        raise NotKnown
    return Denied(Atom(term, "has")) if read is None else Atom(term, "==", (read,))


def differ(was: Value, now: Value, kind: Type | None) -> Formula:
    """What must hold for a field to have changed; False where it has not, or where nobody can know."""
    if now.kind == "moves":
        return True
    if was == now or "unsure" in (was.kind, now.kind) or kind is None:
        return False
    if was.kind == now.kind == "is" or f"not {was.text}" == now.text or f"not {now.text}" == was.text:
        return True
    a, b = sorted((was, now), key=lambda value: value.kind)
    term = unknown(a.text, kind, ANY_NODE)
    if b.kind == "is":
        return negated(equal(term, b.text))
    other = unknown(b.text, kind, ANY_NODE)
    left, right = sorted((term, other), key=lambda term: term.text)
    return Pair(left, right, frozenset({-1, 1}))
