"""When a moment in words is: its base and number read from the case now, its wall clock in the pack's zone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.language.shapes import Moment
from engine.language.wall_clock import to_utc

if TYPE_CHECKING:
    from engine.interpreter.run import Run


def moment_now(run: Run, moment: Moment) -> dt.datetime | None:
    """Aware UTC, or None while a field that it reads is empty: then nothing is armed."""
    words = moment.words
    fixed = words.wall_clock or words.base_wall_clock
    base: object = run.evaluate(moment.base) if moment.base is not None else fixed or words.base_date
    if isinstance(base, dt.datetime) and base.tzinfo is None:
        base = to_utc(base, run.zone)
    number: object = run.evaluate(moment.number) if moment.number is not None else words.number
    if not isinstance(base, dt.date) or not isinstance(number, int | Decimal | None):
        return None
    calendar = run.view.calendar(run.work.workflow.definition.calendar)
    return calendar.moment_of(base, number, words.unit, words.direction, words.at)
