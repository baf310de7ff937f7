"""Calendar arithmetic: rows worked out by hand (calendars.yaml) and properties over random moments and durations."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.language.durations import (
    Duration,
    MomentText,
    Schedule,
    parse_moment,
    parse_schedule,
    read_date,
    read_wall_clock,
)
from engine.language.source import NOWHERE
from engine.language.wall_clock import is_repeated, is_skipped, to_local, to_utc, zone_named
from engine.rules.calendars import HolidayYears, WorkCalendar
from engine.rules.firings import firings, moment_of, next_firing

DATA: Mapping[str, Any] = yaml.load(
    (Path(__file__).parent / "calendars.yaml").read_text("utf-8"), Loader=yaml.BaseLoader
)
UTC = dt.UTC
NINE, NOON, ONE, FIVE, SIX = (dt.time(h) for h in (9, 12, 13, 17, 18))
OFFICE = {day: [(NINE, NOON), (ONE, SIX)] for day in range(5)}
CHANGES = {dt.date(2026, 2, 13): [(NINE, dt.time(15))], dt.date(2026, 6, 30): []}
CN = WorkCalendar("Asia/Shanghai", OFFICE, HolidayYears("CN", 2024, 2026), CHANGES, "cn")
PLAIN = {day: [(NINE, FIVE)] for day in range(5)}
CALENDARS = {
    "cn": CN,
    "vienna": WorkCalendar("Europe/Vienna", PLAIN, HolidayYears("AT", 2024, 2027)),
    "new_york": WorkCalendar("America/New_York", PLAIN, HolidayYears("US", 2024, 2027)),
    "shanghai": WorkCalendar("Asia/Shanghai", PLAIN),
    "always": WorkCalendar("Europe/Vienna", {day: [(dt.time(0), dt.time.max)] for day in range(7)}),
}


def instant(text: str, calendar: WorkCalendar) -> dt.datetime:
    wall = read_wall_clock(text.removesuffix("Z"))
    assert wall is not None, text
    return wall.replace(tzinfo=UTC) if text.endswith("Z") else to_utc(wall, calendar.zone)


def duration(text: str) -> Duration:
    amount, unit = text.split()
    made = Duration.of(Decimal(amount), unit)
    assert made is not None
    return made


@pytest.mark.parametrize("row", DATA["add"], ids=" ".join)
def test_add(row: list[str]) -> None:
    name, start, length, expected = row
    calendar = CALENDARS[name]
    result = calendar.add(instant(start, calendar), duration(length))
    assert result == instant(expected, calendar), to_local(result, calendar.zone)
    assert result.tzinfo is UTC


@pytest.mark.parametrize("row", DATA["next"], ids=lambda row: " ".join(row[:3]))
def test_next_firings(row: list[Any]) -> None:
    name, words, after, expected = row
    calendar = CALENDARS[name]
    schedule = parse_schedule(words, NOWHERE)
    assert isinstance(schedule, Schedule)
    found = firings(schedule, instant(after, calendar), calendar, len(expected))
    assert found == [instant(text, calendar) for text in expected], [to_local(x, calendar.zone) for x in found]


@pytest.mark.parametrize("row", DATA["moment"], ids=" ".join)
def test_moments(row: list[str]) -> None:
    name, words, written, expected = row
    calendar = CALENDARS[name]
    text = parse_moment(words, NOWHERE)
    assert isinstance(text, MomentText)
    base = instant(written, calendar) if " " in written else read_date(written)
    found = moment_of(base, text.number, text.unit, text.direction, text.at, calendar)
    assert found == (instant(expected, calendar) if expected else None)


MAKE_UP = {
    2024: ["02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"],
    2025: ["01-26", "02-08", "04-27", "09-28", "10-11"],
    2026: ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
}
"""The make-up workdays as the State Council's notices for these years list them."""


