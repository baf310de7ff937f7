"""Forms: each field rule and must rule of a made-up form (shop.yaml), normal values, unique keys, formulas, serials."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language.diagnostics import Diagnostic
from engine.language.expressions.things import Person, Record, Row
from engine.language.kinds.form import Form
from engine.language.loader import load, load_one
from engine.language.source import Source
from engine.language.vocabulary import PackTypes
from engine.rules.forms import FormRules, compile_form
from engine.rules.serials import is_pattern, serial, series

ZONE = ZoneInfo("Asia/Shanghai")
TEXT = (Path(__file__).parent / "shop.yaml").read_text("utf-8")


def compiled(text: str) -> FormRules | list[Diagnostic]:
    pack = load([Source("forms/shop.yaml", text)], {})
    form = pack.get(Form, "shop")
    assert form is not None
    return compile_form(form, PackTypes(pack).form("shop"), ZONE)


SHOP = compiled(TEXT)
assert isinstance(SHOP, FormRules)
EAST, WEST = Record("region", 1), Record("region", 2)
GOOD: dict[str, Any] = {
    "name": "明河茶铺",
    "kind": "own",
    "staff": (Row({"who": "An", "hours": 40}),),
    "region": EAST,
}


def broken(**changes: Any) -> list[tuple[str, str]]:
    assert isinstance(SHOP, FormRules)
    record = Record("shop", 1, SHOP.normal({**GOOD, **changes}))
    return [(v.rule, v.code) for v in SHOP.violations(record)]


def test_a_good_record_has_no_violation() -> None:
    assert broken() == []
    assert broken(sells=("tea", "cake"), area=60, phone="138 0013 8000", email="an@example.com") == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": None}, [("name", "required")]),
        ({"name": "  "}, [("name", "required")]),
        ({"name": "茶"}, [("name", "text-at-least")]),
        ({"name": "茶" * 21}, [("name", "text-at-most")]),
        ({"kind": "rented"}, [("kind", "unknown-choice")]),
        ({"sells": ("tea", "tyres")}, [("sells", "unknown-choice")]),
        ({"phone": "12345"}, [("phone", "not-a-phone")]),
        ({"email": "an@@example.com"}, [("email", "not-an-email")]),
        ({"area": 0}, [("area", "above")]),
        ({"area": Decimal("5000.01")}, [("area", "at-most")]),
        ({"rent": Decimal("-0.01")}, [("rent", "at-least")]),
        ({"opened_on": dt.date(2019, 12, 31)}, [("opened_on", "at-least")]),
        ({"opened_on": dt.date(2026, 1, 1), "closed_on": dt.date(2026, 1, 1)}, [("closed_on", "above")]),
        ({"closed_on": dt.date(2026, 1, 1)}, []),
        ({"kind": "partner", "rent": 1}, [("partner_since", "required")]),
        ({"kind": "partner", "partner_since": dt.date(2026, 1, 1)}, [("partner_pays_rent", "must")]),
        ({"sells": ("cake",), "area": 20}, [("small_without_cake", "must")]),
        ({"sells": ("tea",), "area": 20}, []),
        ({"keeper": Person("an", {"name": "An", "roles": ("sales",)})}, [("keeper", "wrong-role")]),
        ({"keeper": Person("an", {"name": "An", "roles": ("keeper",)})}, []),
        ({"depot": Record("depot", 1, {"region": WEST})}, [("depot", "not-of-my")]),
        ({"depot": Record("depot", 1, {"region": EAST})}, []),
        ({"staff": ()}, [("staff", "rows-at-least")]),
        ({"staff": None}, [("staff", "rows-at-least")]),
        ({"staff": tuple(Row({"who": "An"}) for _ in range(4))}, [("staff", "rows-at-most")]),
        ({"staff": (Row({"who": "", "hours": 41}),)}, [("staff.who", "required"), ("staff.hours", "at-most")]),
        ({"staff": (Row({"who": "An", "age": 7}),)}, [("staff.age", "unknown-field")]),
    ],
    ids=str,
)
def test_violations(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert broken(**changes) == expected


def test_a_violation_tells_a_person_and_a_program() -> None:
    assert isinstance(SHOP, FormRules)
    values = SHOP.normal({**GOOD, "staff": (Row({"who": "An"}), Row({"who": "Bo", "hours": 41})), "kind": "partner"})
    row, rule, since = sorted(SHOP.violations(Record("shop", 1, values)), key=lambda v: v.code)
    assert (row.say_zh, row.say_en) == ("工时：不能大于 40", "hours: must be at most 40")
    assert row.plain()["place"] == ["staff", 1, "hours"]
    assert (rule.code, since.code) == ("must", "required")
    assert rule.say("zh") == "加盟店必须有租金"
    assert rule.text_key == "forms/shop/must/partner_pays_rent"


def test_only_the_asked_fields_but_every_rule() -> None:
    assert isinstance(SHOP, FormRules)
    record = Record("shop", 1, {"kind": "partner", "rent": None})
    assert [v.rule for v in SHOP.violations(record, fields={"area"})] == ["partner_pays_rent"]


def test_values_as_they_are_kept() -> None:
    assert isinstance(SHOP, FormRules)
    kept = SHOP.normal({"phone": "138-0013-8000", "email": "An@EXAMPLE.com", "rent": 3, "name": " 茶 铺 ", "nope": 1})
    assert kept == {
        "phone": "+8613800138000", "email": "An@example.com", "rent": Decimal("3.00"), "name": "茶 铺", "nope": 1
    }  # fmt: skip
    assert str(kept["rent"]) == "3.00"
    assert [(v.rule, v.code) for v in SHOP.unwritable(["nope", "rent_of_a_year", "number", "name"])] == [
        ("nope", "unknown-field"),
        ("rent_of_a_year", "computed"),
        ("number", "computed"),
    ]


def test_unique_keys_formulas_and_what_is_shown() -> None:
    assert isinstance(SHOP, FormRules)
    record = Record("shop", 1, {**GOOD, "name": "Ming River Co., Ltd", "phone": "+8613800138000", "rent": Decimal(100)})
    assert SHOP.unique_keys(record) == {"name": "ming river", "phone": "+8613800138000"}
    assert SHOP.unique_keys(Record("shop", 2, {})) == {}
    assert SHOP.formula("rent_of_a_year", record) == Decimal("171.43")
    assert SHOP.formula("rent_of_a_year", Record("shop", 2, {})) is None
    assert "partner_since" not in SHOP.visible(record)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("at_least: 1 rows", "at_least: 1", "rows"),
        ("at_least: 0}", "at_least: cheap}", "money"),
        ("at_least: 2,", "at_least: 2.5,", "characters"),
        ("at_most: 40", "at_most: '40 hours'", "number"),
    ],
)
def test_a_bound_that_cannot_be_read_is_said(before: str, after: str, told: str) -> None:
    assert before in TEXT
    found = compiled(TEXT.replace(before, after))
    assert isinstance(found, list)
    assert told in found[0].message() + found[0].hint()
    assert found[0].span.line > 1


def test_the_form_itself_is_read_without_findings() -> None:
    form, findings = load_one(Source("shop.yaml", TEXT), {})
    assert isinstance(form, Form)
    assert not findings


def test_serials() -> None:
    march = dt.date(2026, 3, 2)
    assert serial("HT-YYYYMM-0000", march, 7) == "HT-202603-0007"
    assert serial("HT-YYYYMM-0000", march, 12345) == "HT-202603-12345"
    assert series("HT-YYYYMM-0000", march) == "HT-202603-#"
    assert serial("A00-000/YYDD", march, 5) == "A00-005/2602"
    assert is_pattern("HT-000")
    assert not is_pattern("HT-YYYY")
    with pytest.raises(ValueError, match="HT"):
        series("HT", march)


@given(st.integers(0, 9999), st.integers(0, 9999))
def test_two_counts_never_make_one_number(a: int, b: int) -> None:
    same = serial("HT-YYYYMM-000", dt.date(2026, 3, 2), a) == serial("HT-YYYYMM-000", dt.date(2026, 3, 2), b)
    assert same is (a == b)
