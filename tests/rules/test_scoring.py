"""Scoring: the parts by example, then that no cap is exceeded and the compiled score is the sum of its reasons."""

import datetime as dt
import math
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language.diagnostics import Diagnostic
from engine.language.durations import Duration
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.things import Record
from engine.language.kinds.scoring import (
    BehaviourPart,
    Model,
    ModelPart,
    Points,
    RulesPart,
    ScoreRule,
    Scoring,
    Term,
    Writes,
)
from engine.language.source import Source
from engine.language.yamltree import Mapping, read_tree
from engine.rules.models import feature, probability
from engine.rules.scoring import Score, bands_of, compile_scoring, event_points, faded, rounded

NOW = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)
CONTEXT: Any = SimpleNamespace(now=NOW, zone=dt.UTC)
FADING = Duration(14, "days")


def expression(text: str) -> Expression:
    read = parse(text)
    assert isinstance(read, Expression), read
    return read


def rule(text: str, add: int | Decimal, because: str | None = None) -> ScoreRule:
    return ScoreRule(if_=expression(text), add=add, because=because)


def grades(text: str) -> Any:
    tree, _ = read_tree(Source("x.yaml", text))
    assert isinstance(tree, Mapping)
    return {name.text: value for name, value in tree.entries}


FIT = RulesPart(
    at_most=20,
    rules={
        "size": rule("lead.employees >= 100 and lead.employees < 2000", 15, "规模合适"),
        "energy": rule("lead.industry == 'energy'", 15, "目标行业"),
        "student": rule("lead.job == 'student'", -10),
    },
)
BEHAVIOUR = BehaviourPart(
    at_most=30,
    events=expression("lead.activities"),
    name="kind",
    at="at",
    points={
        "price_page": Points(add=8, at_most=24, half_life=FADING, because="看价格页"),
        "demo": Points(add=20, at_most=20, within=Duration(30, "days")),
    },
)
MODEL = Model(
    name="m", of="lead", kind="logistic", intercept=Decimal("-1.2"),
    terms=(
        Term(field="source", is_="referral", weight=Decimal("1.9")),
        Term(field="employees", scale="log", mean=Decimal("4.2"), spread=Decimal("1.3"), weight=Decimal("0.3")),
        Term(field="job", is_="empty", weight=Decimal("-0.6")),
    ),
)  # fmt: skip
SCORING = Scoring(
    of="lead",
    parts={"fit": FIT, "behaviour": BEHAVIOUR, "chance": ModelPart(model="m", if_not_ready=Decimal("0.35"))},
    total=expression("fit + behaviour + 30 * chance"),
    grades=grades("hot: at least 45\nwarm: at least 20 below 45\ncold: below 20\n"),
    writes=Writes(total="score", grade="grade"),
)


def score(scoring: Scoring, models: dict[str, Model], **fields: Any) -> Score:
    bands = bands_of(scoring)
    assert not isinstance(bands, list)
    return compile_scoring(scoring, models, bands)({"lead": Record("lead", 1, fields), "@": CONTEXT})


def event(kind: str, days_ago: float) -> Any:
    return Record("activity", 1, {"kind": kind, "at": NOW - dt.timedelta(days=days_ago)})


def test_parts_total_grade_and_reasons() -> None:
    found = score(
        SCORING, {}, employees=150, industry="energy", job=None,
        activities=(event("price_page", 0), event("price_page", 14), event("demo", 40), event("other", 0)),
    )  # fmt: skip
    assert found.parts == {"fit": 20, "behaviour": 12, "chance": Decimal("0.35")}
    assert found.total == Decimal("42.5")
    assert found.grade == "warm"
    assert [(f.part, f.rule, f.points, f.because) for f in found.fired] == [
        ("fit", "size", 15, "规模合适"),
        ("fit", "energy", 15, "目标行业"),
        ("behaviour", "price_page", 12, "看价格页"),
        ("chance", "m", Decimal("0.35"), None),
    ]


def test_an_empty_record_scores_without_reasons() -> None:
    found = score(SCORING, {}, activities=())
    assert (found.total, found.grade) == (Decimal("10.5"), "cold")
    assert [f.part for f in found.fired] == ["chance"]


def test_model_agrees_with_the_formula_in_floats() -> None:
    record = Record("lead", 1, {"source": "referral", "employees": 150, "job": None})
    odds = -1.2 + 1.9 + 0.3 * (math.log(150) - 4.2) / 1.3 - 0.6
    assert float(probability(MODEL.intercept, MODEL.terms, record)) == pytest.approx(
        1 / (1 + math.exp(-odds)), abs=5e-5
    )
    assert score(SCORING, {"m": MODEL}, source="web", job="x", activities=()).parts["chance"] == Decimal("0.2315")
    assert probability(1000, (), record) == 1
    assert probability(-1000, (), record) == 0


def test_features_of_what_has_no_number() -> None:
    log, linear = MODEL.terms[1], Term(field="n", weight=1, mean=2, spread=4)
    assert feature(None, log) == feature(0, log) == feature(-3, log) == 0
    assert feature(10, linear) == 2
    assert feature(True, Term(field="n", weight=1, is_="yes")) == 1


def test_points_fade_by_half() -> None:
    assert faded(dt.timedelta(0), FADING) == 1
    assert faded(dt.timedelta(days=14), FADING) == Decimal("0.5")
    assert faded(dt.timedelta(days=28), FADING) == Decimal("0.25")
    points = Points(add=8, at_most=24, half_life=FADING)
    assert event_points(points, [NOW] * 5, NOW) == 24
    assert event_points(points, [None, NOW + dt.timedelta(days=3)], NOW) == 8
    assert event_points(points, [NOW - dt.timedelta(days=7)], NOW) == Decimal("5.66")
    assert event_points(Points(add=3), [None, None], NOW) == 6


def test_rounding_is_half_up_to_two_places() -> None:
    assert rounded(Decimal("2.345")) == Decimal("2.35")
    assert str(rounded(Decimal("2.999"))) == "3"
    assert rounded(7) == 7


def test_a_band_that_cannot_be_read_is_said() -> None:
    import dataclasses

    bands = bands_of(dataclasses.replace(SCORING, grades=grades("hot: '>= 70'\nwarm: high\n")))
    assert isinstance(bands, list)
    assert [type(band) for band in bands] == [Diagnostic, Diagnostic]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["price_page", "demo"]), st.integers(0, 100)), max_size=8), st.integers(0, 3000)
)
def test_caps_hold_and_reasons_add_up(events: list[tuple[str, int]], employees: int) -> None:
    found = score(SCORING, {}, employees=employees, activities=tuple(event(kind, days) for kind, days in events))
    assert found.parts["fit"] <= 20
    assert found.parts["behaviour"] <= 30
    for part, cap in (("fit", 20), ("behaviour", 30)):
        assert found.parts[part] == min(cap, sum(f.points for f in found.fired if f.part == part))
    caps = {"price_page": 24, "demo": 20, "size": 15}
    assert all(f.points <= caps[f.rule] for f in found.fired if f.rule in caps)
