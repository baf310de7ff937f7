"""The public suite of hostile expressions: each is refused with a code, inside 100 ms and 50 MB, without a side effect.

The suite is read where it lies: REMIT_SUITES, else ../shared/suites beside the repository; without it the tests are
skipped. Entries of the class template/SSTI are no expressions: they stand in field values and titles and stay text.
"""

from __future__ import annotations

import json
import os
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from engine.language.diagnostics import CODES, Diagnostic
from engine.language.expressions.check import check
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.plain import to_plain
from engine.language.expressions.types import MOMENT, NUMBER, TEXT, ListOf, Names, RecordType, Rows, Vocabulary
from engine.language.shapes.base import Reading
from engine.language.shapes.expressions import ValuePlace
from engine.language.source import Source, Span
from engine.language.values import Literal
from engine.language.yamltree import Mapping, read_tree

SUITES = Path(os.environ.get("REMIT_SUITES") or Path(__file__).parents[2].parent / "shared" / "suites")
SUITE = SUITES / "expression_escapes.json"
PAYLOADS: list[dict[str, Any]] = json.loads(SUITE.read_text(encoding="utf-8"))["payloads"] if SUITE.exists() else []
TEMPLATES = [payload for payload in PAYLOADS if payload["class"].startswith("template")]
EXPRESSIONS = [payload for payload in PAYLOADS if payload not in TEMPLATES]

# a small pack: the names that hostile expressions like to use are there as honest fields
FIELDS = {"company": TEXT, "score": NUMBER, "at": MOMENT, "rows": ListOf(Rows("rows", {"n": NUMBER}))}
VOCABULARY = Vocabulary(forms={"lead": FIELDS, "record": {"name": TEXT}})
NAMES = Names({"lead": RecordType(("lead",)), "record": RecordType(("record",)), "x": NUMBER, "a": TEXT, "s": TEXT})

pytestmark = pytest.mark.skipif(not PAYLOADS, reason=f"no suite {SUITE.name}; set REMIT_SUITES to its folder")


def findings_of(text: str) -> list[Diagnostic]:
    expression = parse(text, Span("hostile.yaml", 1, 1, 1, len(text) + 1))
    if not isinstance(expression, Expression):
        return [expression]
    return check(expression, NAMES, VOCABULARY)[1]


@pytest.mark.parametrize("payload", EXPRESSIONS, ids=lambda p: f"{p['id']} {p['class']}")
def test_refused_with_a_code(payload: dict[str, Any]) -> None:
    text, modules = payload["expr"], set(sys.modules)
    began = time.perf_counter()
    findings = findings_of(text)
    took = time.perf_counter() - began
    tracemalloc.start()
    findings_of(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert findings
    for finding in findings:
        assert finding.code in CODES
        assert finding.message("en")
        assert finding.message("zh")
        assert finding.span.line == 1
    assert took < 0.1
    assert peak < 50 * 1024 * 1024
    assert set(sys.modules) == modules


@pytest.mark.parametrize("payload", TEMPLATES, ids=lambda p: f"{p['id']} {p['class']}")
def test_template_text_in_a_value_stays_text(payload: dict[str, Any]) -> None:
    """In a value place, in a title and in a record's field it is only its text, also when a formula passes it on."""
    text = payload["expr"]
    quoted = "'" + text.replace("'", "''") + "'"
    source = Source("value.yaml", f"title: {quoted}\nset: {quoted}\n")
    tree, findings = read_tree(source)
    assert isinstance(tree, Mapping)
    assert findings == []
    reading = Reading(source)
    for key in ("title", "set"):
        scalar = tree.get(key)
        assert scalar is not None
        value = ValuePlace().read(scalar, reading)
        assert isinstance(value, Literal)
        assert value.text == text
    assert reading.diagnostics == []
    for formula, wanted in [
        ("lead.company", text),
        ("'x ' + lead.company + ' y'", f"x {text} y"),
        ("text(lead.company)", text),
    ]:
        expression = parse(formula)
        assert isinstance(expression, Expression)
        assert to_plain(expression.run({"lead": {"company": text}})) == wanted
