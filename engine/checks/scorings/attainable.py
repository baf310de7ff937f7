"""What a scoring can reach: the range of each part, and by interval arithmetic that of the total.

Ranges may be wider than what occurs, never narrower: rules over one field are taken together at every value that they can
tell apart, all others as if each could hold beside any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from math import gcd
from typing import Any

from engine.checks.pack_view import View
from engine.checks.regions import Line, Numbers, Region, everything, line_of, only
from engine.checks.regions.lines import Entries
from engine.language.expressions.faults import ExpressionFault
from engine.language.expressions.tree import (
    Arithmetic,
    Call,
    Compare,
    Field,
    Items,
    Literal,
    Logic,
    Minus,
    Name,
    Node,
    Not,
)
from engine.language.kinds.scoring import BehaviourPart, RulesPart, ScoreRule, Scoring

Number = int | Decimal
CENT = Fraction(1, 100)
NOTHING_FIXED: Mapping[str, Any] = {}
MOST_TOGETHER = 200
"""Values of several fields that are tried together."""


@dataclass(frozen=True)
class Range:
    """From `low` to `high`, None for no end; only multiples of `step`, any number when it is None."""

    low: Fraction | None
    high: Fraction | None
    step: Fraction | None = None

    def __add__(self, other: Range) -> Range:
        low = None if self.low is None or other.low is None else self.low + other.low
        high = None if self.high is None or other.high is None else self.high + other.high
        return Range(low, high, common_step([self.step, other.step]))

    def times(self, factor: Fraction) -> Range:
        ends = [None if end is None else end * factor for end in (self.low, self.high)]
        low, high = ends if factor >= 0 else ends[::-1]
        if factor == 0:
            low = high = Fraction(0)
        return Range(low, high, None if self.step is None else abs(self.step * factor))

    def capped(self, cap: Number | None) -> Range:
        if cap is None:
            return self
        limit = Fraction(cap)
        high = limit if self.high is None else min(self.high, limit)
        return Range(None if self.low is None else min(self.low, limit), high, common_step([self.step, limit]))


def common_step(steps: Iterable[Fraction | None]) -> Fraction | None:
    """The greatest number of which all are multiples; None when one is any number."""
    found = Fraction(0)
    for step in steps:
        if step is None:
            return None
        found = Fraction(gcd(found.numerator * step.denominator, step.numerator * found.denominator), 1) / (
            found.denominator * step.denominator
        )
    return found


def part_range(part: Any, scoring: Scoring, view: View, fixed: Mapping[str, Any] = NOTHING_FIXED) -> Range:
    """Of one part, its own cap left out. `fixed`: the values of some fields."""
    if isinstance(part, RulesPart):
        return _of_rules(part, scoring, view, fixed)
    if isinstance(part, BehaviourPart):
        ranges = [
            Range(
                None if points.add < 0 else Fraction(0),
                Fraction(0)
                if points.add <= 0
                else None
                if points.at_most is None
                else max(Fraction(points.at_most), Fraction(0)),
                CENT
                if points.half_life is not None
                else common_step([Fraction(points.add), Fraction(points.at_most or 0)]),
            )
            for points in part.points.values()
        ]
        return reduce(Range.__add__, ranges, Range(Fraction(0), Fraction(0), Fraction(0)))
    ready = Fraction(part.if_not_ready)
    return Range(min(Fraction(0), ready), max(Fraction(1), ready), None)


def groups_of(
    part: RulesPart, scoring: Scoring, view: View, fixed: Mapping[str, Any] = NOTHING_FIXED
) -> list[set[frozenset[str]]]:
    """The rules of a part by what lets them fire together: of each group, every set of rules that some value makes fire.

    Rules that compare one field with constants are a group; every other rule is one by itself, which fires or does not.
    `fixed`: the values of some fields."""
    by_field: dict[str, list[tuple[str, ScoreRule]]] = {}
    groups: list[set[frozenset[str]]] = []
    for name, rule in part.rules.items():
        field = _only_field(rule.if_.tree, scoring.of)
        if field is not None and line_of_field(field, scoring, view) is not None:
            by_field.setdefault(field, []).append((str(name), rule))
        else:
            groups.append({frozenset(), frozenset([str(name)])})
    for field, rules in by_field.items():
        values = [fixed[field]] if field in fixed else _values(field, [rule for _, rule in rules], scoring, view)
        groups.append(
            {frozenset(name for name, rule in rules if _holds(rule, scoring.of, field, value)) for value in values}
        )
    return groups


def _of_rules(part: RulesPart, scoring: Scoring, view: View, fixed: Mapping[str, Any]) -> Range:
    found = Range(Fraction(0), Fraction(0), common_step(Fraction(rule.add) for rule in part.rules.values()))
    for outcomes in groups_of(part, scoring, view, fixed):
        sums = [sum((Fraction(part.rules[name].add) for name in fired), Fraction(0)) for fired in outcomes]
        found += Range(min(sums), max(sums), found.step)
    return found


def _holds(rule: ScoreRule, form: str, field: str, value: Any) -> bool:
    try:
        return rule.if_.holds({form: {field: value}})
    except ExpressionFault:
        return False


def line_of_field(field: str, scoring: Scoring, view: View) -> Line | None:
    """The line of a field whose every value can be tried: a number, an amount, a choice, yes and no."""
    type_ = view.types.form_field(scoring.of, field)
    line = line_of(type_) if type_ is not None else None
    return line if isinstance(line, Numbers | Entries) else None


def _values(field: str, rules: list[ScoreRule], scoring: Scoring, view: View) -> list[Any]:
    line = line_of_field(field, scoring, view)
    assert line is not None
    if isinstance(line, Entries):
        return [*line.values, None]
    numbers = [value for rule in rules for value in _literals(rule.if_.tree) if _is_number(value)]
    cuts = sorted({cut for value in numbers for cut in only(line, value).cuts} | {line.first, line.last})
    pieces = [Region(line, ((a, b),)) for a, b in pairwise(cuts)]
    return [*(piece.witness() for piece in pieces), *everything(line).filled.samples(), None]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _literals(node: Node) -> list[Any]:
    match node:
        case Literal(value=value):
            return [value]
        case Minus(operand=Literal(value=value)) if _is_number(value):
            return [-value]  # type: ignore[operator]
        case Logic(operands=parts) | Items(items=parts):
            return [value for part in parts for value in _literals(part)]
        case Not(operand=operand):
            return _literals(operand)
        case Compare(left=left, right=right):
            return [*_literals(left), *_literals(right)]
    return []


def _only_field(node: Node, form: str) -> str | None:
    """The field that a condition compares with constants, and that is all that it does; None for other conditions."""
    found: set[str] = set()

    def reads(node: Node) -> bool:
        match node:
            case Field(of=Name(name=name), name=field) if name == form:
                found.add(field)
                return True
            case Literal() | Minus(operand=Literal()):
                return True
            case Logic(operands=parts) | Items(items=parts):
                return all(map(reads, parts))
            case Not(operand=operand) | Call(function="has", arguments=(operand,)):
                return reads(operand)
            case Compare(left=left, right=right):
                return reads(left) and reads(right)
        return False

    return next(iter(found)) if reads(node) and len(found) == 1 else None


def whole_range(scoring: Scoring, view: View) -> Range | None:
    """Of the total; None when its formula does what is not followed here. Fields that several parts ask about are taken at
    each value that can be told apart, all parts together."""
    found: list[Range] = []
    for fixed in _shared(scoring, view):
        parts = {
            str(name): part_range(part, scoring, view, fixed).capped(getattr(part, "at_most", None))
            for name, part in scoring.parts.items()
        }
        one = total_range(scoring.total.tree, parts)
        if one is None:
            return None
        found.append(one)
    lows, highs = [one.low for one in found], [one.high for one in found]
    low = None if None in lows else min(end for end in lows if end is not None)
    high = None if None in highs else max(end for end in highs if end is not None)
    return Range(low, high, common_step(one.step for one in found))


def _shared(scoring: Scoring, view: View) -> list[dict[str, Any]]:
    """The values together of all fields that the rules of two parts compare with constants; one without any, where there
    is no such field or the values are too many."""
    asking: dict[str, dict[str, list[ScoreRule]]] = {}
    for name, part in scoring.parts.items():
        for rule in part.rules.values() if isinstance(part, RulesPart) else ():
            field = _only_field(rule.if_.tree, scoring.of)
            if field is not None and line_of_field(field, scoring, view) is not None:
                asking.setdefault(field, {}).setdefault(str(name), []).append(rule)
    found: list[dict[str, Any]] = [{}]
    for field, parts in asking.items():
        if len(parts) < 2:
            continue
        rules = [rule for own in parts.values() for rule in own]
        told_apart: dict[tuple[bool, ...], Any] = {}
        for value in _values(field, rules, scoring, view):
            told_apart.setdefault(tuple(_holds(rule, scoring.of, field, value) for rule in rules), value)
        found = [{**one, field: value} for one in found for value in told_apart.values()]
        if len(found) > MOST_TOGETHER:
            return [{}]
    return found


def total_range(tree: Node, parts: Mapping[str, Range]) -> Range | None:
    """Of a formula over the parts; None when it does what is not followed here."""
    match tree:
        case Literal(value=int() | Decimal() as value) if not isinstance(value, bool):
            number = Fraction(value)
            return Range(number, number, abs(number))
        case Name(name=name):
            return parts.get(name)
        case Minus(operand=operand):
            found = total_range(operand, parts)
            return None if found is None else found.times(Fraction(-1))
        case Arithmetic(operator="+" | "-" | "*" | "/" as operator, left=left, right=right):
            a, b = total_range(left, parts), total_range(right, parts)
            if a is None or b is None:
                return None
            return _combined(operator, a, b)
        case Call(function="min" | "max" as function, arguments=arguments) if len(arguments) > 1:
            ranges = [total_range(argument, parts) for argument in arguments]
            known = [one for one in ranges if one is not None]
            return _extreme(min if function == "min" else max, known) if len(known) == len(ranges) else None
    return None


def _combined(operator: str, a: Range, b: Range) -> Range | None:
    match operator:
        case "+":
            return a + b
        case "-":
            return a + b.times(Fraction(-1))
        case "*":
            for one, other in ((a, b), (b, a)):
                if one.low is not None and one.low == one.high:
                    return other.times(one.low)
        case "/":
            if b.low is not None and b.low == b.high and b.low != 0:
                return a.times(1 / b.low)
    return None


def _extreme(pick: Callable[..., Fraction], ranges: list[Range]) -> Range | None:
    ends = [(one.low, one.high) for one in ranges]
    if any(low is None or high is None for low, high in ends):
        return None
    step = common_step(one.step for one in ranges)
    return Range(pick(low for low, _ in ends), pick(high for _, high in ends), step)
