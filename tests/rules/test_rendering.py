"""Templates filled in: a table of holes and what they show, hostile texts, and subjects of one line."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.language.durations import Duration
from engine.language.expressions.context import CONTEXT
from engine.language.expressions.faults import ExpressionFault
from engine.language.expressions.things import Person, Record, Row
from engine.language.source import Source
from engine.language.yamltree import Scalar, Sequence, read_tree
from engine.rules.rendering import Language, money_text, render, render_line

ZONE = ZoneInfo("Asia/Shanghai")
TITLES = {"zh": {"hot": "热", "cold": "冷"}, "en": {"hot": "Hot", "cold": "Cold"}}


def env_for(language: Language) -> dict[str, Any]:
    asked: list[Any] = []
    lead = Record(
        "lead",
        1,
        {"company": "晨光", "grade": "hot", "tags": ("hot", "cold"), "owner": Person("li_na", {"name": "李娜"})},
    )
    context = SimpleNamespace(
        zone=ZONE,
        language=language,
        label=lambda record: record["company"],
        title_of=lambda record, field, value: asked.append((record, field)) or TITLES[language][value],
        asked=asked,
    )
    return {
        CONTEXT: context, "lead": lead, "n": 3, "amount": Decimal("1234567.50"), "back": Decimal(-12), "grade": "hot",
        "due": dt.date(2026, 3, 2), "at": dt.datetime(2026, 3, 1, 20, tzinfo=dt.UTC), "plan": (Row(), Row()),
        "yes_it_is": True, "three_workdays": Duration(3, "workdays"), "hostile": "{{ n }}{% n %}${7*7}",
    }  # fmt: skip


def rows() -> list[list[str]]:
    tree, _ = read_tree(Source("rendering.yaml", Path(__file__).with_name("rendering.yaml").read_text("utf-8")))
    assert isinstance(tree, Sequence)
    return [[cell.text for cell in row.items if isinstance(cell, Scalar)] for row in tree.items]  # type: ignore[union-attr]


@pytest.mark.parametrize(("text", "zh", "en"), rows())
def test_a_hole_shows(text: str, zh: str, en: str) -> None:
    shown = [render(text, env_for(language), language, "CNY", ZONE) for language in ("zh", "en")]  # type: ignore[arg-type]
    assert shown == [zh, en]


def test_a_title_is_asked_of_the_field_that_was_read() -> None:
    env = env_for("en")
    render("{{ lead.grade | title }}{{ grade | title }}", env, "en", "CNY", ZONE)
    assert env[CONTEXT].asked == [(env["lead"], "grade"), (None, None)]


def test_a_subject_is_one_line() -> None:
    env = {"name": "A\r\nBcc: all@example.com\u2028x"}
    assert render_line("Hello\n{{ name }}\n", env, "en", "CNY", ZONE) == "Hello A Bcc: all@example.com x"


@pytest.mark.parametrize(
    "text",
    [
        "{{ lead.__class__ }}", "{{ ''.__class__.__mro__ }}", "{{ lead.items() }}", "{{ open('/etc/passwd') }}",
        "{{ n | safe }}", "{{ n | money | date }}", "{{% if n %}}", "{{ n", "{{ }}", "{{ config['SECRET'] }}",
        "{{ [].append(1) }}", "{{ cycler.__init__.__globals__.os.popen('id').read() }}", "{{ 7*'7' ** 9 }}",
    ],
)  # fmt: skip
def test_what_check_refuses_is_never_rendered(text: str) -> None:
    with pytest.raises(ValueError, match="check refuses"):
        render(text, env_for("en"), "en", "CNY", ZONE)


def test_data_of_another_type_than_promised_is_no_empty_text() -> None:
    with pytest.raises(ExpressionFault):
        render("{{ lead * 2 }}", env_for("en"), "en", "CNY", ZONE)


@pytest.mark.parametrize(("currency", "shown"), [("USD", "$0.50"), ("SEK", "SEK 0.50"), ("", "0.50")])
def test_money_of_other_currencies(currency: str, shown: str) -> None:
    assert money_text(Decimal("0.5"), currency) == shown
