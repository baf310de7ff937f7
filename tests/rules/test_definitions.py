"""The rules over the pack that is shipped in definitions/: everything compiles; tables answer as their rows read."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.language.kinds.calendar import Calendar
from engine.language.kinds.decision import Decision
from engine.language.kinds.form import Form
from engine.language.kinds.scoring import Scoring
from engine.language.loader import load, load_one
from engine.language.source import Source
from engine.language.vocabulary import PackTypes
from engine.rules.calendars import calendar_of
from engine.rules.decisions import Answer, Table
from engine.rules.forms import FormRules, compile_form
from engine.rules.scoring import bands_of
from engine.rules.tables import table_of

ROOT = Path(__file__).parents[2] / "definitions"
ZONE = ZoneInfo("Asia/Shanghai")
FILES = [
    path
    for kind in ("forms", "decisions", "scoring", "models", "calendars")
    for path in sorted((ROOT / kind).glob("*.yaml"))
]
PACK = load([Source(str(path.relative_to(ROOT)), path.read_text("utf-8")) for path in FILES], {})
TYPES = PackTypes(PACK)


def table(name: str) -> Table:
    decision = PACK.get(Decision, name)
    assert decision is not None
    found = table_of(decision, TYPES.decision_inputs(name), TYPES.decision_outputs(name), ZONE)
    assert isinstance(found, Table), found
    return found


@pytest.mark.parametrize("name", list(PACK.kind(Form)))
def test_forms_compile(name: str) -> None:
    form = PACK.get(Form, name)
    assert form is not None
    assert isinstance(compile_form(form, TYPES.form(name), ZONE), FormRules)


@pytest.mark.parametrize("name", list(PACK.kind(Decision)))
def test_decisions_compile(name: str) -> None:
    assert table(name).rows


@pytest.mark.parametrize("name", list(PACK.kind(Scoring)))
def test_bands_compile(name: str) -> None:
    scoring = PACK.get(Scoring, name)
    assert scoring is not None
    assert not isinstance(bands_of(scoring), list)


@pytest.mark.parametrize("name", list(PACK.kind(Calendar)))
def test_calendars_compile(name: str) -> None:
    calendar = PACK.get(Calendar, name)
    assert calendar is not None
    assert calendar_of(calendar).next_opening(dt.datetime(2026, 3, 7, tzinfo=dt.UTC))


TABLE = """decision: terms
hit: unique
inputs: {grade: {type: choice, of: {A: a, B: b}}, amount: {type: money}}
outputs: {route: {type: choice, of: {sales: s, finance: f}}, days: {type: number}}
rules:
  - {grade: A, amount: up to 500_000, route: sales, days: 90}
  - {grade: not A, amount: at least 0 below 10.50, route: finance, days: empty}
"""


def read(text: str) -> Any:
    pack = load([Source("terms.yaml", text)], {})
    decision = pack.get(Decision, "terms")
    assert decision is not None, [d.message() for d in pack.diagnostics]
    types = PackTypes(pack)
    return table_of(decision, types.decision_inputs("terms"), types.decision_outputs("terms"), ZONE)


def test_a_table_answers_as_its_rows_read() -> None:
    asked = read(TABLE)
    assert asked.decide({"grade": "A", "amount": Decimal(500_000)}) == Answer({"route": "sales", "days": 90}, (1,))
    assert asked.decide({"grade": "B", "amount": Decimal("10.49")}) == Answer({"route": "finance", "days": None}, (2,))
    assert asked.decide({"grade": "B", "amount": Decimal("10.50")}) == Answer({"route": None, "days": None}, ())


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("grade: A, ", "grade: C, ", "unknown-choice"),
        ("grade: A, ", "", "wrong-shape"),
        ("days: 90", "days: ninety", "ambiguous-scalar"),
        ("days: 90", "days: 90, dayz: 1", "unknown-key"),
        ("up to 500_000", "up to = amuont", "unknown-variable"),
        ("up to 500_000", '"<= 500_000"', "cell-type"),
        ("route: sales,", "route: boss,", "unknown-choice"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(before: str, after: str, code: str) -> None:
    found = read(TABLE.replace(before, after, 1))
    assert isinstance(found, list), found
    assert found[0].span.line == 6
    assert found[0].code == code


def test_one_definition_reads_alone() -> None:
    decision, findings = load_one(Source("terms.yaml", TABLE), {})
    assert isinstance(decision, Decision)
    assert not findings
