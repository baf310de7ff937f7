"""Scorings proved: grades that can be reached and share out the whole range, weights that add up, rules that count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from engine.checks.pack_view import View
from engine.checks.regions import Numbers, Region, between, everything, on_line
from engine.checks.scorings import silent
from engine.checks.scorings.attainable import CENT, Range, part_range, whole_range
from engine.checks.scorings.weights import terms, weights
from engine.language.cells import Cell, others
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.scoring import Model, Scoring
from engine.language.messages import scoring as say
from engine.language.source import Span, place_of
from engine.rules.scoring import bands_of


def check(view: View) -> Iterator[Diagnostic]:
    """unreachable-band, band-gap-or-overlap, weight-error and silent-rule."""
    for model in view.pack.kind(Model).values():
        yield from terms(model)
    for scoring in view.pack.kind(Scoring).values():
        raw = {str(name): part_range(part, scoring, view) for name, part in scoring.parts.items()}
        parts = {
            str(name): raw[str(name)].capped(getattr(part, "at_most", None)) for name, part in scoring.parts.items()
        }
        found = list(weights(scoring, raw))
        bands = bands_of(scoring)
        if isinstance(bands, Mapping) and bands and not any(others(cell) for cell in bands.values()):
            found += _bands(scoring, bands, parts, whole_range(scoring, view))
            if not found:  # with wrong weights or bands many rules change nothing
                found += silent.check(scoring, bands, view)
        yield from found


def _bands(
    scoring: Scoring, bands: Mapping[str, Cell], parts: Mapping[str, Range], total: Range | None
) -> Iterator[Diagnostic]:
    line = Numbers(Decimal("0.01") if total is None else _step(total))
    reach = everything(line).filled if total is None else _region(line, total)
    regions = {name: on_line(cell, line) for name, cell in bands.items()}
    if total is not None:
        listed = ", ".join(f"{name}: {_words(found, '...', '?')}" for name, found in parts.items())
        for name, region in regions.items():
            if (region & reach).is_empty:
                yield say.unreachable_band(_place(scoring, name), name, *_said(total), listed)
        left = reach
        for region in regions.values():
            left -= region
        for stretch in left.stretches:
            gap = Region(line, (stretch,))
            beside = next((name for name, region in regions.items() if region.cuts & gap.cuts), None)
            place = scoring.grades[beside].span if beside is not None else scoring.place("grades")
            yield say.band_gap_or_overlap(place, (), line.say(gap.witness()))
    names = list(regions)
    for at, name in enumerate(names):
        for other in names[:at]:
            both = regions[name] & regions[other] & reach
            if not both.is_empty:
                place = scoring.grades[name].span
                yield say.band_gap_or_overlap(place, (other, name), line.say(both.witness()))
                break


def _step(total: Range) -> Decimal:
    """The grid that the total lies on once it is rounded to two places."""
    step = total.step
    if step is None or step == 0 or (step / CENT).denominator != 1:
        return Decimal("0.01")
    return Decimal(step.numerator) / Decimal(step.denominator)


def _region(line: Numbers, total: Range) -> Region:
    low = None if total.low is None else _cents(total.low, down=True)
    high = None if total.high is None else _cents(total.high, down=False)
    return between(line, low, high)


def _cents(value: Fraction, down: bool) -> Decimal:
    scaled = value / CENT
    whole = scaled.numerator // scaled.denominator if down else -(-scaled.numerator // scaled.denominator)
    return Decimal(whole) / 100


def _place(scoring: Scoring, band: str) -> Span:
    return next(place_of(name) for name in scoring.grades if name == band)


def _said(found: Range) -> tuple[str, str]:
    return _words(found), _words(found, "到", "不限")


def _words(found: Range, to: str = "to", endless: str = "any number") -> str:
    ends = [
        endless if end is None else Numbers().say(_cents(end, down=True).normalize()) for end in (found.low, found.high)
    ]
    return f"{ends[0]} {to} {ends[1]}"
