"""The public holidays of a country by year, with the days that are worked instead (China's make-up workdays).

The days come from the library `holidays`: `weekend_workdays` are its make-up workdays. Only the category "public" is
closed; half days stay open. Only the wanted country's file is read: the library's package of countries would read all
of them, which takes longer than most packs take to be checked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import holidays
from holidays.registry import COUNTRIES


@dataclass(frozen=True)
class PublicHolidays:
    """Closed days with their names, and weekend days that are worked, of the years `first` to `last`."""

    closed: Mapping[dt.date, str]
    worked: frozenset[dt.date]


def is_country(country: str) -> bool:
    """Whether the library knows this ISO country code, of two letters or three."""
    return country in _countries()


@cache
def _countries() -> Mapping[str, tuple[str, str]]:
    """Code -> the file and the class of the country."""
    return {code: (file, cls) for file, (cls, *codes) in COUNTRIES.items() for code in codes if len(code) in (2, 3)}


@cache
def _calendar(country: str) -> Any:
    """The library's class of a country, from its own file."""
    file, cls = _countries()[country]
    path = Path(holidays.__file__).with_name("countries") / f"{file}.py"
    spec = spec_from_file_location(f"holidays.countries.{file}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, cls)


@lru_cache(maxsize=32)
def public_holidays(country: str, first: int, last: int) -> PublicHolidays:
    """The holidays of an ISO country code. Raises ValueError for a country that the library does not know."""
    if not is_country(country):
        raise ValueError(f"no holidays are known for {country!r}")
    years = range(first, last + 1)
    found = _calendar(country)(years=years, expand=False, language="en_US")  # not the machine's
    closed = {date: name for date, name in found.items() if first <= date.year <= last}
    worked = frozenset(date for date in found.weekend_workdays if first <= date.year <= last)
    return PublicHolidays(closed, worked)
