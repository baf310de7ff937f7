"""default-breaks-own-rule: the value of `start_with` judged by the rules that judge it when a record is written."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from engine.checks.conditions.asking import Conditions, conditions_of
from engine.checks.conditions.constants import rule_formula
from engine.checks.conditions.formula import Atom, Formula, terms
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.faults import ExpressionFault
from engine.language.kinds.form import Field, Form, Must
from engine.language.literals import read_literal
from engine.language.messages import forms
from engine.language.values import Literal
from engine.rules.fields import FieldRules, compile_field
from engine.rules.in_form import InForm

UTC = ZoneInfo("UTC")
SAID_ELSEWHERE = frozenset({"unknown-choice", "required"})
PURE = frozenset({
    "has", "first_of", "count", "sum", "average", "min", "max", "any", "all", "contains", "round", "floor", "ceil", "abs",
    "percent", "text", "number", "lower", "upper", "trim", "length", "starts_with", "date", "days_between",
})  # fmt: skip
"""Functions that need neither clock nor calendar nor people."""


def check(view: View) -> Iterator[Diagnostic]:
    for definition, keys, field in view.of(Field):
        if isinstance(field.start_with, Literal):
            yield from _field(keys[-1] if keys else definition.name, field, field.start_with, view)
    for form in view.pack.kind(Form).values():
        yield from _rules(form, view)


def _field(name: str, field: Field, written: Literal, view: View) -> Iterator[Diagnostic]:
    organization = view.pack.organization
    person = organization.people.get(str(written.text)) if field.type == "person" and organization else None
    if person is not None and field.role is not None and field.role not in person.roles:
        said = (f"{written.text} does not have the role '{field.role}'", f"{written.text} 没有角色“{field.role}”")
        yield forms.default_breaks_own_rule(written.span, name, written.text, *said)
    value = _value(field, written, view)
    if value is None:
        return
    if field.unique:
        said = ("it is unique, and the second record would have it again", "它须唯一，而第二条记录会重复该值")
        yield forms.default_breaks_own_rule(written.span, name, written.text, *said)
    compiled = compile_field(name, field, view.types.field(field, name), UTC)
    if not isinstance(compiled, FieldRules):
        return
    fixed = tuple(bound for bound in compiled.bounds if bound.formula is None)
    rules = dataclasses.replace(compiled, bounds=fixed)
    for found in rules.violations(rules.normal(value), InForm(defaultdict(lambda: None)), (name,)):
        if found.code not in SAID_ELSEWHERE:
            yield forms.default_breaks_own_rule(written.span, name, written.text, found.say_en, found.say_zh)


def _value(field: Field, written: Literal, view: View) -> Any:
    """The default as a value; None when it is empty, unreadable, or somebody."""
    if field.type == "person":
        return None
    value = read_literal(written.text, written.span, view.types.field(field, "start_with"), UTC)
    return None if isinstance(value, Diagnostic) else value


def _rules(form: Form, view: View) -> Iterator[Diagnostic]:
    """A must rule that the defaults break, whatever else a record holds."""
    values: dict[str, Any] = {}
    for name, field in form.fields.items():
        if isinstance(field.start_with, Literal) and field.formula is None:
            value = _value(field, field.start_with, view)
            if value is not None:
                values[str(name)] = value
    conditions = conditions_of(view)
    for name, rule in (form.must or {}).items():
        reads = _reads(rule) & values.keys()
        known = _reads(rule) <= values.keys()
        if not reads or (_holds(rule, values) if known else not _refused(rule, values, conditions)):
            continue
        last = [field for field in form.fields if field in reads][-1]
        written = form.fields[last].start_with
        if isinstance(written, Literal):
            said = (f"the rule '{name}' ({rule.say})", f"规则“{name}”（{rule.say}）")
            yield forms.default_breaks_own_rule(written.span, last, written.text, *said)


def _refused(rule: Must, values: Mapping[str, Any], conditions: Conditions) -> bool:
    """Whether the defaults leave no record that passes, whatever the other fields hold, and other values would."""
    formula = rule_formula(rule, conditions)
    if formula is None or conditions.impossible(rule.that, [formula]):
        return False
    begun: list[Formula] = [
        Atom(term, "==", (values[text],)) for text, term in terms([formula]).items() if text in values
    ]
    return conditions.impossible(rule.that, [formula, *begun])


def _reads(rule: Must) -> frozenset[str]:
    return frozenset(path[0] for part in _parts(rule) for path in part.reads)


def _parts(rule: Must) -> list[Any]:
    return [part for part in (rule.that, rule.only_if, rule.unless) if part is not None]


def _holds(rule: Must, values: Mapping[str, Any]) -> bool:
    """Whether a record with nothing but defaults passes; also when that cannot be told."""
    if any(part.calls - PURE for part in _parts(rule)):
        return True
    env = InForm(values)
    try:
        if rule.only_if is not None and not rule.only_if.holds(env):
            return True
        if rule.unless is not None and rule.unless.holds(env):
            return True
        return rule.that.holds(env)
    except (ExpressionFault, TypeError):
        return True
