"""Whether formulas can hold together, and for which values.

A search over the alternatives: every atom narrows the region of its term; sums go to `linear`. 'None' is a proof, since
nothing is left out of a region that its type allows; what takes too long is Undecided and never a finding.

(A little long: one search for a model, whose steps call each other.)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from engine.checks.conditions import linear
from engine.checks.conditions.formula import (
    ALL_SIGNS,
    All,
    Atom,
    Denied,
    Formula,
    Literal,
    Pair,
    Some,
    Sum,
    Term,
    both,
    either,
)
from engine.checks.conditions.linear import Row
from engine.checks.conditions.reading import value_on_scale
from engine.checks.regions import Line, Numbers, Region, compared, everything, joined, line_of, nothing, only
from engine.checks.regions.lines import End
from engine.checks.regions.times import Days, Moments

MOST_STEPS = 4_000
"""Atoms that one search takes up."""
MOST_SPLITS = 4
WHOLE = frozenset({"count", "length", "days_between", "month_of", "weekday_of", "year_of", "position"})
"""Functions, and the one name, that give whole numbers."""
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class Undecided(Exception):
    """The search met its bound: nothing is known."""


@dataclass(frozen=True)
class Model:
    """Values for which the formulas hold: term by its spelling -> value, None for empty. `sure`: they
    fit; else the formulas may hold, and these values are only what is likely."""

    values: Mapping[str, Any]
    terms: Mapping[str, Term]
    sure: bool

    def of(self, wanted: Iterable[str]) -> Model:
        """The values of these terms alone."""
        names = [name for name in wanted if name in self.values]
        return Model({name: self.values[name] for name in names}, self.terms, self.sure)


@dataclass
class State:
    """What is assumed so far on one branch."""

    regions: dict[str, Region] = field(default_factory=dict)
    terms: dict[str, Term] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)
    pairs: dict[tuple[str, str], frozenset[int]] = field(default_factory=dict)
    answers: dict[Atom, bool] = field(default_factory=dict)
    """Atoms on terms of which nothing is known: each is yes or no."""

    def copy(self) -> State:
        return State(dict(self.regions), dict(self.terms), list(self.sums), dict(self.pairs), dict(self.answers))


class Search:
    def __init__(self) -> None:
        self.steps = 0

    def run(self, todo: list[Formula], state: State) -> Model | None:
        """The first way in which everything of `todo` holds."""
        open_: list[Some] = []
        todo = list(todo)
        while todo:
            formula = todo.pop()
            match formula:
                case False:
                    return None
                case True:
                    continue
                case All(parts=parts):
                    todo.extend(reversed(parts))
                case Some():
                    open_.append(formula)
                case Denied(atom=Sum(operator="==") as one):
                    open_.append(Some((Sum(one.parts, one.constant, "<"), Sum(one.parts, one.constant, ">"))))
                case _:
                    if not self.assume(formula, state):
                        return None
        if not open_:
            return settled(state)
        if settled(state) is None:
            return None
        open_.sort(key=lambda some: len(some.parts))
        first, rest = open_[0], open_[1:]
        for part in first.parts:
            found = self.run([*rest, part], state.copy())
            if found is not None:
                return found
        return None

    def assume(self, literal: Literal, state: State) -> bool:
        """Takes one atom up; False when it cannot hold beside what is assumed."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Undecided
        atom, holds = (literal.atom, False) if isinstance(literal, Denied) else (literal, True)
        match atom:
            case Atom(term=term):
                return self.narrow(atom, term, holds, state)
            case Sum(parts=parts):
                for term, _ in parts:
                    enter(term, state)
                operator = atom.operator if holds else OPPOSITE[atom.operator]
                state.sums.append(Sum(atom.parts, atom.constant, operator))
                return True
            case Pair(left=left, right=right, signs=signs):
                enter(left, state)
                enter(right, state)
                allowed = state.pairs.get((left.text, right.text), ALL_SIGNS) & (signs if holds else ALL_SIGNS - signs)
                state.pairs[left.text, right.text] = allowed
                return bool(allowed)

    def narrow(self, atom: Atom, term: Term, holds: bool, state: State) -> bool:
        line = line_for(state.terms.get(term.text, term))  # read as a field, and seen through its formula: one line
        if line is None or ("" in atom.values and not _stored(term)):
            return state.answers.setdefault(atom, holds) is holds
        enter(term, state)
        asked = region_of(atom, line)
        region = state.regions[term.text] & (asked if holds else ~asked)
        state.regions[term.text] = region
        return not region.is_empty


