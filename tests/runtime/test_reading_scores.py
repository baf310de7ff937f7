"""Why a lead has its score, on the sample pack: reasons as they were recorded, caps, the grade and the way to the next."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from engine.engine import Engine
from engine.runtime.reading import explain, inbox, timeline

PACK = Path(__file__).parents[2] / "definitions"
LEAD = {
    "company": "样例一厂",
    "contact_name": "张三",
    "phone": "13800138000",
    "source": "referral",
    "region": "east",
    "product_line": "software",
    "industry": "energy",
    "employees": 200,
    "job_title": "director",
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    opened = Engine.open("sqlite://", PACK, clock=lambda: 1_772_413_200_000_000)
    yield opened
    opened.close()


def test_recorded_reasons_with_caps_and_the_next_grade(engine: Engine) -> None:
    lead = engine.create_record("lead", LEAD | {"email": "a@example.com"})
    with engine.look() as look:
        found = explain.explain_score(look, "lead", lead["id"], "en")
        assert explain.explain_score(look, "lead", "1") is None
        assert explain.explain_score(look, "account", lead["id"]) is None
    assert found is not None
    assert (found["live"], found["current"], found["scoring"]) == (False, True, "lead_score")
    fit = next(part for part in found["parts"] if part["name"] == "fit")
    assert fit == {"name": "fit", "points": 40, "raw": 45, "at_most": 40, "capped": True}
    assert ("recommended", 20, "Was recommended") in [(r["rule"], r["points"], r["because"]) for r in found["rules"]]
    assert (found["grade"], found["next"]) == ("hot", None)  # there is no grade above
    assert "(45 in all, at most 40 count)" in found["lines"][1]


def test_how_far_the_next_grade_is(engine: Engine) -> None:
    lead = engine.create_record("lead", {"company": "样例二厂", "phone": "13900139000", "source": "web"})
    with engine.look() as look:
        found = explain.explain_score(look, "lead", lead["id"], "zh")
    assert found is not None
    assert found["grade"] == "cold"
    assert found["next"]["grade"] == "warm"
    assert found["lines"][-1] == f"距“温”还差 {found['next']['missing']} 分。"
    assert Decimal(str(found["total"])) + Decimal(str(found["next"]["missing"])) == 40


def test_a_score_that_was_worked_out_anew_is_explained_as_it_is_now(engine: Engine) -> None:
    lead = engine.create_record("lead", {"company": "样例三厂", "phone": "13700137000", "source": "web"})
    engine.change_record("lead", lead["id"], {"industry": "energy"})
    engine.drain()
    now = engine.record("lead", lead["id"])["fields"]["score"]
    with engine.look() as look:
        found = explain.explain_score(look, "lead", lead["id"])
    assert found is not None
    assert (found["total"], found["current"]) == (now, True)
    assert "target_industry" in [rule["rule"] for rule in found["rules"]]


def test_the_one_who_was_chosen_learns_why(engine: Engine) -> None:
    lead = engine.create_record("lead", LEAD | {"phone": "13600136000", "company": "样例四厂"})
    with engine.look() as look:
        [task] = inbox.tasks(look, record=f"lead:{lead['id']}")["items"]
        found = inbox.task(look, task["id"], task["assignee"])
        story = timeline.timeline(look, lead["cases"][0])
    assert found is not None
    assert story is not None
    assert "交给线索的负责人" in found["why"]["zh"]
    assert "was chosen out of 3" in found["why"]["en"]
    assert {"started", "scored", "assigned", "entered"} <= {item["what"] for item in story["items"]}
    scored = next(item for item in story["items"] if item["what"] == "scored")
    assert scored["because"]["scoring"] == "lead_score"
    assert "grade 'Hot'" in scored["text"]["en"]
