"""A template's text with its holes filled in, for one reader: money, dates and titles as that reader writes them.

Logic-less: a hole is one expression of the language and at most one filter (language/holes.py); what a value says is
never read again, so `{{` in a record's field stays text. An empty value leaves nothing behind.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from engine.language.diagnostics import Diagnostic
from engine.language.durations import Duration
from engine.language.expressions.compile import compiled
from engine.language.expressions.context import CONTEXT, Context
from engine.language.expressions.functions.text import plain_number
from engine.language.expressions.things import Person, Record
from engine.language.expressions.tree import Field
from engine.language.holes import Hole, pieces

Language = Literal["zh", "en"]

SYMBOLS: Mapping[str, str] = {
    "CNY": "¥", "JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$", "SGD": "S$", "KRW": "₩",
    "INR": "₹", "AUD": "A$", "CAD": "C$", "CHF": "CHF ",
}  # fmt: skip
"""Any other currency stands as its code before the amount."""
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_CENT = Decimal("0.01")


def render(text: str, env: Mapping[str, Any], language: Language, currency: str, zone: ZoneInfo) -> str:
    """`text` with its holes worked out in `env` (`env['@']` a Context, as for every expression).

    Raises ExpressionFault when the data is not what check was promised, ValueError for a text that check refuses.
    """
    reader = _Reader(language, currency, zone, env)
    return "".join(piece if isinstance(piece, str) else reader.fill(piece) for piece in _pieces(str(text)))


def render_line(text: str, env: Mapping[str, Any], language: Language, currency: str, zone: ZoneInfo) -> str:
    """The same as one line, for subjects: line breaks and control characters become single spaces."""
    return one_line(render(text, env, language, currency, zone))


def one_line(text: str) -> str:
    plain = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return re.sub(r" {2,}", " ", plain).strip()


@lru_cache(maxsize=1024)
def _pieces(text: str) -> tuple[str | _Filling, ...]:
    found: list[str | _Filling] = []
    for piece in pieces(text):
        if isinstance(piece, Diagnostic):
            raise ValueError(f"a template that check refuses: {piece.message()}")
        found.append(_Filling(piece) if isinstance(piece, Hole) else piece)
    return tuple(found)


class _Filling:
    """A hole made ready; `owner` works out whose field it reads, for titles of that very field."""

    def __init__(self, hole: Hole) -> None:
        tree = hole.expression.tree
        self.expression, self.filter = hole.expression, hole.filter
        self.field = tree.name if isinstance(tree, Field) else None
        self.owner: Callable[[Mapping[str, Any]], Any] | None = compiled(tree.of) if isinstance(tree, Field) else None


class _Reader:
    def __init__(self, language: Language, currency: str, zone: ZoneInfo, env: Mapping[str, Any]) -> None:
        self.language, self.currency, self.zone, self.env = language, currency, zone, env
        self.context: Context | None = env.get(CONTEXT)

    def fill(self, filling: _Filling) -> str:
        value = filling.expression.run(self.env)
        match filling.filter:
            case "count":
                return (
                    str(len(value)) if isinstance(value, tuple | list) else "0" if value is None else self.plain(value)
                )
            case "money" if isinstance(value, int | Decimal) and not isinstance(value, bool):
                return money_text(value, self.currency)
            case "date" if isinstance(value, dt.date):
                return self.date(value)
            case "title":
                return self.title(value, filling)
            case _:
                return self.plain(value)

    def date(self, value: dt.date) -> str:
        """The day; of a moment the day in the pack's zone."""
        day = value.astimezone(self.zone).date() if isinstance(value, dt.datetime) else value
        if self.language == "zh":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def title(self, value: Any, filling: _Filling) -> str:
        if isinstance(value, tuple | list):
            return self.listed([self.title(item, filling) for item in value])
        if not isinstance(value, str) or self.context is None:
            return self.plain(value)
        owner = filling.owner(self.env) if filling.owner is not None else None
        if isinstance(owner, Record):
            return self.context.title_of(owner, filling.field, value)
        return self.context.title_of(None, None, value)

    def plain(self, value: Any) -> str:
        """A value without a filter, as `text(...)` would write it; yes and no in the reader's language."""
        match value:
            case None:
                return ""
            case bool():
                return {"zh": "是" if value else "否", "en": "yes" if value else "no"}[self.language]
            case int() | str() | Duration():
                return str(value)
            case Decimal():
                return plain_number(value)
            case dt.datetime():
                return f"{value.astimezone(self.zone):%Y-%m-%d %H:%M}"
            case dt.date():
                return value.isoformat()
            case dt.time():
                return f"{value:%H:%M}"
            case Person():
                return str(value["name"] or value.id)
            case Record():
                return self.context.label(value) if self.context is not None else str(value.id)
            case tuple() | list():
                return self.listed([self.plain(item) for item in value])
            case _:
                raise ValueError(f"a template shows no {type(value).__name__}")

    def listed(self, texts: list[str]) -> str:
        return ("、" if self.language == "zh" else ", ").join(text for text in texts if text)


def money_text(amount: int | Decimal, currency: str) -> str:
    """¥1,234.50: the symbol, thousands by commas, always two decimals; a minus stands before the symbol."""
    cents = Decimal(amount).quantize(_CENT)
    symbol = SYMBOLS.get(currency, f"{currency} " if currency else "")
    return f"{'-' if cents < 0 else ''}{symbol}{abs(cents):,.2f}"