def _stored(term: Term) -> bool:
    """Whether it is a field of a record: a blank text is never kept there (rules/fields)."""
    return term.path is not None and len(term.path) > 1 and term.path[0] not in ("case", "steps", "message", "person")


def enter(term: Term, state: State) -> None:
    """The term takes part, with all values of its type."""
    if term.text not in state.terms:
        state.terms[term.text] = term
        line = line_for(term)
        if line is not None:
            state.regions[term.text] = everything(line)


def line_for(term: Term) -> Line | None:
    line = line_of(term.type)
    if isinstance(line, Numbers):
        if getattr(term.node, "function", term.text) in WHOLE:
            return Numbers(Decimal(1))
        if term.path is None:
            return Numbers()  # what is worked out is not rounded to the cent
    return line


def region_of(atom: Atom, line: Line) -> Region:
    """Where the atom holds."""
    if atom.operator == "has":
        return everything(line).filled
    if atom.operator == "within":
        return next(iter(atom.values)) if atom.values[0].line == line else everything(line)
    if atom.operator in ("in", "not in"):
        each = [_compared(line, "==", value) for value in atom.values]
        union = Region(line, joined(stretch for region in each for stretch in region.stretches))
        return union if atom.operator == "in" else (~union).filled
    return _compared(line, atom.operator, atom.values[0])


def _compared(line: Line, operator: str, value: Any) -> Region:
    try:
        return compared(line, operator, value)
    except (ValueError, TypeError, AttributeError):  # no value of this type: another finding says so
        return everything(line).filled if operator == "!=" else nothing(line)


def settled(state: State, splits: int = MOST_SPLITS) -> Model | None:
    """Values for what is assumed when no alternative is open; None when pairs and sums contradict.

    Sums see the outer bounds of a region alone: where a value falls into a hole, each piece is tried, so many in a row."""
    found = _settled(state)
    if found is None or found.sure or not splits:
        return found
    for text, region in state.regions.items():
        value = found.values.get(text)
        if value is None or len(region.stretches) < 2 or region.contains(value) or not state.sums:
            continue
        for stretch in region.stretches:
            piece = state.copy()
            piece.regions[text] = Region(region.line, (stretch,))
            model = settled(piece, splits - 1)
            if model is not None and model.sure:
                return model
        break
    return found


def _settled(state: State) -> Model | None:
    regions = dict(state.regions)
    for (left, right), signs in state.pairs.items():
        if signs == {0} and left in regions and right in regions and regions[left].line == regions[right].line:
            shared = regions[left].filled & regions[right].filled
            if shared.is_empty:
                return None
            regions[left] = regions[right] = shared
    for (left, right), signs in state.pairs.items():
        if left in regions and right in regions and not _may_stand(regions[left], regions[right], signs):
            return None
    numbers = _numbers(state, regions)
    if numbers is None:
        return None
    values: dict[str, Any] = {}
    sure = True
    for text, region in regions.items():
        if text in numbers:
            value = value_on_scale(numbers[text], state.terms[text].type)
            sure = sure and value is not None and region.contains(value)
            values[text] = value
        else:
            values[text] = region.witness()
    for atom, holds in state.answers.items():
        values.setdefault(atom.term.text, holds)
    for (left, right), signs in state.pairs.items():
        _told_apart(left, right, signs, values, regions)
        sure = sure and _stand(values.get(left), values.get(right), signs)
    return Model(values, state.terms, sure)


def _may_stand(left: Region, right: Region, signs: frozenset[int]) -> bool:
    """False when both can only be one value and these stand to each other in none of these ways."""
    if left.empty or right.empty or left.line != right.line:
        return True
    a, b = left.witness(), right.witness()
    if only(left.line, a) != left or only(right.line, b) != right:
        return True
    return (0 if a == b else -1 if left.line.before(a) < left.line.before(b) else 1) in signs


