"""Exact sets of values of one typed input: what cells, conditions and bounds of fields are reasoned about with."""

from engine.checks.regions.lines import HIGHEST, LOWEST, Line, Numbers
from engine.checks.regions.of_type import line_of
from engine.checks.regions.sets import Region, between, compared, everything, joined, nothing, of_cell, on_line, only
from engine.checks.regions.wording import in_words

__all__ = [
    "HIGHEST",
    "LOWEST",
    "Line",
    "Numbers",
    "Region",
    "between",
    "compared",
    "everything",
    "in_words",
    "joined",
    "line_of",
    "nothing",
    "of_cell",
    "on_line",
    "only",
]
