"""Values written out: each literal must be readable by the declared type of its place, each formula must fit it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.expressions import types
from engine.language.expressions.check import check as check_expression
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.types import Choices, ListOf, Names, Plain, RecordType, Rows, Type, words
from engine.language.literals import read_literal
from engine.language.messages import people, syntax, type_errors
from engine.language.places import Place
from engine.language.source import place_of
from engine.language.values import Fields, Formula, Items, Literal, Value

UTC = ZoneInfo("UTC")
EXAMPLES: Mapping[str, tuple[str, str]] = {
    "yes_no": ("yes or no", "yes 或 no"),
    "number": ("a number as 12.5 or 2_000", "数字，如 12.5 或 2_000"),
    "money": ("an amount as 12.50 or 2_000", "金额，如 12.50 或 2_000"),
    "date": ("a date as 2026-03-02", "日期，如 2026-03-02"),
    "time": ("a time of day as 09:00", "时刻，如 09:00"),
    "moment": ("a moment as 2026-03-02 09:00", "日期时间，如 2026-03-02 09:00"),
}
ROWS = re.compile(r"\d+ rows?\Z")


def check_value(value: Value, place: Place, view: View) -> Iterator[Diagnostic]:
    """What is wrong with a value at its place. Without a known type only its formulas are looked at."""
    wants = place.wants[0] if isinstance(place.wants, tuple) else place.wants
    yield from of_type(
        value, wants or types.ANY, place.names, view, bound=place.keys[-1:] and place.keys[-1] in _BOUNDS
    )


_BOUNDS = ("at_least", "at_most", "above", "below")


def of_type(value: Value, type_: Type, names: Names, view: View, bound: object = False) -> Iterator[Diagnostic]:
    match value:
        case Formula(expression, _):
            wants = None if type_ == types.ANY else type_
            yield from check_expression(expression, names, view.types.vocabulary, wants)[1]
        case Literal(text, span):
            if bound and ROWS.match(text):
                return
            yield from _literal(text, value, type_, names, view)
        case Items(items, span):
            of = type_.of if isinstance(type_, ListOf | Choices) else type_ if type_ == types.ANY else None
            if of is None:
                yield syntax.wrong_shape(span, *words(type_))
                return
            for item in items:
                yield from of_type(item, of, names, view)
        case Fields(fields, span):
            yield from _row(fields, value, type_, names, view)


def _row(fields: object, value: Fields, type_: Type, names: Names, view: View) -> Iterator[Diagnostic]:
    if type_ != types.ANY and not isinstance(type_, Rows):
        yield syntax.wrong_shape(value.span, *words(type_))
        return
    for name, part in value.fields.items():
        if isinstance(type_, Rows) and name not in type_.fields:
            place = place_of(name)
            yield type_errors.unknown_variable(
                place if place.line else value.span,
                name,
                f"a row of {type_.name}",
                f"{type_.name} 的一行",
                type_.fields,
            )
            continue
        yield from of_type(part, type_.fields[name] if isinstance(type_, Rows) else types.ANY, names, view)


def _literal(text: str, value: Literal, type_: Type, names: Names, view: View) -> Iterator[Diagnostic]:
    if type_ == types.ANY or text == "empty":
        return
    span = value.span
    meant = _meant(text, value, names, view)
    match type_:
        case Plain(name="person"):
            known = view.types.vocabulary.people
            if text in known:
                return
            if meant is None and "." in text:  # no id has a point: the equals sign was forgotten
                hint = f"write = {text}", f"请写 = {text}"
                yield type_errors.type_mismatch(span, "a text", "文本", *words(type_), *hint)
                return
            if meant is not None:
                yield meant_finding(value, meant, type_)
            elif not any(kind == "organization" for kind, _ in view.broken):
                yield people.unknown_person(span, "person", text, sorted(known))
            return
        case Plain(name="text") if meant is None or "." not in text:
            return
        case RecordType():
            name = text if re.match(r"[a-z][a-z0-9_.]*\Z", text) else "..."
            yield type_errors.type_mismatch(
                span, "a text", "文本", *words(type_), f"write a formula: = {name}", f"请写公式：= {name}"
            )
            return
    if meant is not None:
        yield meant_finding(value, meant, type_)
        return
    read = read_literal(text, span, type_, UTC)
    if isinstance(read, Diagnostic):
        example = EXAMPLES.get(type_.name) if isinstance(type_, Plain) else None
        yield read if example is None else syntax.ambiguous_scalar(span, text, *example)


def meant_finding(value: Literal, expression: Expression, type_: Type) -> Diagnostic:
    """The equals sign was forgotten: the literal is a readable expression."""
    return type_errors.type_mismatch(
        value.span,
        "a text",
        "文本",
        *words(type_),
        f"write = {expression.text}",
        f"请写 = {expression.text}",
        (expression.text, f"= {expression.text}"),
    )


def _meant(text: str, value: Literal, names: Names, view: View) -> Expression | None:
    """The expression that a literal looks like: a dotted path or a call over names that can be read here."""
    if not re.match(r"[a-z_][a-z0-9_]*[.(]", text):
        return None
    parsed = parse(text, value.span)
    if isinstance(parsed, Diagnostic) or check_expression(parsed, names, view.types.vocabulary)[1]:
        return None
    return parsed
