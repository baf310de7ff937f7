"""Reasoning about conditions against their real evaluation: random conditions over a few typed fields.

What the reasoning says of a condition (never, always, holds for these values) must be what the expression itself gives.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checks.conditions.formula import Atom, Formula, both, negated
from engine.checks.conditions.reading import read
from engine.checks.conditions.solving import Undecided, model
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.things import Row
from engine.language.expressions.types import DATE, MONEY, NUMBER, TEXT, YES_NO, Choice, Names, Rows, Vocabulary

GRADE = Choice("x.grade", {"hot": "Hot", "warm": "Warm", "cold": "Cold"})
FIELDS = {
    "a": NUMBER, "b": NUMBER, "m": MONEY, "n": MONEY, "d": DATE, "e": DATE, "t": TEXT, "u": TEXT, "g": GRADE, "h": GRADE,
    "y": YES_NO, "z": YES_NO,
}  # fmt: skip
NAMES = Names({"x": Rows("x", FIELDS)})
VALUES: dict[str, list[Any]] = {
    "number": [None, 0, 1, 2, Decimal("2.5"), 3, 4, -1],
    "money": [None, Decimal(0), Decimal(1), Decimal("1.99"), Decimal(2), Decimal("2.01"), Decimal(5)],
    "date": [None, *(dt.date(2026, 3, day) for day in (1, 2, 3, 4, 9))],
    "text": [None, "east", "west", "north"],
    "yes_no": [None, True, False],
    "grade": [None, "hot", "warm", "cold"],
}


def kind(field: str) -> str:
    found = FIELDS[field]
    return "grade" if isinstance(found, Choice) else found.name


def literal(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date):
        return f"date({value.year}, {value.month}, {value.day})"
    return f"'{value}'" if isinstance(value, str) else str(value)


ORDER = ["<", "<=", ">", ">=", "==", "!="]
PAIRS = {"number": "ab", "money": "mn", "date": "de", "text": "tu", "grade": "gh", "yes_no": "yz"}


@st.composite
def operands(draw: st.DrawFn, name: str) -> str:
    """A field of this type, or an expression over such fields."""
    one, other = (f"x.{field}" for field in PAIRS[name])
    simple = st.sampled_from([one, other])
    if name in ("number", "money"):
        forms = [f"{one} + {other}", f"{one} - {other}", f"2 * {one}", f"-{other}", f"{one} / 4", f"{one} * 0.5 + 1",
                 f"first_of({one}, 2)", f"({one} if x.y else {other})", f"first_of({one}, {other}, 0)"]  # fmt: skip
        return draw(simple | st.sampled_from(forms))
    if name == "date":
        return draw(simple | st.sampled_from([f"{one} + days(2)", f"{other} - days(1)", f"{one} - weeks(1)"]))
    return draw(simple)


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(list(PAIRS)))
    values = [value for value in VALUES[name] if value is not None]
    ordered = name in ("number", "money", "date")
    shape = draw(st.sampled_from(["constant", "constant", "pair", "in", "has", "turned"]))
    left = draw(operands(name))
    if shape == "has":
        return f"has({left})"
    if shape == "in":
        chosen = draw(st.lists(st.sampled_from(values), min_size=1, max_size=3))
        return f"{left} {draw(st.sampled_from(['in', 'not in']))} [{', '.join(map(literal, chosen))}]"
    operator = draw(st.sampled_from(ORDER if ordered else ORDER[4:]))
    if shape == "pair":
        return f"{left} {operator} {draw(operands(name))}"
    constant = literal(draw(st.sampled_from(values)))
    return f"{constant} {operator} {left}" if shape == "turned" else f"{left} {operator} {constant}"


conditions = st.recursive(
    comparisons() | st.sampled_from(["x.y", "x.z"]),
    lambda inner: (
        st.builds("({} and {})".format, inner, inner)
        | st.builds("({} or {})".format, inner, inner)
        | st.builds("(not {})".format, inner)
        | st.builds("({} if {} else {})".format, inner, inner, inner)
    ),
    max_leaves=5,
)
rows = st.fixed_dictionaries({name: st.sampled_from(VALUES[kind(name)]) for name in FIELDS})


def parsed(text: str) -> Expression:
    found = parse(text)
    assert isinstance(found, Expression), text
    return found


def holds(expression: Expression, row: dict[str, Any]) -> bool:
    return expression.holds({"x": Row(row)})


def at(row: dict[str, Any]) -> Formula:
    """The formula that says that every field has just this value."""
    parts: list[Formula] = []
    for name, value in row.items():
        expression = parsed(f"has(x.{name})")
        filled = read(expression, NAMES, Vocabulary())
        assert isinstance(filled, Atom)
        parts.append(negated(filled) if value is None else Atom(filled.term, "==", (value,)))
    return both(*parts)


@settings(max_examples=120, deadline=None)
@given(conditions, rows)
def test_a_formula_says_what_the_expression_gives(text: str, row: dict[str, Any]) -> None:
    expression = parsed(text)
    formula = read(expression, NAMES, Vocabulary())
    true = model([at(row), formula]) is not None
    assert true is holds(expression, row)
    assert (model([at(row), negated(formula)]) is not None) is not true


@settings(max_examples=120, deadline=None)
@given(conditions, conditions, st.lists(rows, min_size=8, max_size=8))
def test_never_is_never_and_a_witness_holds(text: str, other: str, samples: list[dict[str, Any]]) -> None:
    expressions = [parsed(text), parsed(f"not ({other})")]
    try:
        found = model(read(expression, NAMES, Vocabulary()) for expression in expressions)
    except Undecided:
        return
    if found is None:
        assert not any(all(holds(expression, row) for expression in expressions) for row in samples)
    elif found.sure:
        row = {path.removeprefix("x."): value for path, value in found.values.items()}
        assert all(holds(expression, row) for expression in expressions), row
