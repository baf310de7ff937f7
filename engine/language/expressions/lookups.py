"""What compiled expressions call: look-ups, membership, walks over rows; empty for empty, and bounded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.language.expressions import arithmetic
from engine.language.expressions.faults import MOST_ROUNDS, MOST_ROWS, ExpressionFault, ExpressionLimit


def _look(thing: Any, field: str) -> Any:
    if thing is None:
        return None
    try:
        return thing[field]
    except KeyError:
        return None


def _is_in(value: Any, rows: Any) -> bool:
    if value is None or rows is None:
        return False
    return value in _container(rows)


def _is_not_in(value: Any, rows: Any) -> bool:
    if value is None or rows is None:
        return False
    return value not in _container(rows)


def _container(rows: Any) -> Any:
    if isinstance(rows, tuple | list | frozenset):
        return rows
    raise ExpressionFault(f"{type(rows).__name__} is no list")


def _listed(rows: Any) -> Sequence[Any]:
    if rows is None:
        return ()
    if not isinstance(rows, tuple | list):
        raise ExpressionFault(f"{type(rows).__name__} is no list")
    if len(rows) > MOST_ROWS:
        raise ExpressionLimit(f"a list of more than {MOST_ROWS:,} rows")
    return rows


def _each(rows: Any, value: Callable[[Any], Any], test: Callable[[Any], bool] | None) -> list[Any]:
    if test is None:
        return [value(row) for row in _listed(rows)]
    return [value(row) for row in _listed(rows) if test(row)]


def _counted(rows: Any, rounds: list[int]) -> Any:
    if rows is not None:
        rounds[0] -= len(rows)
        if rounds[0] < 0:
            raise ExpressionLimit(f"more than {MOST_ROUNDS:,} rows in nested lists")
    return rows


WORDS: dict[str, Any] = {
    "add": arithmetic.add,
    "subtract": arithmetic.subtract,
    "multiply": arithmetic.multiply,
    "divide": arithmetic.divide,
    "remainder": arithmetic.remainder,
    "negate": arithmetic.negate,
    "look": _look,
    "is_in": _is_in,
    "is_not_in": _is_not_in,
    "listed": _listed,
    "each": _each,
    "counted": _counted,
}
"""Everything that generated source may name, besides its constants."""
