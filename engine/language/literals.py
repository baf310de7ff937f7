"""A literal's meaning by the type of its place: `no` is a yes_no, a choice or a text, never guessed from its look."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from engine.language import durations
from engine.language.diagnostics import Diagnostic, did_you_mean
from engine.language.expressions.things import Row
from engine.language.expressions.types import (
    Choice,
    Choices,
    ListOf,
    Plain,
    RecordType,
    Rows,
    TemplateType,
    Type,
    words,
)
from engine.language.messages import syntax
from engine.language.source import Span
from engine.language.values import Fields, Formula, Items, Literal, Value
from engine.language.wall_clock import to_utc


class Unreadable(Exception):
    """Internal: a literal that its type cannot read; carries the finding."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message())
        self.diagnostic = diagnostic


def read_literal(text: str, span: Span, type_: Type, zone: ZoneInfo) -> object:
    """The value of a scalar's text, or a Diagnostic. `empty` is None. Persons stay their id, for the caller to look up."""
    if text == "empty":
        return None
    text = str(text)  # a value has no place of its own: it may be stored
    match type_:
        case Choice(name, entries):
            return text if text in entries else _not_an_entry(text, span, name, entries)
        case Choices(of):
            parts = [part.strip() for part in text.split(",")]
            wrong = next((part for part in parts if part not in of.entries), None)
            return tuple(parts) if wrong is None else _not_an_entry(wrong, span, of.name, of.entries)
        case TemplateType():
            return str(text)
        case Plain(name="number" | "money"):
            number = durations.read_number(text)
            return number if number is not None else _wrong(text, span, type_)
        case Plain(name="yes_no"):
            return text == "yes" if text in ("yes", "no") else _wrong(text, span, type_)
        case Plain(name="date"):
            return durations.read_date(text) or _wrong(text, span, type_)
        case Plain(name="time"):
            read = durations.read_time(text)
            return read if read is not None else _wrong(text, span, type_)
        case Plain(name="moment"):
            local = durations.read_wall_clock(text)
            return to_utc(local, zone) if local is not None else _wrong(text, span, type_)
        case Plain(name="duration"):
            return durations.parse_duration(text, span)
        case RecordType() | ListOf() | Rows():
            return _wrong(text, span, type_)
        case _:
            return str(text)


def _wrong(text: str, span: Span, type_: Type) -> Diagnostic:
    return syntax.ambiguous_scalar(span, text, *words(type_))


def _not_an_entry(text: str, span: Span, name: str, entries: object) -> Diagnostic:
    from engine.language.messages import type_errors

    return type_errors.unknown_choice(span, text, name, list(entries))  # type: ignore[call-overload]


def read_value(value: Value, type_: Type, zone: ZoneInfo, evaluate: Callable[[Formula], object]) -> object:
    """A whole value place by its type: formulas through `evaluate`, rows and lists part by part. Raises Unreadable."""
    match value:
        case Formula():
            return evaluate(value)
        case Literal(text, span):
            read = read_literal(text, span, type_, zone)
            if isinstance(read, Diagnostic):
                raise Unreadable(read)
            return read
        case Items(items, span):
            of = type_.of if isinstance(type_, ListOf | Choices) else None
            if of is None:
                raise Unreadable(syntax.wrong_shape(span, *words(type_)))
            return tuple(read_value(item, of, zone, evaluate) for item in items)
        case Fields(fields, span):
            if not isinstance(type_, Rows):
                raise Unreadable(syntax.wrong_shape(span, *words(type_)))
            row = Row()
            for name, part in fields.items():
                if name not in type_.fields:
                    place = getattr(name, "span", span)
                    raise Unreadable(
                        syntax.unknown_key(place, name, f"a row of {type_.name}", type_.fields, f"{type_.name} 的行")
                    )
                row[name] = read_value(part, type_.fields[name], zone, evaluate)
            return row


__all__ = ["Unreadable", "did_you_mean", "read_literal", "read_value"]
