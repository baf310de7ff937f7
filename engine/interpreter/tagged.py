"""Values as JSON data that say their own type: for items of copies and other data that have no declared type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.language.expressions.things import Person, Record, Row

Finder = Callable[[str, Any], Any]
"""kind ('record' or 'person') and key to the thing itself."""


def to_tagged(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return {"n": str(value)}
        case dt.datetime():
            return {"m": value.isoformat()}
        case dt.date():
            return {"d": value.isoformat()}
        case dt.time():
            return {"t": value.isoformat()}
        case Record():
            return {"r": [value.form, value.id]}
        case Person():
            return {"p": value.id}
        case Row() | dict():
            return {"o": {name: to_tagged(part) for name, part in value.items()}}
        case tuple() | list():
            return [to_tagged(part) for part in value]
        case _:
            return str(value)


def from_tagged(value: Any, find: Finder) -> Any:
    if isinstance(value, list):
        return tuple(from_tagged(part, find) for part in value)
    if not isinstance(value, dict):
        return value
    ((tag, inner),) = value.items()
    match tag:
        case "n":
            return Decimal(inner)
        case "m":
            return dt.datetime.fromisoformat(inner)
        case "d":
            return dt.date.fromisoformat(inner)
        case "t":
            return dt.time.fromisoformat(inner)
        case "r":
            return find("record", tuple(inner))
        case "p":
            return find("person", inner)
        case _:
            return Row({name: from_tagged(part, find) for name, part in inner.items()})
