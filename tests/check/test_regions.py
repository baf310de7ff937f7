"""Regions against the cells themselves, value by value; what they are called reads back as the same region."""

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checks.regions import Region, compared, everything, in_words, line_of, nothing, of_cell, only
from engine.language.cells import AnyValue, Between, Cell, Empty, Is, Not, NotEmpty, OneOf, Other, parse_cell
from engine.language.durations import Duration
from engine.language.expressions import types
from engine.language.expressions.types import Choice, Type
from engine.language.literals import read_literal
from engine.language.source import NOWHERE
from engine.language.yamltree import Mapping, Scalar, Sequence, Tree

GRADE = Choice("lead.grade", {"A": "a", "B": "b", "C": "c", "D": "d"})
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
VALUES: dict[Type, list[Any]] = {
    types.NUMBER: [-3, 0, Decimal("0.5"), 1, 2, Decimal("2.25"), 100],
    types.MONEY: [-1, 0, Decimal("0.01"), Decimal("0.02"), 1, 499, Decimal("499.99"), 500, Decimal("500.01")],
    types.DATE: [dt.date(2026, 2, 28), dt.date(2026, 3, 1), dt.date(2026, 3, 2), dt.date(2027, 1, 1)],
    types.TIME: [dt.time(0), dt.time(9), dt.time(9, 1), dt.time(9, 1, 30), dt.time(23, 59)],
    types.MOMENT: [NOON - dt.timedelta(days=9), NOON, NOON + dt.timedelta(minutes=1), NOON + dt.timedelta(days=1)],
    types.DURATION: [
        Duration(3, "days"), Duration(0, "days"), Duration(1, "seconds"), Duration(24, "hours"), Duration(1, "days"),
        Duration(8, "workhours"), Duration(1, "workdays"), Duration(8, "hours"), Duration(1, "months"),
    ],
    types.TEXT: ["a", "a b", "b", "ba", "中"],
    types.YES_NO: [True, False],
    GRADE: ["A", "B", "C", "D"],
}  # fmt: skip


def cells_over(values: list[Any], ordered: bool) -> st.SearchStrategy[Cell]:
    value = st.sampled_from(values)
    bound = st.none() | value
    simple: list[st.SearchStrategy[Cell]] = [st.just(Empty()), st.just(NotEmpty()), value.map(Is)]
    if ordered:
        some = st.builds(Between, low=bound, high=bound, over=st.booleans(), below=st.booleans())
        simple.append(some)
    several = st.lists(st.one_of(simple), min_size=1, max_size=3).map(tuple)
    return st.one_of(st.just(AnyValue()), *simple, several.map(OneOf), several.map(Not))


@st.composite
def two_cells(draw: st.DrawFn) -> tuple[Type, Cell, Cell]:
    type_ = draw(st.sampled_from(list(VALUES)))
    line = line_of(type_)
    assert line is not None
    cells = cells_over(VALUES[type_], line.ordered)
    return type_, draw(cells), draw(cells)


def region_of(cell: Cell, type_: Type) -> Region:
    region = of_cell(cell, type_)
    assert region is not None
    return region


@settings(max_examples=600, deadline=None)
@given(two_cells())
def test_a_region_is_what_its_cell_means(given: tuple[Type, Cell, Cell]) -> None:
    type_, one, two = given
    a, b = region_of(one, type_), region_of(two, type_)
    for value in [*VALUES[type_], None]:
        fits, also = one.matches(value, {}), two.matches(value, {})
        assert a.contains(value) is fits
        assert (a | b).contains(value) is (fits or also)
        assert (a & b).contains(value) is (fits and also)
        assert (a - b).contains(value) is (fits and not also)
    assert ~~a == a
    assert (a <= b) is (a | b == b)
    for region in (a, a & b, a - b, ~b):
        for value in region.samples(2):
            assert region.contains(value)
        if region.is_empty:
            with pytest.raises(ValueError, match="no witness"):
                region.witness()
        else:
            assert region.contains(region.witness())
    if not (a - b).is_empty:
        assert one.matches((a - b).witness(), {})
        assert not two.matches((a - b).witness(), {})


@settings(max_examples=400, deadline=None)
@given(two_cells())
def test_its_words_read_back(given: tuple[Type, Cell, Cell]) -> None:
    type_, one, two = given
    region = region_of(one, type_) - region_of(two, type_)
    words = in_words(region) if not region.is_empty else "\x00"
    if "\x00" in words or "09:01:30" in words:  # nothing to read back: no cell can be written so
        return
    cell = parse_cell(_tree(in_words(region)), lambda text, span: read_literal(text, span, type_, UTC), NOWHERE)
    assert region_of(cell, type_) == region  # type: ignore[arg-type]


UTC = ZoneInfo("UTC")


def _tree(words: str) -> Tree:
    if words.startswith("{not: "):
        return Mapping(((Scalar("not", NOWHERE, True), _tree(words[6:-1])),), NOWHERE)
    if words.startswith("["):
        return Sequence(tuple(Scalar(word, NOWHERE, True) for word in words[1:-1].split(", ")), NOWHERE)
    return Scalar(words, NOWHERE, True)


@pytest.mark.parametrize(
    ("type_", "words", "named"),
    [
        (types.NUMBER, "over 500", 501),
        (types.NUMBER, "over 500 below 501", Decimal("500.1")),
        (types.NUMBER, "below 500", 0),
        (types.NUMBER, "below -2", -3),
        (types.NUMBER, "at least 1 below 7", 1),
        (types.NUMBER, "over 400_000 up to 500_000", 400_001),
        (types.MONEY, "over 500 below 500.02", Decimal("500.01")),
        (types.MONEY, "over 500", 501),
        (types.DATE, "over 2026-03-01", dt.date(2026, 3, 2)),
        (types.DATE, "below 2020-01-01", dt.date(2019, 12, 31)),
        (types.TIME, "over 08:00 below 09:00", dt.time(8, 1)),
        (types.DURATION, "over 2 days", Duration(1, "weeks")),
        (types.DURATION, "below 3 days", Duration(0, "days")),
        (GRADE, "not A", "B"),
        (types.TEXT, "not a", "another"),
    ],
)
def test_witness_is_what_a_person_would_name(type_: Type, words: str, named: Any) -> None:
    cell = parse_cell(words, lambda text, span: read_literal(text, span, type_, UTC), NOWHERE)
    assert region_of(cell, type_).witness() == named  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        (types.NUMBER, "at least 5 below 5"),
        (types.MONEY, "over 500 below 500.01"),
        (types.DATE, "over 2026-03-01 below 2026-03-02"),
        (types.NUMBER, "over 5 up to 3"),
    ],
)
def test_holds_nothing(type_: Type, words: str) -> None:
    cell = parse_cell(words, lambda text, span: read_literal(text, span, type_, UTC), NOWHERE)
    assert region_of(cell, type_).is_empty  # type: ignore[arg-type]


def test_comparisons_and_empty() -> None:
    line = line_of(types.NUMBER)
    assert line is not None
    five = only(line, 5)
    assert compared(line, "==", 5) == five
    assert compared(line, "!=", 5) == everything(line).filled - five
    assert compared(line, "<", 5) | compared(line, ">=", 5) == everything(line).filled
    assert compared(line, "<=", None) == nothing(line)
    assert not compared(line, "!=", 5).contains(None)
    assert only(line, None).witness() is None
    assert of_cell(Between(low=Other("x", NOWHERE)), types.NUMBER) is None
