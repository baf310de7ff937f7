"""The public holidays of a country by year, with the days that are worked instead (China's make-up workdays).

The days come from the library `holidays`: `weekend_workdays` are its make-up workdays. Only the category "public" is
closed; half days stay open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import holidays


@dataclass(frozen=True)
class PublicHolidays:
    """Closed days with their names, and weekend days that are worked, of the years `first` to `last`."""

    closed: Mapping[dt.date, str]
    worked: frozenset[dt.date]


@lru_cache(maxsize=32)
def is_country(country: str) -> bool:
    """Whether the library knows this ISO country code."""
    return country in holidays.list_supported_countries()


@lru_cache(maxsize=32)
def public_holidays(country: str, first: int, last: int) -> PublicHolidays:
    """The holidays of an ISO country code. Raises ValueError for a country that the library does not know."""
    if not is_country(country):
        raise ValueError(f"no holidays are known for {country!r}")
    years = range(first, last + 1)
    found = holidays.country_holidays(country, years=years, expand=False, language="en_US")  # not the machine's
    closed = {date: name for date, name in found.items() if first <= date.year <= last}
    worked = frozenset(date for date in found.weekend_workdays if first <= date.year <= last)
    return PublicHolidays(closed, worked)
