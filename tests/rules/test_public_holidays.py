"""The library's countries, each read from its own file, are those that the library itself gives."""

import datetime as dt

import holidays
import pytest

from engine.rules.public_holidays import is_country, public_holidays


def test_every_code_of_the_library_is_known_and_no_other() -> None:
    assert all(is_country(code) for code in holidays.list_supported_countries())
    assert not any(is_country(code) for code in ("", "XX", "cn", "China", "HolidaysAX"))


@pytest.mark.parametrize("country", ["CN", "DE", "US", "USA", "AX", "HK"])  # AX is made from another country's file
def test_a_country_from_its_own_file_is_the_same(country: str) -> None:
    theirs = holidays.country_holidays(country, years=range(2024, 2027), expand=False, language="en_US")
    ours = public_holidays(country, 2024, 2026)
    assert ours.closed == {day: name for day, name in theirs.items() if 2024 <= day.year <= 2026}
    assert ours.worked == {day for day in theirs.weekend_workdays if 2024 <= day.year <= 2026}


def test_china_works_on_the_weekend_before_new_year() -> None:
    found = public_holidays("CN", 2024, 2024)
    assert dt.date(2024, 2, 4) in found.worked
    assert dt.date(2024, 2, 12) in found.closed
