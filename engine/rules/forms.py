"""Forms: what a record's values must be, whoever writes: fields, named rules, unique keys, formulas, what is shown.

A form is compiled once, `compile_form`; its answers are values (`Violation`), never exceptions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from engine.language.diagnostics import Diagnostic
from engine.language.expressions.plain import stored
from engine.language.expressions.types import Type
from engine.language.kinds.form import Form
from engine.rules.comparing import key_of
from engine.rules.fields import FieldRules, compile_field
from engine.rules.in_form import InForm
from engine.rules.violations import Violation, violation

Titles = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class FormRules:
    """A form ready to check records. A `record` gives every field by its name, empty ones too; formulas may be lazy."""

    form: Form
    fields: Mapping[str, FieldRules]

    def normal(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Written values as they are kept; names that are no fields stay, for `unwritable` to name."""
        return {name: self.fields[name].normal(v) if name in self.fields else v for name, v in values.items()}

    def unwritable(self, names: Iterable[str]) -> list[Violation]:
        """Names that nobody may write: no field of the form, or a computed one."""
        found = []
        for name in names:
            rules = self.fields.get(name)
            if rules is None:
                found.append(violation("unknown-field", (name,), (name, name)))
            elif rules.is_computed or rules.field.type == "serial":
                found.append(violation("computed", (name,), rules.title))
        return found

    def violations(
        self, record: Mapping[str, Any], context: Any = None, fields: Collection[str] | None = None
    ) -> list[Violation]:
        """What is wrong with a whole record: its fields (only `fields`, when given), then its must rules, in order.

        A required field counts only while `visible_if` holds. A serial number is the engine's and is not looked at.
        """
        env = InForm(record, context)
        found: list[Violation] = []
        for name, rules in self.fields.items():
            looked_at = fields is None or name in fields
            if looked_at and not rules.is_computed and rules.field.type != "serial":
                found += rules.violations(record[name], env, (name,))
        return found + list(self._broken(env))

    def _broken(self, env: InForm) -> Iterator[Violation]:
        for name, rule in (self.form.must or {}).items():
            applies = (rule.only_if is None or rule.only_if.holds(env)) and not (
                rule.unless is not None and rule.unless.holds(env)
            )
            if applies and not rule.that.holds(env):
                say = str(rule.say)
                yield Violation(str(name), "must", say, say, (), f"forms/{self.form.name}/must/{name}")

    def unique_keys(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Field -> key of each unique field that is filled: no other record of the form may have the same."""
        keys = {name: key_of(record[name], r.field) for name, r in self.fields.items() if r.field.unique}
        return {name: key for name, key in keys.items() if key is not None}

    def formula(self, name: str, record: Mapping[str, Any], context: Any = None) -> Any:
        """A computed field's value, as its type keeps it: money to the cent."""
        rules = self.fields[name]
        if rules.field.formula is None:
            raise LookupError(f"{self.form.name}.{name} has no formula")
        return stored(rules.field.formula.run(InForm(record, context)), rules.type)

    def visible(self, record: Mapping[str, Any], context: Any = None) -> frozenset[str]:
        """The fields that are shown for this record."""
        env = InForm(record, context)
        return frozenset(
            name for name, r in self.fields.items() if r.field.visible_if is None or r.field.visible_if.holds(env)
        )


def compile_form(
    form: Form, types: Mapping[str, Type], zone: ZoneInfo, titles: Titles | None = None
) -> FormRules | list[Diagnostic]:
    """The rules of a form, or what is wrong with its bounds.

    `types`: field -> type (`vocabulary.PackTypes.form`). `titles`: field -> its title in en and zh, where translated.
    """
    found: dict[str, FieldRules] = {}
    problems: list[Diagnostic] = []
    for name, field in form.fields.items():
        rules = compile_field(str(name), field, types[name], zone, (titles or {}).get(name))
        if isinstance(rules, list):
            problems += rules
        else:
            found[str(name)] = rules
    return problems or FormRules(form, found)
