"""The truth table of the language: every row of truth.csv, and that it covers every function and operator."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.language.expressions.compile import compiled_together
from engine.language.expressions.faults import ExpressionFault, ExpressionLimit
from engine.language.expressions.functions import TABLE
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.plain import to_plain

LINES = Path(__file__).with_name("truth.csv").read_text(encoding="utf-8").splitlines()
ROWS = [tuple(part.strip() for part in line.rsplit(" ;", 2)) for line in LINES if not line.startswith("#")]


def outcome(text: str, env: dict[str, Any]) -> Any:
    expression = parse(text)
    if not isinstance(expression, Expression):
        return "!" + expression.code
    try:
        return to_plain(expression.run(env))
    except ExpressionLimit:
        return "!limit"
    except ExpressionFault:
        return "!fault"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ; ".join(row)[:80])
def test_row(row: tuple[str, str, str], world: Any) -> None:
    text, data, wanted = row
    found = outcome(text, world.env(data))
    if wanted.startswith("!"):
        assert found == wanted
    else:
        # int and "12.50" are told apart: a whole number is not a decimal by accident
        assert json.dumps(found, ensure_ascii=False) == json.dumps(json.loads(wanted), ensure_ascii=False)


def test_every_function_and_operator_has_a_row() -> None:
    calls: set[str] = set()
    for text, _, _ in ROWS:
        expression = parse(text)
        if isinstance(expression, Expression):
            calls |= expression.calls
    assert calls == set(TABLE)
    text = " ".join(row[0] for row in ROWS)
    assert all(
        f" {operator} " in text
        for operator in ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in", "and", "or"]
    )
    assert len(ROWS) >= 150


def test_no_float_ever(world: Any) -> None:
    for text, data, _ in ROWS:
        expression = parse(text)
        if isinstance(expression, Expression):
            try:
                value = expression.run(world.env(data))
            except ExpressionFault:
                continue
            assert not isinstance(value, float), text


def test_a_plain_dictionary_without_the_key_is_empty_every_time() -> None:
    expression = parse("lead.score > 5 or has(lead.owner.name)")
    assert isinstance(expression, Expression)
    assert [expression.run(env) for env in ({"lead": {}}, {"lead": {"score": 6}}, {}, {"lead": None})] == [
        False,
        True,
        False,
        False,
    ]


def test_many_expressions_in_one_call() -> None:
    trees = [e.tree for e in map(parse, ["a + 1", "a > 2", "b.c"]) if isinstance(e, Expression)]
    together = compiled_together(trees)
    assert together({"a": 2, "b": {"c": "x"}}) == (3, False, "x")
    assert together({"a": Decimal("2.5")}) == (Decimal("3.5"), True, None)


def test_what_many_read_is_read_once_and_rows_keep_their_names() -> None:
    class Counting(dict[str, Any]):
        reads = 0

        def __getitem__(self, field: str) -> Any:
            Counting.reads += 1
            return super().__getitem__(field)

    texts = ["lead.n > 1", "lead.n in [2, 3]", "lead.n not in [5]", "sum(x.n for x in rows)", "x.n", "x.n + 1"]
    trees = [e.tree for e in map(parse, texts) if isinstance(e, Expression)]
    env = {"lead": Counting(n=2), "rows": ({"n": 10}, {"n": 20}), "x": {"n": 7}}
    assert compiled_together(trees)(env) == (True, True, True, 30, 7, 8)
    assert Counting.reads == 1
    assert compiled_together(trees)({"lead": None, "rows": ()}) == (False, False, False, 0, None, None)


def test_reads_and_calls() -> None:
    expression = parse("count(a for a in lead.activities if a.kind == case.kind and a.at > now()) > manager(p).cap")
    assert isinstance(expression, Expression)
    assert expression.calls == {"count", "now", "manager"}
    assert expression.reads == {
        ("lead", "activities"),
        ("lead", "activities", "kind"),
        ("lead", "activities", "at"),
        ("case", "kind"),
        ("p",),
    }


@pytest.mark.parametrize("function", TABLE.values(), ids=lambda f: f.name)
def test_every_function_has_its_manual_line(function: Any) -> None:
    assert function.en.endswith(".")
    assert function.zh.endswith("。")
    assert function.usage.startswith(function.name + "(")
    assert all(parameter.accepts for parameter in function.parameters)
