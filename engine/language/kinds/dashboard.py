"""dashboard: measures over records and histories, and how they are shown. Worked out in a later version; read and kept now."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.language.expressions.parse import Expression
from engine.language.kinds.definition import RAW, Definition
from engine.language.shapes import (
    CONDITION,
    QUESTION,
    TEXT,
    WHOLE,
    ChoiceName,
    ListOf,
    MapOf,
    Name,
    OneWord,
    Struct,
    StructShape,
    key,
)


@dataclass(frozen=True, kw_only=True)
class Period(Struct):
    by: str = key(OneWord("day", "week", "month", "quarter", "year"), "the length of one period", required=True)
    last: int = key(WHOLE, "so many periods", required=True)


@dataclass(frozen=True, kw_only=True)
class Measure(Struct):
    """One number: what is taken, of which records, at which moment it falls into a period."""

    EXACTLY_ONE: ClassVar = (("count", "sum", "average", "median", "ratio", "formula", "band"),)

    title: str | None = key(TEXT, "how it is called")
    count: Expression | None = key(QUESTION, "how many records or cases")
    sum: Expression | None = key(QUESTION, "the sum of this")
    average: Expression | None = key(QUESTION, "the average of this")
    median: Expression | None = key(QUESTION, "the median of this")
    ratio: Any = key(RAW, "one measure over another")
    formula: Expression | None = key(QUESTION, "over other measures")
    band: Expression | None = key(QUESTION, "which band this falls into")
    into: Map[str, Any] | None = key(MapOf(ChoiceName(), RAW), "the bands in cell words")
    where: Expression | None = key(CONDITION, "only those")
    of: str | None = key(Name(), "a form or a workflow")
    per: Any = key(RAW, "makes person.x of it")
    at: Any = key(RAW, "the moment that puts it into a period; now")
    period: Any = key(RAW, "another period than the dashboard's")
    steps: Any = key(RAW, "funnel: what is counted, in order")
    if_zero: Any = key(RAW, "when the divisor is zero")


@dataclass(frozen=True, kw_only=True)
class Show(Struct):
    as_: str = key(OneWord("number", "table", "line", "bar", "funnel"), "how", required=True)
    measures: tuple[str, ...] = key(ListOf(Name()), "what", required=True)
    by: Any = key(RAW, "split by this")


@dataclass(frozen=True, kw_only=True)
class Dashboard(Definition):
    """What roles see of the state of the business."""

    KIND: ClassVar[str] = "dashboard"

    for_: tuple[str, ...] = key(ListOf(Name()), "roles", required=True)
    period: Period | None = key(StructShape(Period), "the periods")
    measures: Map[str, Measure] = key(
        MapOf(Name(), StructShape(Measure, ("a measure", "指标"))), "the measures", required=True
    )
    show: tuple[Show, ...] | None = key(ListOf(StructShape(Show, ("a picture", "图"))), "how they are shown")
