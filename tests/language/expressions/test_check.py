"""What the checker says of an expression: every row of check.csv against one made-up pack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.language.expressions import types as t
from engine.language.expressions.check import check
from engine.language.expressions.parse import Expression, parse
from engine.language.source import Span

GRADE = t.Choice("lead.grade", {"hot": "热", "warm": "温", "cold": "冷"})
REGION = t.Choice("lead.region", {"east": "华东", "south": "华南"})
TIER = t.Choice("account.tier", {"key": "重点", "normal": "普通"})
KIND = t.Choice("activity.kind", {"call": "电话", "visit": "拜访"})

VOCABULARY = t.Vocabulary(
    forms={
        "lead": {
            "company": t.TEXT,
            "score": t.NUMBER,
            "employees": t.NUMBER,
            "grade": GRADE,
            "region": REGION,
            "budget": t.MONEY,
            "owner": t.PERSON,
            "opted_out": t.YES_NO,
            "touched_at": t.MOMENT,
            "closed_on": t.DATE,
            "account": t.RecordType(("account",)),
            "activities": t.ListOf(t.RecordType(("activity",))),
            "tags": t.ListOf(t.Rows("lead.tags", {"name": t.TEXT, "weight": t.NUMBER})),
        },
        "account": {"name": t.TEXT, "tier": TIER, "debt": t.MONEY, "owner": t.PERSON},
        "activity": {"kind": KIND, "at": t.MOMENT, "ok": t.YES_NO},
    },
    person={"lead_cap": t.NUMBER, "regions": t.Choices(REGION), "approval_limit": t.MONEY},
    roles=frozenset(["sales", "director"]),
    teams=frozenset(["east_team", "south_team"]),
    calendars=frozenset(["office"]),
)
NAMES = t.Names(
    {
        "lead": t.RecordType(("lead",)),
        "either": t.RecordType(("lead", "account")),
        "person": t.PERSON,
        "starter": t.PERSON,
        "case": t.Names({"grade": GRADE, "calls": t.NUMBER, "pause": t.DURATION, "letter": t.TemplateType("lead")}),
        "steps": t.Names({"review": t.step_fields(), "call": t.step_fields()}),
        "position": t.NUMBER,
        "unknown": t.ANY,
    }
)
WANTS: dict[str, Any] = {
    "": None,
    "condition": t.YES_NO,
    "number": t.NUMBER,
    "money": t.MONEY,
    "text": t.TEXT,
    "date": t.DATE,
    "moment": t.MOMENT,
    "duration": t.DURATION,
    "person": t.PERSON,
    "people": (t.PERSON, t.ListOf(t.PERSON)),
    "grade": GRADE,
    "grades": t.Choices(GRADE),
    "lead": t.RecordType(("lead",)),
    "template": t.TemplateType("lead"),
    "list": t.ListOf(t.ANY),
}

LINES = Path(__file__).with_name("check.csv").read_text(encoding="utf-8").splitlines()
ROWS = [tuple(part.strip() for part in line.rsplit(" ;", 2)) for line in LINES if line and not line.startswith("#")]


def found(text: str, wants: str) -> str:
    place = Span("f.yaml", 1, 1, 1, len(text) + 1)
    expression = parse(text, place)
    assert isinstance(expression, Expression), expression
    kind, _, clock = wants.partition("!")
    type_, findings = check(
        expression,
        NAMES,
        VOCABULARY,
        WANTS[kind.strip()],
        forbid_clock=clock.strip() or None,  # type: ignore[arg-type]
    )
    if findings:
        return " ".join(sorted(f"{finding.code}@{finding.span.column}" for finding in findings))
    return t.words(type_)[0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ; ".join(row)[:80])
def test_row(row: tuple[str, str, str]) -> None:
    text, wants, wanted = row
    assert found(text, wants) == wanted


def test_the_hint_names_what_was_meant() -> None:
    expression = parse("lead.scor > 5 and lead.grade == 'hto' and heald(person, 'lead') < 3")
    assert isinstance(expression, Expression)
    _, findings = check(expression, NAMES, VOCABULARY, t.YES_NO)
    said = {finding.code: finding for finding in findings}
    assert "'score'" in said["unknown-variable"].hint()
    assert "'hot'" in said["unknown-choice"].hint()
    assert "warm" in said["unknown-choice"].hint("zh")
    assert "'held'" in said["unknown-function"].hint()


def test_both_languages_say_something_everywhere() -> None:
    for text, wants, _ in ROWS:
        expression = parse(text)
        assert isinstance(expression, Expression)
        _, findings = check(expression, NAMES, VOCABULARY, WANTS[wants.partition("!")[0].strip()])
        for finding in findings:
            assert finding.message("en")
            assert finding.message("zh")
            assert bool(finding.hint("en")) == bool(finding.hint("zh"))
