"""Our compiled expressions and simpleeval agree: on every row of the truth table and on generated expressions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language.expressions.faults import ExpressionFault
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.plain import to_plain
from engine.language.expressions.second import evaluate

LINES = Path(__file__).with_name("truth.csv").read_text(encoding="utf-8").splitlines()
ROWS = [tuple(part.strip() for part in line.rsplit(" ;", 2)) for line in LINES if not line.startswith("#")]
# simpleeval does not know a choice's record; Python reads \n and '' in texts differently
OTHERWISE = {"title(r.grade)", r"'a\nb'", "'it''s'"}


def text_and_value(value: Any) -> Any:
    return type(value).__name__, to_plain(value)


@pytest.mark.parametrize("row", [r for r in ROWS if not r[2].startswith("!")], ids=lambda row: " ; ".join(row)[:80])
def test_truth_table(row: tuple[str, str, str], world: Any) -> None:
    text, data, _ = row
    if text in OTHERWISE:
        return
    expression = parse(text)
    assert isinstance(expression, Expression)
    assert text_and_value(expression.run(world.env(data))) == text_and_value(evaluate(text, world.env(data)))


NUMBERS = st.one_of(
    st.none(),
    st.integers(-1000, 1000),
    st.decimals(-1000, 1000, places=2, allow_nan=False, allow_infinity=False),
)
TEXTS = st.one_of(st.none(), st.sampled_from(["hot", "warm", "cold", "", "it's"]))
DATES = st.one_of(st.none(), st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)))
TRUTHS = st.one_of(st.none(), st.booleans())
ROW = st.fixed_dictionaries({"n": NUMBERS, "k": TEXTS, "ok": TRUTHS, "d": DATES})
DATA = st.fixed_dictionaries(
    {"x": NUMBERS, "y": NUMBERS, "s": TEXTS, "t": TEXTS, "p": TRUTHS, "q": TRUTHS, "d": DATES, "e": DATES}
    | {"row": st.one_of(st.none(), ROW), "rows": st.one_of(st.none(), st.lists(ROW, max_size=4).map(tuple))}
)


def joined(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda found: template.format(*found))


def grown(kinds: dict[str, st.SearchStrategy[str]], inner: str) -> dict[str, st.SearchStrategy[str]]:
    """Expressions one storey higher than `kinds`; `inner` is the variable of a generator's row."""
    n, s, c, d = kinds["number"], kinds["text"], kinds["truth"], kinds["date"]
    number = [
        joined("{0} {1} {2}", n, st.sampled_from("+-*/%"), n),
        joined("({0} {1} {2})", n, st.sampled_from("+-*/%"), n),
        joined("-{0}", n),
        joined("({0} if {1} else {2})", n, c, n),
        joined("first_of({0}, {1})", n, n),
        joined("max({0}, {1})", n, n),
        joined("length({0})", s),
        joined(f"sum({inner}.n for {inner} in rows if {{0}})", c),
        joined(f"count({inner} for {inner} in rows if {inner}.k == {{0}})", s),
        joined("days_between({0}, {1})", d, d),
    ]
    truth = [
        joined("{0} {1} {2}", n, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), n),
        joined("{0} {1} [{2}, {3}]", s, st.sampled_from(["in", "not in"]), s, s),
        joined("{0} {1} {2}", d, st.sampled_from(["==", "<", ">="]), d),
        joined("({0} and {1})", c, c),
        joined("({0} or {1} and {2})", c, c, c),
        joined("not {0}", c),
        joined("(not {0})", c),
        joined("has({0})", s),
        joined(f"any({{0}} for {inner} in rows)", c),
        joined(f"all({inner}.ok and {{0}} for {inner} in rows)", c),
        joined("contains({0}, {1})", s, s),
    ]
    truth = [joined("({0})", one) for one in truth]
    text = [joined("{0} + {1}", s, s), joined("upper({0})", s), joined("({0} if {1} else {2})", s, c, s)]
    date = [joined("({0} + days({1}))", d, st.integers(-400, 400).map(str)), joined("({0} if {1} else {2})", d, c, d)]
    return {
        "number": st.one_of(n, *number),
        "truth": st.one_of(c, *truth),
        "text": st.one_of(s, *text),
        "date": st.one_of(d, *date),
    }


KINDS: dict[str, st.SearchStrategy[str]] = {
    "number": st.sampled_from(["x", "y", "row.n", "3", "0", "2.50", "1_000", "nothing", "row.no.thing"]),
    "text": st.sampled_from(["s", "t", "row.k", "'hot'", "''", "'it\\'s'"]),
    "truth": st.sampled_from(["p", "q", "row.ok", "yes", "no"]),
    "date": st.sampled_from(["d", "e", "row.d", "date(2026, 2, 28)", "date(2026, 2, 30)"]),
}
for storey in range(3):
    KINDS = grown(KINDS, f"r{storey}")


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(*KINDS.values()), data=DATA)
def test_generated(text: str, data: dict[str, Any]) -> None:
    expression = parse(text)
    if not isinstance(expression, Expression):
        assert expression.code == "over-limit", (text, expression)
        return
    try:
        wanted = text_and_value(evaluate(text, data))
    except ExpressionFault as fault:
        with pytest.raises(type(fault)):
            expression.run(data)
        return
    assert text_and_value(expression.run(data)) == wanted


def test_the_second_opinion_can_disagree() -> None:
    """The comparison is not with itself: a changed rule in one of the two is seen."""
    assert evaluate("1 + 2 * 3", {}) == 7
    assert evaluate("x.a.b", {"x": {"a": {"b": Decimal(1)}}}) == 1
    with pytest.raises(Exception, match=r"not available|Lambda"):
        evaluate("(lambda: 1)()", {})
