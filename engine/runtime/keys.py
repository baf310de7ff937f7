"""The texts under which records are found: order-preserving keys, and the pieces of names (RUNTIME R9, R55)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from engine.language.expressions.plain import moment_text
from engine.language.expressions.things import Person, Record
from engine.language.kinds.form import Field
from engine.rules.comparing import key_of, tokens

LOAD = "~load"
"""The field of the key rows that say who holds an open record: `loads` counts exactly these rows (R33)."""

_LONGEST = 200
_EXPONENTS = 10_000
_TURNED = str.maketrans("0123456789", "9876543210")


def pieces_field(field: str) -> str:
    """Under which name the pieces of a text field's names stand."""
    return f"~{field}"


def key_text(value: Any, field: Field) -> str | None:
    """The key of a typed value; None for an empty one and for types that nothing is found by."""
    match value:
        case Record() | Person():
            text: str | None = str(value.id)
        case bool():
            text = "yes" if value else "no"
        case int() | Decimal():
            text = number_key(value)
        case dt.datetime():
            text = moment_text(value)[:-1].ljust(26, "0") if value.microsecond else moment_text(value)[:-1] + ".000000"
        case dt.date() | dt.time():
            text = value.isoformat()
        case str():
            text = key_of(value, field)
        case _:
            text = None
    return shortened(text)


def shortened(text: str | None) -> str | None:
    """A key that an index can hold: a very long one keeps its begin and is told apart by its digest."""
    if text is None or len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}#{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def number_key(number: int | Decimal) -> str:
    """A text that sorts as the number does: sign, exponent, digits. Equal numbers have equal texts."""
    decimal = Decimal(number)
    if decimal == 0:
        return "1"
    _, digits, exponent = decimal.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    assert isinstance(exponent, int)
    power = len(text) + exponent + _EXPONENTS
    body = f"{power:05}{text.rstrip('0')}"
    return f"2{body}" if decimal > 0 else f"0{body.translate(_TURNED)}~"


def pieces(text: Any) -> Iterator[str]:
    """The pieces by which alike names are found."""
    if isinstance(text, str):
        yield from dict.fromkeys(piece[:_LONGEST] for piece in tokens(text))
