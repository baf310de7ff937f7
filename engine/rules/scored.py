"""A scoring at work on one record: what it writes and why, for a score step and for `again`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.language.diagnostics import Diagnostic
from engine.language.expressions.context import CONTEXT
from engine.language.expressions.things import Record
from engine.language.kinds.scoring import Model, Scoring
from engine.rules.scoring import Score, Scorer, bands_of, compile_scoring

MOST_REASONS = 40


def scorer_of(scoring: Scoring, models: Mapping[str, Model]) -> Scorer | list[Diagnostic]:
    """The scoring made ready, or what is wrong with its bands."""
    bands = bands_of(scoring)
    return bands if isinstance(bands, list) else compile_scoring(scoring, models, bands)


def score_record(
    scoring: Scoring, scorer: Scorer, record: Record, context: Any
) -> tuple[Score, dict[str, Any], dict[str, Any]]:
    """The score, the fields to write, and the reasons as plain data."""
    score = scorer({scoring.of: record, CONTEXT: context})
    writes: dict[str, Any] = {}
    if scoring.writes.total is not None:
        writes[str(scoring.writes.total)] = score.total
    if scoring.writes.grade is not None:
        writes[str(scoring.writes.grade)] = score.grade
    why = {
        "scoring": str(scoring.name),
        "total": _text(score.total),
        "grade": score.grade,
        "parts": {str(name): _text(points) for name, points in score.parts.items()},
        "fired": [
            {
                "part": str(f.part),
                "rule": str(f.rule),
                "points": _text(f.points),
                "because": str(f.because) if f.because else None,
            }
            for f in score.fired[:MOST_REASONS]
        ],
    }
    return score, writes, why


def _text(number: Any) -> Any:
    return number if isinstance(number, int) or number is None else str(number)
