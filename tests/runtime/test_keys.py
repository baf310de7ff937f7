"""Keys of values: texts that sort as the values do, and are equal when the values are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language.expressions.things import Person, Record, Row
from engine.language.kinds.form import Field
from engine.runtime.keys import key_text, number_key, shortened

NUMBERS = st.one_of(st.integers(-(10**30), 10**30), st.decimals(-(10**12), 10**12, allow_nan=False, places=6))


@given(NUMBERS, NUMBERS)
def test_numbers_sort_as_they_are(a: int | Decimal, b: int | Decimal) -> None:
    assert (number_key(a) < number_key(b)) == (a < b)
    assert (number_key(a) == number_key(b)) == (a == b)


@pytest.mark.parametrize(
    ("value", "type_", "key"),
    [
        (None, "text", None),
        ("  ＡＢ  c ", "text", "ab c"),
        ("138 0013 8000", "phone", "+8613800138000"),
        (dt.date(2026, 3, 2), "date", "2026-03-02"),
        (dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC), "moment", "2026-03-02T01:00:00.000000"),
        (dt.datetime(2026, 3, 2, 1, 0, 0, 5, tzinfo=dt.UTC), "moment", "2026-03-02T01:00:00.000005"),
        (True, "yes_no", "yes"),
        (Person("an"), "person", "an"),
        (Record("lead", 7), "record", "7"),
        ((), "list", None),
        (Row(a=1), "list", None),
    ],
)
def test_key_of_a_value(value: object, type_: str, key: str | None) -> None:
    assert key_text(value, Field(type=type_, country="CN")) == key


def test_a_long_key_is_cut_and_still_tells_apart() -> None:
    one, other = shortened("x" * 5000 + "a"), shortened("x" * 5000 + "b")
    assert one is not None
    assert other is not None
    assert one != other
    assert len(one) < 250
    assert shortened("short") == "short"
