"""Functions over numbers and money: rounding, shares, the aggregates that add and compare."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from engine.language.expressions.arithmetic import EXACT, Number, bounded
from engine.language.expressions.faults import ExpressionFault
from engine.language.expressions.functions.declare import function
from engine.language.expressions.types import ANY, MONEY, NUMBER, Type, bare, common, element_of

CENT = Decimal("0.01")


def _same(types: Sequence[Type]) -> Type:
    return bare(types[0]) if types else ANY


def _one_of(types: Sequence[Type]) -> Type:
    """Of several arguments, or of the rows of one list."""
    kinds = list(types)
    if len(kinds) == 1:
        kinds = [element_of(kinds[0]) or ANY]
    return bare(common(kinds) or ANY)


def _average(types: Sequence[Type]) -> Type:
    kind = _one_of(types)
    return kind if kind in (NUMBER, MONEY) else ANY


def cut(number: Number, digits: int, rounding: str) -> Number:
    """To so many decimal digits; a negative count rounds tens, hundreds. Whole results are int."""
    if digits > 40 or digits < -40:
        raise ExpressionFault(f"{digits} digits")
    if type(number) is int and digits >= 0:
        return number
    exact = EXACT.create_decimal(number).quantize(Decimal(1).scaleb(-digits), rounding=rounding, context=EXACT)
    if exact.is_nan():
        return number
    return int(exact) if digits <= 0 else exact


@function(
    "x: number or money, digits: number",
    gives=_same,
    en="Rounded half up, to so many digits.",
    zh="四舍五入到指定小数位。",
    name="round",
)
def round_(x: Number, digits: Number) -> Number:
    return cut(x, int(digits), ROUND_HALF_UP)


@function("x: number or money", gives=_same, en="The next whole number below.", zh="向下取整。")
def floor(x: Number) -> Number:
    return cut(x, 0, ROUND_FLOOR)


@function("x: number or money", gives=_same, en="The next whole number above.", zh="向上取整。")
def ceil(x: Number) -> Number:
    return cut(x, 0, ROUND_CEILING)


@function("x: number or money", gives=_same, en="Without its sign.", zh="绝对值。", name="abs")
def abs_(x: Number) -> Number:
    return abs(x) if type(x) is int else EXACT.abs(x)


@function(
    "part: number or money, whole: number or money",
    gives="number",
    en="How many percent part is of whole; empty when whole is 0.",
    zh="部分占整体的百分比；整体为 0 时为空。",
)
def percent(part: Number, whole: Number) -> Number | None:
    return bounded(EXACT.divide(EXACT.multiply(part, 100), whole)) if whole else None


# -- aggregates: over the rows of a list, empties skipped


@function(
    "list: list",
    gives=_one_of,
    en="Added up; 0 for no rows.",
    zh="求和；没有行时为 0。",
    aggregate=True,
    takes_empty=True,
    name="sum",
)
def sum_(rows: Sequence[Any]) -> Number:
    total: Number = 0
    for row in rows:
        if type(row) is int and type(total) is int:
            total += row
        elif row is not None:
            total = EXACT.add(total, row)
    return bounded(total)


@function(
    "list: list",
    gives=_average,
    en="The mean; empty for no rows.",
    zh="平均值；没有行时为空。",
    aggregate=True,
    takes_empty=True,
)
def average(rows: Sequence[Any]) -> Number | None:
    filled = [row for row in rows if row is not None]
    return bounded(EXACT.divide(sum_(filled), len(filled))) if filled else None


@function(
    "list: list",
    gives="number",
    en="How many rows are filled in.",
    zh="已填写的行数。",
    aggregate=True,
    takes_empty=True,
)
def count(rows: Sequence[Any]) -> int:
    return sum(1 for row in rows if row is not None)


_ORDERED = "number or money or date or moment or time or duration or list"


@function(
    f"x...: {_ORDERED}",
    gives=_one_of,
    en="The lowest of the arguments or rows; empty for none.",
    zh="参数或各行中的最小值；没有时为空。",
    aggregate=True,
    takes_empty=True,
    name="min",
)
def min_(rows: Sequence[Any]) -> Any:
    return min((row for row in rows if row is not None), default=None)


@function(
    f"x...: {_ORDERED}",
    gives=_one_of,
    en="The highest of the arguments or rows; empty for none.",
    zh="参数或各行中的最大值；没有时为空。",
    aggregate=True,
    takes_empty=True,
    name="max",
)
def max_(rows: Sequence[Any]) -> Any:
    return max((row for row in rows if row is not None), default=None)


@function(
    "list: list",
    gives="yes_no",
    en="Whether the condition holds for one row at least; no for no rows.",
    zh="至少一行满足条件；没有行时为否。",
    aggregate=True,
    takes_empty=True,
    name="any",
)
def any_(rows: Sequence[Any]) -> bool:
    return any(row is True for row in rows)


@function(
    "list: list",
    gives="yes_no",
    en="Whether the condition holds for every row; yes for no rows. An empty condition is no.",
    zh="每一行都满足条件；没有行时为是。空条件视为否。",
    aggregate=True,
    takes_empty=True,
    name="all",
)
def all_(rows: Sequence[Any]) -> bool:
    return all(row is True for row in rows)


def parts_of(amount: Decimal | int, shares: Sequence[Number], whole: Number) -> list[Decimal]:
    """`amount` cut by shares to the cent, downwards, the rest on the last part: the parts add up exactly."""
    total = EXACT.create_decimal(amount)
    parts = [
        EXACT.divide(EXACT.multiply(total, share), whole).quantize(CENT, rounding=ROUND_DOWN, context=EXACT)
        for share in shares[:-1]
    ]
    rest = total
    for part in parts:
        rest = EXACT.subtract(rest, part)
    return [*parts, rest]
