"""Which line the values of a type lie on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from engine.checks.regions.lines import Entries, Line, Numbers, Texts
from engine.checks.regions.times import Days, Durations, Moments, Times
from engine.language.expressions.types import Choice, Choices, ListOf, Plain, RecordType, Rows, TemplateType, Type

LINES: Mapping[str, Line] = {
    "number": Numbers(),
    "literal number": Numbers(),
    "money": Numbers(Decimal("0.01")),
    "date": Days(),
    "time": Times(),
    "moment": Moments(),
    "duration": Durations(),
    "yes_no": Entries((True, False)),
    "text": Texts(),
    "literal text": Texts(),
}


def line_of(type_: Type) -> Line | None:
    """The line of a type's values; None where nothing is known (ANY after an error).

    Of what has no order (persons, records, lists) a line that can tell equal from different.
    """
    match type_:
        case Plain(name="any" | "empty"):
            return None
        case Plain(name=name):
            return LINES.get(name, Texts(False))
        case Choice(entries=entries):
            return Entries(tuple(entries)) if entries else None
        case Choices() | ListOf() | RecordType() | Rows() | TemplateType():
            return Texts(False)
