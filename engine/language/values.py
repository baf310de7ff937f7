"""What stands in a value place: a literal, read by the type of where it goes, or a formula after `= `."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.language.expressions.parse import Expression
from engine.language.source import Span, Word


@dataclass(frozen=True)
class Literal:
    """A scalar as written; its meaning depends on the type of the place: `no` is a text, a choice or a yes_no."""

    text: Word
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Formula:
    expression: Expression
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Items:
    """A list written out."""

    items: tuple[Value, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Fields:
    """A row written out."""

    fields: Mapping[str, Value]
    span: Span = field(compare=False)


Value = Literal | Formula | Items | Fields


def formulas_of(value: Value) -> Iterator[Expression]:
    """Every expression in a value."""
    if isinstance(value, Formula):
        yield value.expression
    elif isinstance(value, Items):
        for item in value.items:
            yield from formulas_of(item)
    elif isinstance(value, Fields):
        for part in value.fields.values():
            yield from formulas_of(part)