def test_make_up_workdays_of_china_are_the_published_ones() -> None:
    days = (dt.date(2024, 1, 1) + dt.timedelta(n) for n in range(3 * 366 - 1))
    worked = [f"{day}" for day in days if day.year < 2027 and day.weekday() > 4 and CN.is_workday(day)]
    assert worked == [f"{year}-{day}" for year, days_ in MAKE_UP.items() for day in days_]
    assert CN.hours(dt.date(2026, 2, 14)) == tuple(OFFICE[4])
    assert not CN.is_workday(dt.date(2026, 2, 23))
    assert CN.holiday_name(dt.date(2026, 10, 1)) == "National Day"


def test_beyond_the_last_holiday_year() -> None:
    assert not CN.beyond(dt.date(2026, 12, 31))
    assert CN.beyond(dt.date(2027, 1, 1))
    assert not CALENDARS["always"].beyond(dt.date(2999, 1, 1))


def test_unknown_country_and_overlapping_hours_are_refused() -> None:
    with pytest.raises(ValueError, match="ZZ"):
        WorkCalendar("UTC", PLAIN, HolidayYears("ZZ", 2024, 2026))
    with pytest.raises(ValueError, match="overlap"):
        WorkCalendar("UTC", {0: [(NINE, ONE), (NOON, SIX)]})
    with pytest.raises(ValueError, match="overlap"):
        WorkCalendar("UTC", {0: [(ONE, ONE)]})


def test_a_calendar_that_never_opens_says_so() -> None:
    closed = WorkCalendar("UTC", {}, name="shut")
    for unit in ("workdays", "workhours"):
        with pytest.raises(OverflowError):
            closed.add(dt.datetime(2026, 1, 1, tzinfo=UTC), Duration(1, unit))  # type: ignore[arg-type]


def test_counts_between() -> None:
    def at(text: str) -> dt.datetime:
        return instant(text, CN)

    assert CN.workhours_between(at("2026-03-06 17:00"), at("2026-03-09 10:20")) == Decimal("2.3333")
    assert CN.workhours_between(at("2026-03-09 10:20"), at("2026-03-06 17:00")) == Decimal("-2.3333")
    assert str(CN.workhours_between(at("2026-03-02 09:00"), at("2026-03-16 09:00"))) == "80"
    assert CN.workdays_between(dt.date(2026, 3, 6), dt.date(2026, 3, 9)) == 1
    assert CN.workdays_between(dt.date(2026, 3, 7), dt.date(2026, 3, 9)) == 0
    assert CN.workdays_between(dt.date(2024, 1, 1), dt.date(2025, 1, 1)) == 251
    assert CN.workdays_between(at("2026-03-09 23:00"), at("2026-03-06 01:00")) == -1
    assert CN.next_workday(dt.date(2026, 2, 15)) == dt.date(2026, 2, 24)
    assert CN.next_workday(dt.date(2026, 2, 14)) == dt.date(2026, 2, 14)


calendars = st.sampled_from(list(CALENDARS.values()))
epoch = dt.datetime(2023, 6, 1, tzinfo=UTC)
moments = st.integers(0, 5 * 365 * 86_400).map(lambda seconds: epoch + dt.timedelta(seconds=seconds))
work_units = st.sampled_from(["workminutes", "workhours"])


@settings(max_examples=150, deadline=None)
@given(calendars, moments, st.integers(1, 900), work_units)
def test_work_time_between_start_and_start_plus_n_is_n(
    calendar: WorkCalendar, start: dt.datetime, n: int, unit: str
) -> None:
    length = Duration(n, unit)  # type: ignore[arg-type]
    end, begin = calendar.add(start, length), calendar.add(start, -length)
    assert calendar.open_between(start, end).total_seconds() == length.nominal_seconds
    assert calendar.open_between(begin, start).total_seconds() == length.nominal_seconds
    assert calendar.open_between(start, end - dt.timedelta(seconds=1)).total_seconds() < length.nominal_seconds
    assert calendar.open_between(begin + dt.timedelta(seconds=1), start).total_seconds() < length.nominal_seconds


