"""One field's declaration against one value: required, bounds, entries, phone and e-mail, rows (LANGUAGE section 7).

Compiled once a field, bounds read by its type. Values have their declared type already (see `expressions.plain`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.language.diagnostics import Diagnostic
from engine.language.durations import read_number
from engine.language.expressions import types
from engine.language.expressions.arithmetic import Env
from engine.language.expressions.plain import stored, to_plain
from engine.language.expressions.things import Person, Record, Row
from engine.language.expressions.types import Choice, Choices, ListOf, Rows, Type
from engine.language.kinds.form import Field
from engine.language.literals import read_literal
from engine.language.messages import syntax
from engine.language.values import Formula, Literal, Value
from engine.rules.comparing import email_address, phone_number
from engine.rules.in_form import InForm
from engine.rules.violations import Violation, violation

Place = tuple[str | int, ...]
COMPUTED = frozenset({"records"})
_BOUNDS: tuple[tuple[str, str, Callable[[Any, Any], bool]], ...] = (
    ("at_least", "at-least", operator.ge),
    ("at_most", "at-most", operator.le),
    ("above", "above", operator.gt),
    ("below", "below", operator.lt),
)


@dataclass(frozen=True)
class Bound:
    """A bound of a field: a fixed limit, or a formula over the record."""

    code: str
    holds: Callable[[Any, Any], bool]
    limit: Any = None
    formula: Formula | None = None

    def limit_in(self, env: Env) -> Any:
        return self.limit if self.formula is None else self.formula.expression.run(env)


@dataclass(frozen=True)
class FieldRules:
    """A field ready to check values; `rows` are the fields of a list's rows."""

    name: str
    field: Field
    type: Type
    title: tuple[str, str]
    bounds: tuple[Bound, ...]
    rows: Mapping[str, FieldRules]

    @property
    def is_computed(self) -> bool:
        """Nobody writes it: a formula, or the records that point here."""
        return self.field.formula is not None or self.field.type in COMPUTED

    def normal(self, value: Any) -> Any:
        """The value as it is kept: phone as E.164, e-mail with a small domain, money to the cent, a blank text empty.

        What cannot be read as a phone or e-mail stays, for `violations` to name.
        """
        if isinstance(value, str):
            value = value if self.field.type in ("long_text", "file") else value.strip()
            if not value.strip():
                return None
            if self.field.type == "phone":
                return phone_number(value, self.field.country) or value
            if self.field.type == "email":
                return email_address(value) or value
            return value
        if self.rows and isinstance(value, tuple | list):
            return tuple(Row({name: self._cell(name, item) for name, item in row.items()}) for row in value)
        return stored(value, self.type)

    def _cell(self, name: str, value: Any) -> Any:
        return self.rows[name].normal(value) if name in self.rows else value

    def violations(self, value: Any, env: InForm, place: Place) -> Iterator[Violation]:
        """What is wrong with a normal value of this field; `env` is the record it stands in."""
        field = self.field
        if field.type == "list" and value is None:
            value = ()
        if value is None or value == ():
            if field.required and (field.visible_if is None or field.visible_if.holds(env)):
                yield violation("required", place, self.title)
                return
            if field.type != "list":
                return
        yield from self._of_type(value, env, place)
        measured = len(value) if field.type in ("list", "text", "long_text") else value
        for bound in self.bounds:
            limit = bound.limit_in(env)
            if limit is not None and not bound.holds(measured, limit):
                yield violation(bound.code, place, self.title, (shown := _shown(limit), shown))

    def _of_type(self, value: Any, env: InForm, place: Place) -> Iterator[Violation]:
        field = self.field
        match self.type:
            case Choice(entries=entries) if value not in entries:
                yield violation("unknown-choice", place, self.title, (value, value))
            case Choices(of=Choice(entries=entries)):
                for entry in value:
                    if entry not in entries:
                        yield violation("unknown-choice", place, self.title, (entry, entry))
            case ListOf(of=Rows()):
                yield from self._rows(value, env, place)
        if field.type == "phone" and phone_number(value, field.country) is None:
            yield violation("not-a-phone", place, self.title, (value, value))
        if field.type == "email" and email_address(value) is None:
            yield violation("not-an-email", place, self.title, (value, value))
        if field.role is not None and isinstance(value, Person) and field.role not in (value["roles"] or ()):
            yield violation("wrong-role", place, self.title, (name := str(value["name"] or value.id), name))
        if field.of_my is not None and isinstance(value, Record) and value[field.of_my] != env[field.of_my]:
            yield violation("not-of-my", place, self.title, (str(field.of_my), str(field.of_my)))

    def _rows(self, value: Any, env: InForm, place: Place) -> Iterator[Violation]:
        for number, row in enumerate(value):
            inside = InForm(_Within(row, env))
            for name in row:
                if name not in self.rows:
                    yield violation("unknown-field", (*place, number, name), (name, name))
            for name, rules in self.rows.items():
                yield from rules.violations(row.get(name), inside, (*place, number, name))


