"""Serial numbers: `HT-YYYYMM-0000` is a date and a counter. YYYY, YY, MM, DD are the date, the last zeros the counter.

The counter counts within a series, the pattern with its date filled in: where a month stands it begins anew each month.
"""

from __future__ import annotations

import datetime as dt
import re

_DATE = re.compile(r"YYYY|YY|MM|DD")
_COUNTER = re.compile(r"0+(?!.*0)")


def is_pattern(pattern: str) -> bool:
    """Whether a pattern has a counter, so that two numbers can differ."""
    return bool(_COUNTER.search(pattern)) and len(pattern) <= 60


def series(pattern: str, on: dt.date) -> str:
    """What the counter counts in: `HT-202603-#`. Raises ValueError for a pattern without counter."""
    return "#".join(_around(pattern, on)[:2])


def serial(pattern: str, on: dt.date, count: int) -> str:
    """The number with this count, filled with zeros; a count with more digits takes more."""
    before, after, width = _around(pattern, on)
    return f"{before}{count:0{width}}{after}"


def _around(pattern: str, on: dt.date) -> tuple[str, str, int]:
    """What stands before and after the counter, and its width."""
    counter = _COUNTER.search(pattern)
    if counter is None:
        raise ValueError(f"a serial pattern without zeros for the counter: {pattern!r}")
    shown = {"YYYY": f"{on:%Y}", "YY": f"{on:%y}", "MM": f"{on:%m}", "DD": f"{on:%d}"}
    before, after = pattern[: counter.start()], pattern[counter.end() :]
    return _dated(before, shown), _dated(after, shown), len(counter[0])


def _dated(part: str, shown: dict[str, str]) -> str:
    return _DATE.sub(lambda word: shown[word[0]], part)
