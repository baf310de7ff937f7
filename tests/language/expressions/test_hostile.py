"""Expressions made to escape or to exhaust: each is refused with a code, at once; our own list, sizes drawn out.

The public suite is in tests/conformance; what is here goes through all three doors: parse, check, run.
"""

from __future__ import annotations

import contextlib
import dis
import time
import tracemalloc
from types import CodeType
from typing import Any

import pytest

from engine.language.diagnostics import CODES
from engine.language.expressions.check import check
from engine.language.expressions.compile import _function
from engine.language.expressions.faults import ExpressionFault
from engine.language.expressions.functions import TABLE
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.things import Record, Row
from engine.language.expressions.types import ANY, NUMBER, ListOf, Names, RecordType, Rows, Vocabulary

NAMES = Names({"lead": RecordType(("lead",)), "rows": ListOf(Rows("rows", {"n": NUMBER})), "x": NUMBER})
VOCABULARY = Vocabulary(forms={"lead": {"score": NUMBER}})

HOSTILE = {
    "class": "lead.__class__.__mro__",
    "frame": "lead.gi_frame.f_back",
    "code": "lead.func_code.co_consts",
    "dunder inside": "lead.a__b",
    "private": "_lead",
    "call of a call": "lower('a')('b')",
    "method": "'{0.score}'.format(lead)",
    "subscript": "lead['score']",
    "slice": "'abc'[0:1]",
    "comprehension": "[y for y in rows]",
    "set": "{1, 2}",
    "walrus": "(y := 5)",
    "lambda": "(lambda: 1)()",
    "star": "max(*rows)",
    "yield": "(yield 1)",
    "statement": "del lead",
    "two lines": "1\n+ 2",
    "backslash": "1 \\\n + 2",
    "comment": "1 # 2",
    "nul": "1\x002",
    "nul in text": "'a\x00b'",
    "surrogate": "'\ud800'",
    "bidi": "lead.sc\u202eore",
    "zero width": "lead.sc\u200bore",
    "wide": "ｌead.score",
    "cyrillic": "leаd.score",
    "ligature": "ﬁeld",
    "wide digits": "１ + 1",
    "superscript": "x²",
    "power": "9 ** 9 ** 9",
    "shift": "1 << 99999",
    "huge literal": "9" * 1500,
    "huge product": "*".join(["9" * 39] * 45),
    "huge repeat": "'a' * 1000000",
    "huge list": "[0] * 1000000",
    "exponent": "1e999999",
    "infinity": "number('inf') + nan",
    "nested rows": "sum(" * 4 + "1" + "".join(f" for r{i} in {[0] * 30})" for i in range(4)),
    "parentheses": "(" * 900 + "1" + ")" * 900,
    "brackets": "[" * 900 + "]" * 900,
    "open brackets": "(" * 1900,
    "minus": "-" * 1900 + "1",
    "not": "not " * 400 + "yes",
    "plus": "1" + "+1" * 900,
    "fields": "lead" + ".a" * 900,
    "calls": "abs(" * 400 + "1" + ")" * 400,
    "choices": "1 if yes else " * 130 + "1",
    "choices inside": "1 if " * 350 + "1",
    "and or": "yes and (yes or (" * 100,
    "commas": "max(" + "," * 1900 + ")",
    "long name": "a" * 1900,
    "too long": "x" + " + 1" * 600,
    "quote": "'" + "a" * 1800,
    "quotes": "'" * 1999,
    "builtin": "open('x')",
    "getattr": "getattr(lead, 'score')",
    "pattern": "matches('aaaaaaaaaaaaaaaaaaaaaaaaaaaa!', '(a+)+b')",
    "context": "env",
    "at": "@",
    "our constant": "k0",
    "our local": "t1",
    "our run time": "look(lead, 'score')",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_refused_with_a_code_at_once(name: str) -> None:
    text = HOSTILE[name]
    tracemalloc.start()
    began = time.perf_counter()
    expression = parse(text)
    findings = check(expression, NAMES, VOCABULARY)[1] if isinstance(expression, Expression) else [expression]
    took, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert findings
    assert {finding.code for finding in findings} <= set(CODES)
    assert took < 0.5  # 100 ms without tracemalloc, which slows everything several times
    assert peak < 50 * 1024 * 1024


RUNTIME: dict[str, tuple[str, dict[str, Any]]] = {
    "text grows": ("+".join(["a"] * 40), {"a": "x" * 50_000}),
    "number grows": ("*".join(["a"] * 40), {"a": 10**30}),
    "rows": ("count(rows)", {"rows": tuple(range(10_001))}),
    "nested rows": ("sum(count(b for b in rows) for a in rows)", {"rows": tuple(range(1000))}),
    "nested membership": ("count(a for a in rows if a in rows)", {"rows": tuple(range(1000))}),
    "nested contains": ("count(a for a in rows if contains(rows, a))", {"rows": tuple(range(1000))}),
    "plan": ("plan_of(a, 1000000, days(1))", {"a": 5}),
    "an object": ("a.real", {"a": 5}),
    "a method": ("a.keys.b", {"a": {"keys": object()}}),
    "an object in arithmetic": ("a + 1", {"a": object()}),
    "an object compared": ("a < 1", {"a": object()}),
    "a list in a set": ("a in [1, 2]", {"a": ([],)}),
    "shares": ("split_by(100, a)", {"a": (1, 2)}),
    "digits": ("round(a, 999999999)", {"a": 5.5}),
}


@pytest.mark.parametrize("name", RUNTIME)
def test_bad_data_ends_in_a_fault_at_once(name: str) -> None:
    text, env = RUNTIME[name]
    expression = parse(text)
    assert isinstance(expression, Expression)
    began = time.perf_counter()
    with pytest.raises(ExpressionFault):
        expression.run(env)
    assert time.perf_counter() - began < 0.5


def test_generated_code_sees_no_builtins() -> None:
    """Nothing of Python is in reach: no look-up of an attribute, no import, no built-in function."""
    expression = parse("lead.score > 5 and sum(r.n for r in rows) > 0 and has(lead.none) and x in ['a']")
    assert isinstance(expression, Expression)
    made = _function([expression.tree], "({})", plain_look_up=True)
    assert made.__globals__["__builtins__"] == {}
    codes = [made.__code__]
    for code in codes:
        codes += [const for const in code.co_consts if isinstance(const, CodeType)]
        operations = {one.opname for one in dis.get_instructions(code)}
        reaching = {"LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR", "IMPORT_NAME", "STORE_GLOBAL", "STORE_SUBSCR"}
        assert not operations & reaching
        assert set(code.co_names) <= set(made.__globals__)


def test_a_field_is_never_an_attribute() -> None:
    record = Record("lead", 1, {"score": 5}, version=3)
    for name in ("form", "version", "source", "keys", "items", "pop", "update", "look_up"):
        expression = parse(f"lead.{name}")
        assert isinstance(expression, Expression)
        assert expression.run({"lead": record}) is None
    assert record["form"] is None


def test_text_in_an_expression_never_reaches_the_source() -> None:
    for text in ("'); import os; ('", "' + str(1) + '", "\\\\", "{0}", "%s"):
        spelled = "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
        expression = parse(spelled)
        assert isinstance(expression, Expression)
        assert expression.run({}) == text


@pytest.mark.parametrize("foreign", [object(), "text", 5, (1, None), Row(a=1), True])
def test_a_function_with_wrong_data_ends_in_a_value_or_a_fault(foreign: Any, world: Any) -> None:
    for function in TABLE.values():
        count = max(function.least, 1) if function.parameters else 0
        expression = parse(f"{function.name}({', '.join(['a'] * count)})")
        assert isinstance(expression, Expression)
        with contextlib.suppress(ExpressionFault):
            expression.run({"a": foreign, "@": world})


def test_any_is_no_way_around_the_check() -> None:
    expression = parse("x.y.z + 1")
    assert isinstance(expression, Expression)
    type_, findings = check(expression, Names({"x": ANY}), VOCABULARY)
    assert (type_, findings) == (ANY, [])
    assert expression.run({"x": {"y": {"z": 2}}}) == 3
