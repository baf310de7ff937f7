"""What an expression may raise while it runs: one of these two, with a plain reason, never Python's own errors."""

from __future__ import annotations

MOST_TEXT = 100_000
MOST_ROWS = 10_000
MOST_ROUNDS = 200_000
"""Rows that the generators inside generators of one expression may walk altogether."""
MOST_DIGITS = 40


class ExpressionFault(Exception):
    """The data is not what the checker was promised. The interpreter makes an incident of it."""


class ExpressionLimit(ExpressionFault):
    """A result is larger than any honest one: text, list, number or rounds. The interpreter makes an incident of it."""
