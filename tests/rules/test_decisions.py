"""Decision tables: hit policies by example, and the compiled table against the rows read one by one."""

from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language.cells import AnyValue, Between, Cell, Empty, Is, Not, NotEmpty, OneOf, Other
from engine.language.source import NOWHERE
from engine.rules.decisions import Answer, Conflict, HitPolicy, Table, TableRow

ANY = AnyValue()


def table(hit: HitPolicy, *rows: tuple[Cell, Any], **more: Any) -> Table:
    return Table("t", hit, ("x",), ("y",), tuple(TableRow((cell,), (out,)) for cell, out in rows), **more)


OVERLAP = ((Between(low=0), 10), (Between(low=5), 30), (Between(low=5), 20))


@pytest.mark.parametrize(
    ("hit", "answer", "rows"),
    [
        ("first", 10, (1,)),
        ("priority", 30, (2,)),
        ("rule_order", (10, 30, 20), (1, 2, 3)),
        ("collect", (10, 30, 20), (1, 2, 3)),
        ("output_order", (30, 20, 10), (2, 3, 1)),
        ("sum", 60, (1, 2, 3)),
        ("min", 10, (1, 2, 3)),
        ("max", 30, (1, 2, 3)),
        ("count", 3, (1, 2, 3)),
    ],
)
def test_several_rows(hit: HitPolicy, answer: Any, rows: tuple[int, ...]) -> None:
    asked = table(hit, *OVERLAP, ranks={"y": [30, 20, 10]})
    assert asked.decide({"x": 7}) == Answer({"y": answer}, rows)


def test_unique_and_any_refuse_a_conflict() -> None:
    found = table("unique", *OVERLAP).decide({"x": 7})
    assert isinstance(found, Conflict)
    assert (found.code, found.rows) == ("several-rows-fit", (1, 2, 3))
    assert "2" in found.say_zh
    found = table("any", *OVERLAP).decide({"x": 7})
    assert isinstance(found, Conflict)
    assert found.code == "rows-disagree"
    agreed = table("any", (ANY, 1), (Is(7), 1))
    assert agreed.decide({"x": 7}) == Answer({"y": 1}, (1, 2))


@pytest.mark.parametrize(
    ("hit", "without"), [("unique", None), ("collect", ()), ("rule_order", ()), ("sum", None), ("count", 0)]
)
def test_no_row(hit: HitPolicy, without: Any) -> None:
    assert table(hit, (Is(1), 5)).decide({"x": 2}) == Answer({"y": without}, ())
    assert table(hit, (Is(1), 5), if_none={"y": 9}).decide({}) == Answer({"y": 9}, ())


def test_sums_are_exact_and_skip_empty_outputs() -> None:
    asked = table("sum", (ANY, Decimal("0.1")), (ANY, Decimal("0.2")), (ANY, None))
    assert asked.decide({}) == Answer({"y": Decimal("0.3")}, (1, 2, 3))


numbers = st.integers(0, 6)
bounds = st.one_of(numbers, st.just(Other("z", NOWHERE)))
simple = st.one_of(
    st.just(Empty()),
    st.just(NotEmpty()),
    bounds.map(Is),
    bounds.map(lambda x: Not((Is(x),))),
    st.builds(Between, low=bounds, high=st.none(), over=st.booleans()),
    st.builds(Between, low=st.none(), high=bounds, below=st.booleans()),
    st.builds(Between, low=bounds, high=bounds, over=st.booleans(), below=st.booleans()),
)
several = st.lists(simple, min_size=1, max_size=3).map(tuple)
cells = st.one_of(st.just(ANY), simple, several.map(OneOf), several.map(Not))
equalities = st.one_of(
    st.just(ANY), numbers.map(Is), st.lists(numbers.map(Is), min_size=1, max_size=2).map(lambda x: Not(tuple(x)))
)
tables = st.lists(st.tuples(st.tuples(cells, equalities), numbers), min_size=1, max_size=6)
values = st.one_of(st.none(), numbers)


@settings(max_examples=300, deadline=None)
@given(tables, values, values, values, st.sampled_from(get_args(HitPolicy)), st.permutations(range(7)))
def test_agrees_with_reading_row_by_row(
    rows: list[tuple[tuple[Cell, Cell], int]], x: Any, y: Any, z: Any, hit: HitPolicy, order: list[int]
) -> None:
    inputs = {"x": x, "y": y, "z": z}
    asked = Table(
        "t", hit, ("x", "y"), ("out",), tuple(TableRow(cells_, (out,)) for cells_, out in rows), {"out": order}
    )
    hits = [i for i, (row, _) in enumerate(rows) if row[0].matches(x, inputs) and row[1].matches(y, inputs)]
    outs = [rows[i][1] for i in hits]
    found = asked.decide(inputs)
    if hit == "unique" and len(hits) > 1:
        assert isinstance(found, Conflict)
        return
    if hit == "any" and len(set(outs)) > 1:
        assert isinstance(found, Conflict)
        return
    assert isinstance(found, Answer)
    best = sorted(outs, key=order.index)
    expected = {
        "unique": outs[0] if outs else None,
        "any": outs[0] if outs else None,
        "first": outs[0] if outs else None,
        "priority": best[0] if outs else None,
        "rule_order": tuple(outs),
        "collect": tuple(outs),
        "output_order": tuple(best),
        "sum": sum(outs) if outs else None,
        "min": min(outs, default=None),
        "max": max(outs, default=None),
        "count": len(outs),
    }[hit]
    assert found.outputs == {"out": expected}
    if hit not in ("first", "priority"):
        assert sorted(found.rows) == [i + 1 for i in hits]