@settings(max_examples=150, deadline=None)
@given(
    calendars, moments, st.integers(0, 90 * 86_400), st.integers(-60, 60),
    st.sampled_from(["minutes", "hours", "days", "weeks", "months", "workminutes", "workhours", "workdays"]),
)  # fmt: skip
def test_add_is_monotone(calendar: WorkCalendar, start: dt.datetime, more: int, n: int, unit: str) -> None:
    later = start + dt.timedelta(seconds=more)
    # the wall clock itself goes back in a repeated hour
    assume(not is_repeated(to_local(start, calendar.zone), calendar.zone))
    assume(not is_repeated(to_local(later, calendar.zone), calendar.zone))
    length = Duration(n, unit)  # type: ignore[arg-type]
    assert calendar.add(start, length) <= calendar.add(later, length)
    if n > 0:
        assert calendar.add(start, length) > start


@settings(max_examples=100, deadline=None)
@given(calendars, moments, st.integers(-200, 200))
def test_workdays_between_undoes_add_workdays(calendar: WorkCalendar, moment: dt.datetime, n: int) -> None:
    date = calendar.date_of(moment)
    end = calendar.add_workdays(date, n)
    assert calendar.is_workday(end)
    assert calendar.workdays_between(date, end) == n
    brute = sum(calendar.is_workday(date + dt.timedelta(k)) for k in range((end - date).days))
    assert brute == max(n, 0)


@settings(max_examples=100, deadline=None)
@given(calendars, moments)
def test_next_opening_is_open(calendar: WorkCalendar, moment: dt.datetime) -> None:
    opening = calendar.next_opening(moment)
    assert opening >= moment
    assert calendar.is_open(opening)
    assert not calendar.open_between(moment, opening)


SCHEDULES = [
    "day at 02:30",
    "workday at 09:00",
    "friday at 01:30",
    "31st of month at 02:00",
    "last day of month at 23:59",
]


@settings(max_examples=100, deadline=None)
@given(calendars, moments, st.sampled_from(SCHEDULES), st.booleans())
def test_no_firing_is_left_out(calendar: WorkCalendar, after: dt.datetime, words: str, moved: bool) -> None:
    schedule = parse_schedule(words + " or next workday" * moved, NOWHERE)
    assert isinstance(schedule, Schedule)
    fires = next_firing(schedule, after, calendar)
    assert fires > after
    for part in (0.1, 0.5, 0.999):
        between = after + (fires - after) * part
        assert next_firing(schedule, between, calendar) == fires


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["Europe/Vienna", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"]), st.data())
def test_wall_clock_round_trip(name: str, data: st.DataObject) -> None:
    zone = zone_named(name)
    years = dt.timedelta(seconds=data.draw(st.integers(0, 44 * 365 * 86_400)))
    local = dt.datetime.fromisoformat("1986-01-01") + years
    found = to_utc(local, zone)
    shown = to_local(found, zone)
    if is_skipped(local, zone):
        assert shown > local
        assert to_local(found - dt.timedelta(seconds=1), zone) < local
    else:
        assert shown == local


def test_skipped_times_of_every_zone_end_at_the_jump() -> None:
    for name, skipped, jump in (
        ("Europe/Vienna", "2026-03-29 02:01", "2026-03-29 03:00"),
        ("America/New_York", "2026-03-08 02:59", "2026-03-08 03:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-04 02:30"),
        ("Asia/Shanghai", "1987-04-12 02:30", "1987-04-12 03:00"),
    ):
        local = dt.datetime.fromisoformat(skipped)
        assert is_skipped(local, zone_named(name))
        assert to_local(to_utc(local, zone_named(name)), zone_named(name)) == dt.datetime.fromisoformat(jump)