def _stand(left: Any, right: Any, signs: frozenset[int]) -> bool:
    """Whether two values stand to each other in one of these ways."""
    if left is None or right is None:
        return left is not right  # an empty value stands in no way to another
    try:
        return (0 if left == right else -1 if left < right else 1) in signs
    except TypeError:
        return (left == right) is (0 in signs)


def _told_apart(
    left: str, right: str, signs: frozenset[int], values: dict[str, Any], regions: dict[str, Region]
) -> None:
    """Two values that are to differ get different ones where that is easy."""
    if 0 in signs or left not in regions or right not in regions or values[left] != values[right]:
        return
    rest = regions[right].filled - only(regions[right].line, values[left])
    if not rest.is_empty:
        values[right] = rest.witness()


def _numbers(state: State, regions: Mapping[str, Region]) -> dict[str, Fraction] | None:
    """Values for the terms of all sums; None when the sums cannot hold."""
    if not state.sums:
        return {}
    rows = [row for one in state.sums for row in _rows(_tightened(one))]
    names = {term.text for one in state.sums for term, _ in one.parts}
    for name in names:
        if name in regions:
            rows += _bounds(name, regions[name])
    try:
        found = linear.solve(rows)
    except linear.TooLarge as large:
        raise Undecided from large
    return found if found is None else {name: found.get(name, Fraction(0)) for name in names}


def _tightened(one: Sum) -> Sum:
    """The same question of values that lie on steps - whole numbers, days, cents - with the outermost step as its bound."""
    step = Fraction(0)
    for term, factor in one.parts:
        line = line_for(term)
        size = line.step if isinstance(line, Numbers) else Decimal(1) if isinstance(line, Days) else None
        if size is None:
            return one
        reach = abs(factor) * Fraction(size)
        common = step.denominator * reach.denominator
        step = Fraction(math.gcd(step.numerator * reach.denominator, reach.numerator * step.denominator), common)
    bound = -one.constant / step
    match one.operator:
        case "<":
            return Sum(one.parts, -(math.ceil(bound) - 1) * step, "<=")
        case "<=":
            return Sum(one.parts, -math.floor(bound) * step, "<=")
        case ">":
            return Sum(one.parts, -(math.floor(bound) + 1) * step, ">=")
        case ">=":
            return Sum(one.parts, -math.ceil(bound) * step, ">=")
    return one if bound.denominator == 1 else Sum((), Fraction(1), "==")


def _rows(one: Sum) -> list[Row]:
    factors = {term.text: factor for term, factor in one.parts}
    turned = {name: -factor for name, factor in factors.items()}
    match one.operator:
        case "<" | "<=":
            return [Row(factors, one.constant, one.operator == "<")]
        case ">" | ">=":
            return [Row(turned, -one.constant, one.operator == ">")]
        case _:
            return [Row(factors, one.constant, False), Row(turned, -one.constant, False)]


def _bounds(name: str, region: Region) -> list[Row]:
    """The outer bounds of a region, of numbers as such and of days as their ordinals."""
    if not region.stretches:
        return []
    low, high = region.stretches[0][0], region.stretches[-1][1]
    one = Fraction(1)
    match region.line:
        case Numbers(step=None):
            rows = [] if isinstance(low, End) else [Row({name: -one}, Fraction(low[0]), low[1] == 1)]
            return rows if isinstance(high, End) else [*rows, Row({name: one}, -Fraction(high[0]), high[1] == 0)]
        case Numbers(step=step):
            size = Fraction(step or 1)
            rows = [] if isinstance(low, End) else [Row({name: -one}, low * size, False)]
            return rows if isinstance(high, End) else [*rows, Row({name: one}, -(high - 1) * size, False)]
        case Days() | Moments():
            return [Row({name: -one}, Fraction(low), False), Row({name: one}, -Fraction(high - 1), False)]
    return []


def model(formulas: Iterable[Formula]) -> Model | None:
    """Values for which all formulas hold; None is a proof that there are none. Raises Undecided."""
    return Search().run([both(*formulas)], State())


def impossible(*formulas: Formula) -> bool:
    """Whether the formulas can certainly not hold together."""
    try:
        return model(formulas) is None
    except Undecided:
        return False


__all__ = ["Model", "Undecided", "either", "impossible", "line_for", "model", "region_of"]
