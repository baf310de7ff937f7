"""Time words: what each text is read as, and what the hint says to write for the others (time_words.yaml)."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.language.diagnostics import Diagnostic
from engine.language.durations import (
    UNITS,
    Duration,
    MomentText,
    Schedule,
    parse_duration,
    parse_hours,
    parse_moment,
    parse_schedule,
    shift_date,
)
from engine.language.source import Span

CASES = yaml.load((Path(__file__).parent / "time_words.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)
PARSERS = {"duration": parse_duration, "schedule": parse_schedule, "moment": parse_moment, "hours": parse_hours}


def span_of(text: str) -> Span:
    return Span("x.yaml", 3, 5, 3, 5 + len(text))


def shown(value: object) -> str:
    if isinstance(value, Duration):
        return f"{value.amount} {value.unit}"
    if isinstance(value, Schedule):
        moved = " moved" if value.or_next_workday else ""
        return (str(value.every) if value.every else f"({value.on}, {value.number}, {value.at:%H:%M})") + moved
    if isinstance(value, MomentText):
        if value.wall_clock:
            return value.wall_clock.isoformat()
        number = f"{value.number}" if value.number is not None else f"[{value.number_text}]"
        base = value.base_wall_clock or value.base_date or f"[{value.base_text}]"
        start = f"{number} {value.unit} {value.direction} " if value.unit else ""
        return f"{start}{base}" + (f" at {value.at:%H:%M}" if value.at else "")
    assert isinstance(value, tuple)
    return "-".join(f"{time:%H:%M}" for time in value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]}")
def test_words(case: list[str]) -> None:
    kind, text, expected, *hint = case
    value = PARSERS[kind](text, span_of(text))
    if hint:
        assert isinstance(value, Diagnostic), shown(value)
        assert value.code == expected
        assert hint[0] in value.hint("en")
        assert value.message("zh")
        assert value.hint("zh")
    else:
        assert not isinstance(value, Diagnostic), value
        assert shown(value) == expected


@given(st.integers(0, 2400), st.sampled_from(UNITS))
def test_a_duration_is_its_text(amount: int, unit: str) -> None:
    text = f"{amount} {unit}"
    read = parse_duration(text, span_of(text))
    assert read == Duration.of(amount, unit)
    assert str(read) == text


@given(st.text(max_size=40), st.sampled_from(list(PARSERS)))
def test_no_text_raises(text: str, kind: str) -> None:
    value = PARSERS[kind](text, span_of(text))
    assert isinstance(value, Diagnostic) or shown(value)


@pytest.mark.parametrize("case", [case for case in CASES if len(case) > 3 and case[3].startswith("write ")])
def test_the_words_of_a_hint_are_good(case: list[str]) -> None:
    kind, _text, _code, hint = case
    if kind != "moment":
        write = hint.removeprefix("write ")
        assert not isinstance(PARSERS[kind](write, span_of(write)), Diagnostic)


def test_spans_of_the_pieces() -> None:
    text = "case.next_day days after lead.created_at"
    value = parse_moment(text, span_of(text))
    assert isinstance(value, MomentText)
    assert value.number_span == Span("x.yaml", 3, 5, 3, 18)
    assert value.base_span == Span("x.yaml", 3, 30, 3, 45)


def test_durations_compare_by_length() -> None:
    assert Duration(24, "hours") == Duration(1, "days")
    assert hash(Duration(24, "hours")) == hash(Duration(1, "days"))
    assert Duration(90, "minutes") < Duration(2, "hours") <= Duration(Decimal("2.0"), "hours")
    assert Duration(1, "hours") != Duration(1, "workhours")
    assert Duration.of(Decimal("1.5"), "workdays") is None
    assert Duration.of(Decimal("2.0"), "workdays") == Duration(2, "workdays")
    assert Duration.of(10**15, "days") is None
    with pytest.raises(ValueError, match="whole"):
        Duration(Decimal("1.5"), "days")


def test_dates_shift_to_the_end_of_the_month() -> None:
    assert shift_date(dt.date(2024, 1, 31), 1, "months") == dt.date(2024, 2, 29)
    assert shift_date(dt.date(2026, 1, 31), -2, "months") == dt.date(2025, 11, 30)
    assert shift_date(dt.date(2024, 2, 29), 12, "months") == dt.date(2025, 2, 28)
    assert shift_date(dt.date(2026, 1, 1), 1, "weeks") == dt.date(2026, 1, 8)
    assert shift_date(dt.date(2026, 1, 1), 200_000, "months") is None
