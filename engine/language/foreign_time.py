"""What was probably meant by a time written in another language's way: `5m`, `P3D`, `0 9 * * 1-5`, `3 个工作日`.

Used for hints only: the answer is the text to write in our words, or empty when we cannot tell.
"""

from __future__ import annotations

import re

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_UNITS = {
    "s": "seconds", "sec": "seconds", "secs": "seconds", "秒": "seconds",
    "m": "minutes", "min": "minutes", "mins": "minutes", "分": "minutes", "分钟": "minutes",
    "h": "hours", "hr": "hours", "hrs": "hours", "小时": "hours",
    "d": "days", "天": "days", "日": "days",
    "w": "weeks", "wk": "weeks", "wks": "weeks", "周": "weeks", "星期": "weeks",
    "mo": "months", "mon": "months", "月": "months",
    "wd": "workdays", "bd": "workdays", "工作日": "workdays", "工作天": "workdays",
    "wh": "workhours", "bh": "workhours", "工作小时": "workhours", "工作分钟": "workminutes",
}  # fmt: skip
_PLURALS = ("seconds", "minutes", "hours", "days", "weeks", "months", "workminutes", "workhours", "workdays")
_ISO = re.compile(r"P(?:(\d+)([YMWD]))?(?:T(\d+)([HMS]))?\Z", re.I)
_ISO_DATE = {"Y": (12, "months"), "M": (1, "months"), "W": (1, "weeks"), "D": (1, "days")}
_ISO_TIME = {"H": "hours", "M": "minutes", "S": "seconds"}
_CRON_DAYS = {name[:3]: number for number, name in enumerate(WEEKDAYS, 1)} | {"7": 7, "0": 7}


def unit_meant(word: str) -> str:
    """The plural unit that a word stands for: `m`, `day`, `Minutes`, `business days`; empty if none."""
    plain = re.sub(r"[\s_-]+", "", word.lower().removeprefix("个"))
    plain = re.sub(r"^(working|business|work)(?=[a-z])", "work", plain)
    for candidate in (plain, plain + "s"):
        if candidate in _PLURALS:
            return candidate
    return _UNITS.get(plain, "")


def duration_meant(text: str) -> str:
    """`5m` -> `5 minutes`, `P3D` -> `3 days`, `1 day` -> `1 days`, `2 years` -> `24 months`."""
    if iso := _ISO.match(text.strip()):
        number, letter, clock_number, clock_letter = iso.groups()
        if number and not clock_number:
            times, unit = _ISO_DATE[letter.upper()]
            return f"{int(number) * times} {unit}"
        if clock_number and not number:
            return f"{int(clock_number)} {_ISO_TIME[clock_letter.upper()]}"
        return ""
    parts = re.match(r"(?:every\s+)?([0-9][0-9_]*(?:\.[0-9]+)?)\s*(.+)\Z", text.strip(), re.I)
    if parts is None:
        turned = re.match(r"([A-Za-z]+)\s+([0-9]+)\Z", text.strip())
        return f"{turned[2]} {unit_meant(turned[1])}" if turned and unit_meant(turned[1]) else ""
    number, word = parts[1].replace("_", ""), parts[2]
    if word.lower() in ("year", "years", "y", "年") and number.isdigit():
        return f"{int(number) * 12} months"
    unit = unit_meant(word)
    return f"{number} {unit}" if unit else ""


def clock_meant(text: str) -> str:
    """`9:00`, `9am`, `09:00:00`, `9点` -> `09:00`; empty if no clock time."""
    parts = re.match(r"(\d{1,2})(?:[:：.h](\d{2}))?(?::\d{2})?\s*(am|pm|点|h)?\Z", text.strip().lower())
    if parts is None or (parts[2] is None and parts[3] is None):
        return ""
    hour = int(parts[1]) + (12 if parts[3] == "pm" and int(parts[1]) < 12 else 0)
    minute = int(parts[2] or 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else ""


def ordinal(day: int) -> str:
    """25 -> `25th`."""
    suffix = "th" if 10 < day % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def _cron(text: str) -> str:
    named = {"@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 7", "@monthly": "0 0 1 * *"}
    named["@hourly"] = "0 * * * *"
    fields = named.get(text.lower(), text).split()
    if len(fields) != 5 or not all(re.fullmatch(r"[0-9*/,A-Za-z?L-]+", field) for field in fields):
        return ""
    minute, hour, day, month, weekday = (field.lower().replace("?", "*") for field in fields)
    for step, unit in ((minute, "minutes"), (hour, "hours")):
        if (every := re.fullmatch(r"\*/(\d+)", step)) and day == month == weekday == "*":
            return f"{every[1]} {unit}"
    if minute == "0" and hour == day == month == weekday == "*":
        return "1 hours"
    if not minute.isdigit() or not hour.isdigit() or month != "*" or int(hour) > 23 or int(minute) > 59:
        return ""
    at = f"at {int(hour):02}:{int(minute):02}"
    if weekday in ("1-5", "mon-fri") and day == "*":
        return f"workday {at}"
    if day == "l" and weekday == "*":
        return f"last day of month {at}"
    if day.isdigit() and weekday == "*" and 1 <= int(day) <= 31:
        return f"{ordinal(int(day))} of month {at}"
    number = _CRON_DAYS.get(weekday) or (int(weekday) if weekday.isdigit() and 1 <= int(weekday) <= 7 else None)
    if number and day == "*":
        return f"{WEEKDAYS[number - 1]} {at}"
    return f"day {at}" if day == weekday == "*" else ""


def schedule_meant(text: str) -> str:
    """`0 9 * * 1-5` -> `workday at 09:00`, `daily at 9am` -> `day at 09:00`, `5m` -> `5 minutes`."""
    if found := _cron(text.strip()):
        return found
    parts = re.match(r"(?:every\s+)?(.+?)(?:\s+(?:at\s+)?(\S+))?\Z", text.strip(), re.I)
    if parts is None:
        return ""
    day, clock = parts[1].lower(), clock_meant(parts[2] or "")
    if found := duration_meant(text):
        return found
    if monthly := re.fullmatch(r"(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?\s+of\s+(?:the\s+|each\s+|every\s+)?month", day):
        number = int(monthly[1])
        return f"{ordinal(number)} of month at {clock or '09:00'}" if 1 <= number <= 31 else ""
    words = {"daily": "day", "days": "day", "workdays": "workday", "weekday": "workday", "weekdays": "workday"}
    words |= {"business day": "workday", "每天": "day", "工作日": "workday", "last day": "last day of month"}
    words |= {word: name for name in WEEKDAYS for word in (name, name[:3], name + "s")}
    words |= {word: word for word in ("day", "workday", "last day of month")}
    return f"{words[day]} at {clock or '09:00'}" if day in words else ""
