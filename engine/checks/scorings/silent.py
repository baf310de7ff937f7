"""silent-rule, rules that never change the grade: whatever the other rules add, the total stays in the same band with
them and without.

Exact over the totals that can come together, or wider: rules over one field as its values let them fire together, all
others as if each could beside any other. Where these are too many, or the total is no sum of parts, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

from engine.checks.pack_view import View
from engine.checks.regions import Numbers, Region, between, on_line
from engine.checks.scorings.attainable import Range, groups_of, part_range
from engine.language.cells import Cell
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.tree import Arithmetic, Literal, Minus, Name, Node
from engine.language.kinds.scoring import BehaviourPart, Points, RulesPart, ScoreRule, Scoring
from engine.language.messages.scoring import silent_rule
from engine.rules.scoring import rounded

MOST = 4_000
"""Stretches of totals that are kept apart."""
MOST_EVENTS = 200
"""Events of one name that are counted out."""
ZERO = Fraction(0)
LINE = Numbers(Decimal("0.01"))
Stretch = tuple[Fraction, Fraction]
Totals = tuple[Stretch, ...]
NOTHING: Totals = ((ZERO, ZERO),)


class TooMany(Exception):
    """The totals are not told apart."""


class Change(NamedTuple):
    """What a part gives before its cap: without the rule, and with it."""

    without: Fraction
    with_: Fraction


def check(scoring: Scoring, bands: Mapping[str, Cell], view: View) -> Iterator[Diagnostic]:
    """silent-rule of one scoring: of rules that add something, in parts that the total reads."""
    factors = linear(scoring.total.tree)
    if factors is None or len(bands) < 2 or scoring.writes.grade is None:
        return  # where the grade goes nowhere, the total is what counts
    regions = [on_line(cell, LINE) for cell in bands.values()]
    try:
        gives = {str(name): _part(part, scoring, view) for name, part in scoring.parts.items()}
        for name, part in scoring.parts.items():
            factor = factors.get(str(name), ZERO)
            if not factor or not isinstance(part, RulesPart | BehaviourPart):
                continue
            others = [_times(gives[other], factors.get(other, ZERO)) for other in gives if other != name]
            beside = _shifted(_added(others), factors[""])
            whole = _added([beside, _times(gives[str(name)], factor)])
            if sum(any(_hull(one, region) for one in whole) for region in regions) < 2:
                continue  # the grade is always the same: that is another finding
            yield from _of_part(part, factor, beside, regions, scoring, view)
    except TooMany:
        return


def _of_part(
    part: RulesPart | BehaviourPart,
    factor: Fraction,
    beside: Totals,
    regions: list[Region],
    scoring: Scoring,
    view: View,
) -> Iterator[Diagnostic]:
    cap = None if part.at_most is None else Fraction(part.at_most)
    changes = _by_rules(part, scoring, view) if isinstance(part, RulesPart) else _by_events(part)
    for called, rule, found in changes:
        if rule.add == 0 or getattr(rule, "at_most", None) == 0 or not found:
            continue
        capped = {Change(_capped(one.without, cap), _capped(one.with_, cap)) for one in found}
        moves = [(factor * one.without, factor * one.with_) for one in capped if one.without != one.with_]
        if not any(_differs(one, move, regions) for one in beside for move in moves):
            yield silent_rule(
                rule.place("add"),
                f"{called} never changes the grade: whatever else counts, the total stays in the same band",
                f"{called} 从不改变等级：无论其他项如何，总分都留在同一区间",
                "give it more points, move the border of a band, or take it out",
                "请提高它的分值、移动等级的边界，或删除它",
            )


def _capped(points: Fraction, cap: Fraction | None) -> Fraction:
    return points if cap is None else min(points, cap)


def _differs(one: Stretch, move: tuple[Fraction, Fraction], regions: list[Region]) -> bool:
    """Whether for some total of this stretch the band is another with the rule."""
    low, high = one
    if low == high:
        return _band(low + move[0], regions) != _band(low + move[1], regions)
    ends = (low + min(move), high + max(move))
    hull = _region(ends)
    return not any(hull <= region for region in regions) and any(not (hull & region).is_empty for region in regions)


def _band(total: Fraction, regions: list[Region]) -> int | None:
    value = rounded(Decimal(total.numerator) / Decimal(total.denominator))
    return next((i for i, region in enumerate(regions) if region.contains(value)), None)


def _hull(one: Stretch, region: Region) -> bool:
    return not (_region(one) & region).is_empty


def _region(one: Stretch) -> Region:
    low, high = one[0] * 100, one[1] * 100
    down, up = low.numerator // low.denominator, -(-high.numerator // high.denominator)
    return between(LINE, Decimal(down) / 100, Decimal(up) / 100)


# -- what parts can give


def _by_rules(part: RulesPart, scoring: Scoring, view: View) -> Iterator[tuple[str, ScoreRule, set[Change]]]:
    """Every rule with what its part gives without it and with it. Raises TooMany."""
    groups = groups_of(part, scoring, view)
    for at, outcomes in enumerate(groups):
        rest = _points(groups[:at] + groups[at + 1 :], part)
        for name in sorted({name for fired in outcomes for name in fired}):
            own = {
                sum((Fraction(part.rules[n].add) for n in fired if n != name), ZERO)
                for fired in outcomes
                if name in fired
            }
            add = Fraction(part.rules[name].add)
            yield name, part.rules[name], {Change(a + b, a + b + add) for a in rest for b in own}


def _points(groups: list[set[frozenset[str]]], part: RulesPart) -> set[Fraction]:
    found = {ZERO}
    for outcomes in groups:
        sums = {sum((Fraction(part.rules[name].add) for name in fired), ZERO) for fired in outcomes}
        found = {a + b for a in found for b in sums}
        if len(found) > MOST:
            raise TooMany
    return found


def _by_events(part: BehaviourPart) -> Iterator[tuple[str, Points, set[Change]]]:
    """The same of the events of one name; only where none fades."""
    if any(points.half_life is not None for points in part.points.values()):
        return
    gives = {str(name): _of_name(points) for name, points in part.points.items()}
    for name, points in part.points.items():
        rest = {ZERO}
        for other, sums in gives.items():
            rest = {a + b for a in rest for b in sums} if other != name else rest
            if len(rest) * len(gives[str(name)]) > MOST:
                raise TooMany
        yield str(name), points, {Change(a, a + b) for a in rest for b in gives[str(name)] if b}


def _of_name(points: Points) -> set[Fraction]:
    add, cap = Fraction(points.add), None if points.at_most is None else Fraction(points.at_most)
    if add > 0 and cap is not None and cap / add <= MOST_EVENTS:
        return {min(add * n, cap) for n in range(int(cap / add) + 2)}
    raise TooMany


def _part(part: Any, scoring: Scoring, view: View) -> Totals:
    """The stretches of what a part can give."""
    if isinstance(part, RulesPart):
        cap = None if part.at_most is None else Fraction(part.at_most)
        return _joined((one, one) for one in {_capped(x, cap) for x in _points(groups_of(part, scoring, view), part)})
    found: Range = part_range(part, scoring, view).capped(getattr(part, "at_most", None))
    if found.low is None or found.high is None:
        raise TooMany
    return ((found.low, found.high),)


# -- sums of stretches


def _added(parts: Iterable[Totals]) -> Totals:
    found = NOTHING
    for part in parts:
        if len(found) * len(part) > MOST * 10:
            raise TooMany
        found = _joined((a + c, b + d) for (a, b), (c, d) in product(found, part))
        if len(found) > MOST:
            raise TooMany
    return found


def _joined(stretches: Iterable[Stretch]) -> Totals:
    ordered = sorted(set(stretches))
    found = ordered[:1]
    for low, high in ordered[1:]:
        if low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def _times(totals: Totals, factor: Fraction) -> Totals:
    return _joined((min(a * factor, b * factor), max(a * factor, b * factor)) for a, b in totals)


def _shifted(totals: Totals, by: Fraction) -> Totals:
    return tuple((a + by, b + by) for a, b in totals)


def linear(tree: Node) -> dict[str, Fraction] | None:
    """A formula over parts as factors, the constant under ''; None where it is no sum of them."""
    match tree:
        case Literal(value=int() | Decimal() as value) if not isinstance(value, bool):
            return {"": Fraction(value)}
        case Name(name=name):
            return {"": ZERO, name: Fraction(1)}
        case Minus(operand=operand):
            found = linear(operand)
            return None if found is None else {name: -factor for name, factor in found.items()}
        case Arithmetic(operator=operator, left=left, right=right):
            a, b = linear(left), linear(right)
            if a is None or b is None:
                return None
            if operator in "+-":
                sign = 1 if operator == "+" else -1
                return {name: a.get(name, ZERO) + sign * b.get(name, ZERO) for name in a.keys() | b.keys()}
            if operator == "*" and (len(a) == 1 or len(b) == 1):
                many, one = (a, b[""]) if len(b) == 1 else (b, a[""])
                return {name: factor * one for name, factor in many.items()}
            if operator == "/" and len(b) == 1 and b[""]:
                return {name: factor / b[""] for name, factor in a.items()}
    return None
