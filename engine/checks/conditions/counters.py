"""Counters of a case: a number with a start value that only steps of the workflow write, and what their writes leave of a bound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from engine.checks.conditions.facts import Analysis
from engine.checks.conditions.formula import Formula, Term, negated
from engine.checks.conditions.reading import constant, path_of
from engine.checks.conditions.solving import line_for
from engine.checks.conditions.states import narrowed
from engine.checks.regions import Region, compared, nothing, only
from engine.language.expressions.tree import Arithmetic, Path
from engine.language.place import Written
from engine.language.values import Formula as Worked
from engine.language.values import Literal, Value

Number = int | Decimal


def counter(path: Path | None, analysis: Analysis) -> Number | None:
    """Where a counter begins; None for what is no counter, or what a call gives."""
    given = {str(name) for trigger in analysis.workflow.start.values() for name in trigger.called or ()}
    if path is None or len(path) != 2 or path[0] != "case" or path[1] in given:
        return None
    field = (analysis.workflow.data or {}).get(path[1])
    begin = field.start_with if field is not None and field.type == "number" else None
    return _number(begin)


def writes(path: Path, analysis: Analysis) -> Iterator[Value | None]:
    """What steps write into it; None where the definition does not say."""
    for place in analysis.view.places:
        held = place.holds
        if place.definition is not analysis.workflow or not isinstance(held, Written):
            continue
        if held.read and "needs" not in place.keys:
            continue
        if str(held.path) == ".".join(path):
            values = getattr(place.node, "set", None)
            found = values.get(held.path) if isinstance(values, Mapping) and "set" in place.keys else None
            yield found if isinstance(found, Literal | Worked) else None


def never_leaves(term: Term, formula: Formula, holds: bool, analysis: Analysis) -> str | None:
    """Whether the counter, wherever its writes take it, keeps a bound as it was in the beginning: so that it `holds`, or
    does not. The sign it is counted with, empty for none; None where it may leave."""
    begin, line = counter(term.path, analysis), line_for(term)
    if begin is None or line is None or term.path is None:
        return None
    kept = narrowed(formula if holds else negated(formula), term.text, line)
    reached, sign = only(line, begin), ""
    for value in writes(term.path, analysis):
        steps = _steps(value, term.path)
        if steps is None:
            return None
        number, word = steps
        if not word:
            reached |= only(line, number)
        elif sign in ("", word):
            sign = word
        else:
            return None
    if sign:
        reached |= _beyond(reached, sign)
    return sign if reached <= kept else None


def _beyond(region: Region, sign: str) -> Region:
    """All values on from a region upwards or downwards."""
    ends = [Region(region.line, (stretch,)).witness() for stretch in region.stretches]
    if not ends:
        return nothing(region.line)
    return compared(region.line, ">=", min(ends)) if sign == "+" else compared(region.line, "<=", max(ends))


def _steps(value: Value | None, path: Path) -> tuple[Number, str] | None:
    """The number that is written, or that is added or taken off with its sign."""
    plain = _number(value)
    if plain is not None:
        return plain, ""
    if not isinstance(value, Worked) or not isinstance(value.expression.tree, Arithmetic):
        return None
    tree = value.expression.tree
    for one, other in ((tree.left, tree.right), (tree.right, tree.left)):
        by = constant(other)
        counts = path_of(one) == path and isinstance(by, int | Decimal) and not isinstance(by, bool)
        if counts and (tree.operator == "+" or (tree.operator == "-" and one is tree.left)):
            up = (by > 0) == (tree.operator == "+")
            return (abs(by), "+" if up else "-") if by else None
    return None


def _number(value: Value | None) -> Number | None:
    if isinstance(value, Worked):
        found = constant(value.expression.tree)
        return found if isinstance(found, int | Decimal) and not isinstance(found, bool) else None
    try:
        return Decimal(str(value.text).replace("_", "")) if isinstance(value, Literal) else None
    except ArithmeticError:
        return None
