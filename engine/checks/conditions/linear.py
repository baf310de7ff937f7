"""Systems of linear inequalities over the rationals: Fourier and Motzkin's elimination, with a solution read back.

Exact for what lies dense; for cents and days a system that has no rational solution has none there either.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

MOST_ROWS = 400
"""More inequalities than this are not worked on: the number can square with every variable."""


class TooLarge(Exception):
    """The system is not decided."""


@dataclass(frozen=True)
class Row:
    """`sum of factors * variable + constant < 0`, or `<= 0` when not `strict`."""

    factors: Mapping[str, Fraction]
    constant: Fraction
    strict: bool

    def plus(self, other: Row, mine: Fraction, others: Fraction) -> Row:
        """`mine` times this and `others` times the other, both positive, added up."""
        names = self.factors.keys() | other.factors.keys()
        zero = Fraction(0)
        found = {n: mine * self.factors.get(n, zero) + others * other.factors.get(n, zero) for n in names}
        constant = mine * self.constant + others * other.constant
        return Row({n: factor for n, factor in found.items() if factor}, constant, self.strict or other.strict)


def solve(rows: Iterable[Row]) -> dict[str, Fraction] | None:
    """Values of the variables for which every row holds; None when there are none. Raises TooLarge."""
    left = list(rows)
    steps: list[tuple[str, list[Row]]] = []
    while True:
        if any(_never(row) for row in left):
            return None
        left = [row for row in left if row.factors]
        if not left:
            break
        variable = min({n for row in left for n in row.factors}, key=lambda n: (_cost(n, left), n))
        touching = [row for row in left if variable in row.factors]
        steps.append((variable, touching))
        above = [row for row in touching if row.factors[variable] > 0]
        below = [row for row in touching if row.factors[variable] < 0]
        left = [row for row in left if variable not in row.factors]
        left += [a.plus(b, -b.factors[variable], a.factors[variable]) for a in above for b in below]
        if len(left) > MOST_ROWS:
            raise TooLarge
    found: dict[str, Fraction] = {}
    for variable, touching in reversed(steps):
        found[variable] = _between(variable, touching, found)
    return found


def _never(row: Row) -> bool:
    return not row.factors and (row.constant > 0 or (row.strict and row.constant == 0))


def _cost(name: str, rows: list[Row]) -> int:
    signs = [row.factors[name] > 0 for row in rows if name in row.factors]
    return signs.count(True) * signs.count(False)


def _between(variable: str, rows: list[Row], found: dict[str, Fraction]) -> Fraction:
    """The simplest value of a variable that its rows leave, the later variables being known."""
    low: tuple[Fraction, bool] | None = None
    high: tuple[Fraction, bool] | None = None
    for row in rows:
        rest = row.constant + sum(f * found.setdefault(n, Fraction(0)) for n, f in row.factors.items() if n != variable)
        bound, strict = -rest / row.factors[variable], row.strict
        if row.factors[variable] > 0:
            high = (bound, strict) if high is None or (bound, not strict) < (high[0], not high[1]) else high
        else:
            low = (bound, strict) if low is None or (bound, strict) > low else low
    return simplest(low, high)


def simplest(low: tuple[Fraction, bool] | None, high: tuple[Fraction, bool] | None) -> Fraction:
    """A round number between two bounds, each with whether it is left out itself; there must be one."""
    if low is None and high is None:
        return Fraction(0)
    if low is None:
        assert high is not None
        return Fraction(min(0, math.ceil(high[0]) - 1 if high[1] else math.floor(high[0])))
    start = Fraction(max(0, math.floor(low[0]) + 1 if low[1] else math.ceil(low[0])))
    if high is None or start < high[0] or (start == high[0] and not high[1]):
        return start
    for places in (10, 100, 10_000, 1_000_000):
        scaled = low[0] * places
        candidate = Fraction(math.floor(scaled) + 1 if low[1] else math.ceil(scaled)) / places
        if candidate < high[0] or (candidate == high[0] and not high[1]):
            return candidate
    return low[0] if low[0] == high[0] else (low[0] + high[0]) / 2