class _Within(dict[str, Any]):
    """A row's own fields first, then those of the record around it."""

    def __init__(self, row: Mapping[str, Any], around: InForm) -> None:
        super().__init__(row)
        self.around = around

    def __missing__(self, name: str) -> Any:
        return self.around[name]


def _shown(limit: Any) -> str:
    return str(to_plain(limit))


def compile_field(
    name: str, field: Field, type_: Type, zone: ZoneInfo, title: tuple[str, str] | None = None
) -> FieldRules | list[Diagnostic]:
    """The rules of a declared field, or what is wrong with its bounds. `title` in en and zh."""
    words = name.replace("_", " ")
    problems: list[Diagnostic] = []
    bounds: list[Bound] = []
    for key, code, holds in _BOUNDS:
        value: Value | None = getattr(field, key)
        if value is not None:
            bound = _bound(field, code, holds, value, type_, zone)
            (problems if isinstance(bound, Diagnostic) else bounds).append(bound)  # type: ignore[arg-type]
    rows: dict[str, FieldRules] = {}
    if isinstance(type_, ListOf) and isinstance(type_.of, Rows) and isinstance(field.of, Mapping):
        for inner, declared in field.of.items():
            found = compile_field(str(inner), declared, type_.of.fields[inner], zone)
            if isinstance(found, list):
                problems += found
            else:
                rows[str(inner)] = found
    if problems:
        return problems
    return FieldRules(name, field, type_, title or (words, str(field.title or words)), tuple(bounds), rows)


def _bound(
    field: Field, code: str, holds: Callable[[Any, Any], bool], value: Value, type_: Type, zone: ZoneInfo
) -> Bound | Diagnostic:
    counted = {"list": "rows", "text": "text", "long_text": "text"}.get(field.type)
    if counted is not None:
        code = f"{counted}-{code}"
    if isinstance(value, Formula):
        return Bound(code, holds, formula=value)
    if not isinstance(value, Literal):
        return syntax.wrong_shape(value.span, "one value", "一个值")
    if counted is None:
        read = read_literal(value.text, value.span, type_, zone)
        if read is None:
            return syntax.ambiguous_scalar(value.span, value.text, *types.words(type_))
        return read if isinstance(read, Diagnostic) else Bound(code, holds, read)
    number_text = value.text.removesuffix(" rows") if counted == "rows" else value.text
    number = read_number(number_text)
    wrong = number is None or isinstance(number, Decimal) or (counted == "rows" and number_text == value.text)
    if wrong:
        expected = ("a number of rows as 1 rows", "行数，如 1 rows")
        if counted == "text":
            expected = ("a number of characters", "字符数")
        return syntax.ambiguous_scalar(value.span, value.text, *expected)
    return Bound(code, holds, number)
