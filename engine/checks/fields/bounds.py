"""unsatisfiable-field: bounds that leave no value, a choice without entries, a number that is always the same, a role
that nobody has, a required field that those who may create the record may not fill in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.durations import Duration, read_number
from engine.language.kinds.form import Access, Field, Form
from engine.language.literals import read_literal
from engine.language.messages import forms
from engine.language.source import place_of
from engine.language.values import Literal
from engine.rules.serials import is_pattern

UTC = ZoneInfo("UTC")
COUNTED = frozenset({"text", "long_text", "list"})
STEPS: Mapping[str, Any] = {"money": Decimal("0.01"), "date": dt.timedelta(days=1)}
"""The smallest step between two values; numbers and moments have none."""


class Limit(NamedTuple):
    """`value` is the last one that fits; `strict` when it does not fit itself. `key` is how it is written."""

    value: Any
    strict: bool
    key: str


def check(view: View) -> Iterator[Diagnostic]:
    for definition, keys, field in view.of(Field):
        name = keys[-1] if keys else definition.name
        yield from _bounds(name, field, view)
        yield from _of_type(name, field, view)
    for form in view.pack.kind(Form).values():
        yield from _fillable(form, view)


def _bounds(name: str, field: Field, view: View) -> Iterator[Diagnostic]:
    lows = [limit for key in ("at_least", "above") if (limit := _limit(field, key, view)) is not None]
    highs = [limit for key in ("at_most", "below") if (limit := _limit(field, key, view)) is not None]
    for high in highs:
        for low in lows:
            if low.value > high.value or (low.value == high.value and (low.strict or high.strict)):
                yield forms.unsatisfiable_field(
                    field.place(high.key),
                    name,
                    f"{low.key} and {high.key} leave no value between them",
                    f"{low.key} 与 {high.key} 之间没有任何值",
                    f"write a higher {high.key} or a lower {low.key}",
                    f"请提高 {high.key} 或降低 {low.key}",
                )
                return
        if field.type in COUNTED and high.value < 1:
            yield forms.unsatisfiable_field(
                field.place(high.key),
                name,
                "it may have nothing in it",
                "它不能有任何内容",
                f"write {high.key} with 1 or more",
                f"{high.key} 请写 1 或更大",
            )


def _limit(field: Field, key: str, view: View) -> Limit | None:
    """A bound that is written out, as a value; on a grid the strict bounds are moved to the next value that fits."""
    written = getattr(field, key)
    if not isinstance(written, Literal):
        return None
    if field.type in COUNTED:
        number = read_number(str(written.text).removesuffix(" rows").removesuffix(" row"))
        return None if number is None else Limit(number, False, key)
    value = read_literal(written.text, written.span, view.types.field(field, key), UTC)
    if value is None or isinstance(value, Diagnostic | Duration):
        return None
    strict, step = key in ("above", "below"), STEPS.get(field.type)
    if strict and step is not None:
        try:
            return Limit(value + step if key == "above" else value - step, False, key)
        except OverflowError:
            return None
    return Limit(value, strict, key)


def _of_type(name: str, field: Field, view: View) -> Iterator[Diagnostic]:
    if field.type in ("choice", "choices") and field.of == {}:
        yield forms.unsatisfiable_field(
            field.place("of"), name, "it has no entries", "没有任何选项", "write its entries", "请写出选项"
        )
    if field.type == "serial" and field.pattern is not None and not is_pattern(field.pattern):
        yield forms.unsatisfiable_field(
            field.place("pattern"),
            name,
            "the pattern has no zeros for the counter, so the second number would be the first again",
            "模式中没有计数用的 0，第二个编号会与第一个相同",
            f"write {field.pattern[:40]}-0000",
            f"请写 {field.pattern[:40]}-0000",
        )
    organization = view.pack.organization
    if field.role is None or organization is None or not field.required or field.role not in organization.roles:
        return
    if not any(field.role in person.roles for person in organization.people.values()):
        yield forms.unsatisfiable_field(
            place_of(field.role),
            name,
            f"it is required, and nobody has the role '{field.role}'",
            f"必须填写，但没有人拥有角色“{field.role}”",
            "give somebody the role",
            "请把该角色分配给某人",
        )


def _fillable(form: Form, view: View) -> Iterator[Diagnostic]:
    """Who may create the record must be allowed to fill in what is required: with all roles of one person together."""
    lines = [line for line in form.access or () if "create" in line.may]
    wanted = [name for name, field in form.fields.items() if _is_asked(field)]
    for line in lines:
        for name in wanted:
            if _covers(line, name) or any(_covers(other, name) for other in _beside(line, lines, view)):
                continue
            key = "only" if line.only is not None else "except"
            yield forms.unsatisfiable_field(
                line.place(key),
                name,
                f"it is required, and the role '{line.role}' may create the record but not fill it in",
                f"必须填写，而角色“{line.role}”可以新建记录却不能填写它",
                f"let the role fill in '{name}', or give the field a start_with",
                f"请允许该角色填写“{name}”，或为字段写 start_with",
            )


def _is_asked(field: Field) -> bool:
    if not field.required or field.visible_if is not None or field.start_with is not None:
        return False
    return field.formula is None and field.type not in ("serial", "records")


def _covers(line: Access, name: str) -> bool:
    return name in line.only if line.only is not None else name not in (line.except_ or ())


def _beside(line: Access, lines: list[Access], view: View) -> list[Access]:
    """The other lines that somebody with this line's role has too."""
    organization = view.pack.organization
    people = organization.people.values() if organization is not None else ()
    roles = {str(role) for person in people if line.role in person.roles for role in person.roles} | {str(line.role)}
    return [other for other in lines if str(other.role) in roles]
