"""Scoring: points of a record by parts, one total, its grade, and why (LANGUAGE section 8).

A scoring is compiled once, `compile_scoring`; the Scorer is then asked with the environment of an expression: the
record under its form's name, and the context under `@`, whose `now` the fading of events is counted from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import compress
from typing import Any, NamedTuple

from engine.language.cells import Cell, parse_cell
from engine.language.diagnostics import Diagnostic
from engine.language.durations import Duration
from engine.language.expressions.compile import compiled_together
from engine.language.expressions.context import context_of
from engine.language.kinds.scoring import BehaviourPart, Model, ModelPart, Points, RulesPart, Scoring
from engine.language.messages.decisions import cell_type
from engine.language.shapes.scalars import read_number
from engine.language.source import Span
from engine.rules.decisions import first_fitting
from engine.rules.models import probability

Number = int | Decimal
Env = Mapping[str, Any]
_CENT = Decimal("0.01")
_FADING = Context(prec=20)


class Fired(NamedTuple):
    """One reason: a rule, the events of one name, or a model, with its points before the cap of its part."""

    part: str
    rule: str
    points: Number
    because: str | None = None


class Score(NamedTuple):
    """What a record has: the total and grade (empty when no band holds it), points by part, and the reasons."""

    total: Number | None
    grade: str | None
    parts: Mapping[str, Number]
    fired: tuple[Fired, ...]


Part = Callable[[Env, list[Fired]], Number]
Scorer = Callable[[Env], Score]


def compile_scoring(scoring: Scoring, models: Mapping[str, Model], bands: Mapping[str, Cell]) -> Scorer:
    """The function that scores a record. `models`: those that are trained; `bands`: from `bands_of`."""
    parts = [(name, _part(name, part, scoring.of, models)) for name, part in scoring.parts.items()]
    total_of, names, band_of = scoring.total.function, (*map(str, bands), None), first_fitting([*bands.values()])

    def score(env: Env) -> Score:
        fired: list[Fired] = []
        points: dict[str, Number] = {name: part(env, fired) for name, part in parts}
        total = total_of({**env, **points})
        if total is None:
            return Score(None, None, points, tuple(fired))
        total = rounded(total)
        band = band_of(total, points)
        return Score(total, names[-1 if band is None else band], points, tuple(fired))

    return score


def bands_of(scoring: Scoring) -> Mapping[str, Cell] | list[Diagnostic]:
    """The grades as cells over the total, in their order, or what is wrong with them."""
    read = {name: parse_cell(tree, _read_number, tree.span) for name, tree in scoring.grades.items()}
    wrong = [cell for cell in read.values() if isinstance(cell, Diagnostic)]
    return wrong or {name: cell for name, cell in read.items() if not isinstance(cell, Diagnostic)}


def _read_number(text: str, span: Span) -> Number | Diagnostic:
    number = read_number(text)
    return (
        cell_type(span, text, "a number is wanted", "这里应为数字", "at least 40 below 70")
        if number is None
        else number
    )


def rounded(number: Number) -> Number:
    """At most 2 places, half up; a whole number as such."""
    if isinstance(number, int):
        return number
    exact = number.quantize(_CENT, ROUND_HALF_UP)
    return int(exact) if exact == int(exact) else exact


def _part(name: str, part: RulesPart | BehaviourPart | ModelPart, form: str, models: Mapping[str, Model]) -> Part:
    if isinstance(part, RulesPart):
        return _by_rules(name, part)
    if isinstance(part, BehaviourPart):
        return _by_events(name, part)
    return _by_model(name, part, form, models.get(part.model))


def _by_rules(name: str, part: RulesPart) -> Part:
    # one Python function for all conditions, then one pass in C: this is the hot path of an import
    which = compiled_together(rule.if_.tree for rule in part.rules.values())
    reasons = [Fired(name, str(called), rule.add, rule.because) for called, rule in part.rules.items()]
    at_most = part.at_most

    def points(env: Env, fired: list[Fired]) -> Number:
        here = list(compress(reasons, which(env)))
        fired += here
        total: Number = sum([reason.points for reason in here])
        return total if at_most is None or total <= at_most else at_most

    return points


def _by_events(name: str, part: BehaviourPart) -> Part:
    events_of, event_name, event_at = part.events.function, part.name, part.at
    declared = dict(part.points)
    at_most = part.at_most

    def points(env: Env, fired: list[Fired]) -> Number:
        events: Iterable[Mapping[str, Any]] = events_of(env) or ()
        moments: dict[str, list[dt.datetime | None]] = {}
        for event in events:
            if event[event_name] in declared:
                moments.setdefault(event[event_name], []).append(event[event_at])
        total: Number = 0
        if moments:
            now = context_of(env).now
            for called, rule in declared.items():
                earned = event_points(rule, moments[called], now) if called in moments else 0
                if earned:
                    total += earned
                    fired.append(Fired(name, str(called), earned, rule.because))
        return total if at_most is None or total <= at_most else at_most

    return points


def event_points(rule: Points, moments: Iterable[dt.datetime | None], now: dt.datetime) -> Number:
    """The points of all events of one name: each fades by half in each half_life, then the cap, then 2 places.

    An event of the future counts as one of now. One without moment counts only where neither `within` nor `half_life`
    asks for it.
    """
    total: Number = 0
    for at in moments:
        if rule.half_life is None and rule.within is None:
            total += rule.add
        elif at is not None:
            age = max(now - at, dt.timedelta(0))
            if rule.within is None or age <= dt.timedelta(seconds=int(rule.within.nominal_seconds)):
                total += rule.add if rule.half_life is None else rule.add * faded(age, rule.half_life)
    return rounded(total if rule.at_most is None or total <= rule.at_most else rule.at_most)


def faded(age: dt.timedelta, half_life: Duration) -> Decimal:
    """What is left of 1 after `age`: a half after one half-life, a quarter after two."""
    micro = (age.days * 86_400 + age.seconds) * 1_000_000 + age.microseconds
    if not micro or not half_life.amount:
        return Decimal(not micro)
    lives = _FADING.divide(Decimal(micro), Decimal(half_life.nominal_seconds) * 1_000_000)
    return _FADING.power(Decimal("0.5"), lives) if lives < 200 else Decimal(0)


def _by_model(name: str, part: ModelPart, form: str, model: Model | None) -> Part:
    if model is None:
        unready = Fired(name, str(part.model), part.if_not_ready)

        def base_rate(env: Env, fired: list[Fired]) -> Number:
            fired.append(unready)
            return part.if_not_ready

        return base_rate
    intercept, terms, called = model.intercept, model.terms, str(part.model)

    def chance(env: Env, fired: list[Fired]) -> Number:
        found = probability(intercept, terms, env[form])
        fired.append(Fired(name, called, found))
        return found

    return chance
