"""Matching over an index in memory: equal keys, alike names, their order, and the reasons."""

from collections.abc import Iterable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.things import Record
from engine.language.kinds.matching import LookIn, Matching
from engine.rules.comparing import email_address, key_of, phone_number, rarest, tokens
from engine.rules.matching import find_twin, value_at

FIELDS = {
    "phone": SimpleNamespace(type="phone", normalise=None, country="CN"),
    "email": SimpleNamespace(type="email", normalise=None, country=None),
    "name": SimpleNamespace(type="text", normalise="company_name", country=None),
}


def field_at(form: str, path: str) -> Any:
    return FIELDS["name" if path in ("company", "account.name") else path]


class Records:
    """An index over a list: what the store does with keys, by looking at every record."""

    def __init__(self, *records: Record) -> None:
        self.records = records
        self.asked: list[str] = []

    def _of(self, form: str, path: str) -> Iterable[tuple[Record, Any]]:
        return [(r, value_at(r, path)) for r in self.records if r.form == form and value_at(r, path)]

    def by_key(self, form: str, field: str, value: Any) -> Iterable[Record]:
        key = key_of(value, field_at(form, field))
        return [r for r, other in self._of(form, field) if key_of(other, field_at(form, field)) == key]

    def alike(self, form: str, path: str, text: str) -> Iterable[Record]:
        values = self._of(form, path)
        pieces = rarest(text, lambda pieces: {p: sum(p in tokens(value) for _, value in values) for p in pieces})
        self.asked += pieces
        return [r for r, value in values if set(pieces) & set(tokens(value))]


def expression(text: str) -> Expression:
    read = parse(text)
    assert isinstance(read, Expression)
    return read


RIVER = Record("account", 1, {"name": "bright river trading"})
MATCHING = Matching(
    name="twins",
    of="lead",
    look_in={
        "lead": LookIn(
            any_same={"phone": "phone", "email": "email"},
            or_similar={"company": "company"},
            only_if=expression("status != 'closed'"),
        ),
        "contact": LookIn(
            any_same={"phone": "phone"}, or_similar={"company": "account.name"}, at_least=Decimal("0.95")
        ),
    },
)


def lead(id: int, **fields: Any) -> Record:
    return Record("lead", id, {"status": "new", **fields})


ME = lead(9, phone="138 0013 8000", email="An@Example.com", company="Bright River Trading Co., Ltd")


@pytest.mark.parametrize(
    ("records", "twin", "reason"),
    [
        ([lead(1, phone="+86 13800138000")], 1, ("phone", 1)),
        ([lead(1, email="an@example.COM")], 1, ("email", 1)),
        ([lead(2, phone="13800138000"), lead(1, phone="13800138000")], 1, ("phone", 1)),
        ([lead(1, phone="13800138000"), lead(2, phone="13800138000", email="an@example.com")], 2, ("phone", 1)),
        ([lead(1, company="BRIGHT RIVER TRADING"), lead(2, phone="13800138000")], 2, ("phone", 1)),
        ([lead(1, company="Bright River Trading Company")], 1, ("company", 1)),
        ([lead(1, company="Dark River Trading")], None, None),
        ([lead(1, phone="13800138000", status="closed")], None, None),
        ([ME], None, None),
        ([Record("contact", 3, {"phone": "13800138000"})], 3, ("phone", 1)),
        (
            [Record("contact", 4, {"account": RIVER})],
            4,
            ("company", 1),
        ),
    ],
)
def test_who_is_found(records: list[Record], twin: int | None, reason: tuple[str, int] | None) -> None:
    found = find_twin(MATCHING, ME, Records(*records))
    if twin is None:
        assert found is None
        return
    assert found is not None
    assert found.record.id == twin
    assert (found.pairs[0].ours, found.pairs[0].alike) == reason
    assert found.alike == 1


def test_an_empty_field_never_matches() -> None:
    assert find_twin(MATCHING, lead(9, phone=None, company=""), Records(lead(1, phone=None, company=""))) is None


def test_only_the_rarest_pieces_are_asked_for() -> None:
    others = [lead(i, company=f"River Trading Number {i}") for i in range(1, 20)]
    records = Records(*others, lead(50, company="Bright River Trading Zeppelin Number"))
    find_twin(MATCHING, lead(9, company="Bright Zeppelin River Trading Number"), records)
    assert len(records.asked) == 3
    assert {"bright", "zeppelin"} <= set(records.asked)


def test_keys() -> None:
    assert phone_number("138-0013-8000", "cn") == "+8613800138000"
    assert phone_number("+43 1 5880139999") == "+4315880139999"
    assert phone_number("12345", "CN") is None
    assert phone_number("13800138000") is None
    assert email_address("a b@example.com") is None
    assert key_of("（上海）明河贸易有限公司", FIELDS["name"]) == key_of("上海 明河贸易", FIELDS["name"])
    assert tokens("明河贸易") == ("明河", "河贸", "贸易")


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="明河贸易科技abc 1", min_size=1, max_size=20))
def test_equal_names_share_their_pieces(name: str) -> None:
    assert tokens(name) == tokens(f" {name.upper()}  ")
