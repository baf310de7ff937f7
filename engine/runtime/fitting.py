"""Whether values fit a form, and what a new record starts with: typed or plain values in, plain ones out (LANGUAGE 7).

What does not fit is a Violation; `required` is left to the settling, as several writes may fill a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.interpreter.view import Unfit, Violation
from engine.language.expressions import types
from engine.language.expressions.plain import NotPlain, from_plain, to_plain
from engine.language.expressions.things import Record, Row
from engine.language.expressions.types import ListOf, RecordType, Rows, Type, words
from engine.language.literals import read_value
from engine.language.values import Formula, Literal, Value
from engine.language.wall_clock import to_local
from engine.rules.fields import FieldRules
from engine.rules.forms import FormRules
from engine.rules.in_form import InForm
from engine.rules.serials import serial, series
from engine.runtime.drafts import Draft, Drafts, id_of, unfit
from engine.runtime.keys import key_text

LONGEST = {"text": 10_000, "long_text": 100_000}
"""Characters that a field takes; more is refused whatever its declaration says."""
MOST_ROWS = 1_000

SerialAt = Callable[[str], int]


class Fitting:
    """`last_serial(name)`: the last number that was given out under a name before this step."""

    def __init__(self, drafts: Drafts, last_serial: SerialAt) -> None:
        self.drafts, self.facts = drafts, drafts.facts
        self._last_serial = last_serial
        self.serials: dict[str, int] = {}
        """Name -> the last number that this step gave out."""
        self.counted: dict[str, int] = {}

    def clear(self) -> None:
        self.serials.clear()
        self.counted.clear()

    def create(self, form: str, id: int, values: Mapping[str, Any]) -> Draft:
        """A new record with its starting values. Raises Unfit; then there is no record."""
        rules = self.facts.rules(form)
        _refuse(unfit(form, rules.unwritable(values), self.facts))
        draft = self.drafts.add(form, id)
        try:
            starts = self._constant_starts(form, rules)
            laid = self._fit(form, values)
            self.drafts.lay(draft, {**{n: v for n, v in starts.items() if n not in values}, **laid})
            for name, field in rules.fields.items():
                if name in values or name in starts:
                    continue
                if field.field.type == "serial" and field.field.pattern:
                    self.drafts.lay(draft, {name: self._serial(form, name, str(field.field.pattern))})
                elif field.field.start_with is not None:
                    value = self._start(field.field.start_with, field.type, draft.record)
                    self.drafts.lay(draft, self._fit(form, {name: value}))
            given = [name for name in rules.fields if draft.plain.get(name) is not None]
            _refuse(list(self.wrong(draft, given)))
        except BaseException:
            self.drafts.drop(draft)
            raise
        return draft

    def write(self, draft: Draft, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Values over a record; the fields that changed. Raises Unfit; then nothing changed."""
        rules = self.facts.rules(draft.form)
        _refuse(unfit(draft.form, rules.unwritable(values), self.facts))
        old = {name: draft.plain.get(name) for name in values}
        changed = self.drafts.lay(draft, self._fit(draft.form, values))
        wrong = list(self.wrong(draft, changed))
        if wrong:
            self.drafts.lay(draft, old)
            raise Unfit(wrong)
        return changed

    def wrong(self, draft: Draft, fields: Any) -> Iterator[Violation]:
        """What is wrong with these fields, but for being empty; and unique values that another record has."""
        rules = self.facts.rules(draft.form)
        env = InForm(draft.record, self.drafts.context)
        for name in fields:
            field = rules.fields[name]
            if field.is_computed or field.field.type == "serial":
                continue
            found = [v for v in field.violations(draft.record[name], env, (name,)) if v.code != "required"]
            yield from unfit(draft.form, found, self.facts)
            if field.field.unique and draft.merged_into is None and self._is_held(draft, name):
                en, zh = field.title
                yield Violation(
                    "unique", f"{zh}：已有另一条记录使用此值", f"{en}: another record has this value", name, draft.form
                )

    # -- values

    def _fit(self, form: str, values: Mapping[str, Any]) -> dict[str, Any]:
        rules = self.facts.rules(form)
        plain: dict[str, Any] = {}
        wrong: list[Violation] = []
        for name, value in values.items():
            found = self._one(form, rules.fields[name], value)
            if isinstance(found, Violation):
                wrong.append(found)
            else:
                plain[name] = found[0]
        _refuse(wrong)
        return plain

    def _one(self, form: str, field: FieldRules, value: Any) -> Violation | tuple[Any]:
        """The plain value as it is kept, or why it is none."""
        type_ = field.type
        try:
            given = _with_numbers(to_plain(value), type_)
            typed = from_plain(given, type_, self.drafts.resolve)
        except (NotPlain, TypeError) as problem:
            en, zh = words(type_)
            return self._says(form, field, f"{en} is wanted ({problem})", f"应为{zh}")
        if given is not None and typed is None and (type_ == types.PERSON or isinstance(type_, RecordType)):
            return self._says(
                form, field, f"there is no {field.field.type} '{_named(given)}'", f"找不到“{_named(given)}”"
            )
        kept = field.normal(self._rows(field, typed))
        longest = LONGEST.get(field.field.type)
        if longest is not None and isinstance(kept, str) and len(kept) > longest:
            return self._says(form, field, f"may have at most {longest} characters", f"最多 {longest} 个字符")
        if isinstance(kept, tuple) and len(kept) > MOST_ROWS:
            return self._says(form, field, f"may have at most {MOST_ROWS} rows", f"最多 {MOST_ROWS} 行")
        return (to_plain(kept) if kept != () else None,)

    def _says(self, form: str, field: FieldRules, en: str, zh: str) -> Violation:
        return Violation(field.name, f"{field.title[1]}：{zh}", f"{field.title[0]}: {en}", field.name, form)

    def _rows(self, field: FieldRules, value: Any) -> Any:
        """The rows of a list field with the starting values of what was left out."""
        if not field.rows or not isinstance(value, tuple):
            return value
        starts = {name: cell for name, cell in field.rows.items() if cell.field.start_with is not None}
        if not starts:
            return value
        return tuple(
            Row({**{n: self._start(c.field.start_with, c.type, row) for n, c in starts.items() if n not in row}, **row})
            for row in value
        )

    def _start(self, value: Value | None, type_: Type, record: Mapping[str, Any]) -> Any:
        def formula(place: Formula) -> object:
            return place.expression.run(InForm(record, self.drafts.context))

        assert value is not None
        return read_value(value, type_, self.facts.zone, formula)

    def _constant_starts(self, form: str, rules: FormRules) -> Mapping[str, Any]:
        """The plain starting values that are fixed: worked out once a pack."""
        found = self.facts.constant_starts.get(form)
        if found is None:
            fixed = {n: f for n, f in rules.fields.items() if isinstance(f.field.start_with, Literal)}
            values = {n: self._start(f.field.start_with, f.type, {}) for n, f in fixed.items()}
            found = self.facts.constant_starts[form] = self._fit(form, values)
        return found

    def _serial(self, form: str, field: str, pattern: str) -> str:
        on = to_local(self.drafts.now, self.facts.zone).date()
        name = f"{form}.{field}:{series(pattern, on)}"
        if name not in self.serials:
            self.serials[name] = self._last_serial(name)
        self.serials[name] += 1
        self.counted[name] = self.counted.get(name, 0) + 1
        return serial(pattern, on, self.serials[name])

    def _is_held(self, draft: Draft, field: str) -> bool:
        """Whether another record has the same unique value, also one of this step."""
        key = self.unique_key(draft.form, field, draft.record)
        if key is None:
            return False
        holder = self.drafts.cache.holder(draft.form, field, key)
        if holder not in (0, draft.id):
            other = self.drafts.draft(draft.form, holder)
            if other is None or not other.is_dirty:
                return True
        others = (
            d for d in self.drafts.of_form(draft.form) if d.id != draft.id and d.is_dirty and d.merged_into is None
        )
        return any(self.unique_key(d.form, field, d.record) == key for d in others)

    def unique_key(self, form: str, field: str, record: Record) -> str | None:
        return key_text(record[field], self.facts.forms[form].fields[field])


def _refuse(violations: list[Violation]) -> None:
    if violations:
        raise Unfit(violations)


def _with_numbers(plain: Any, type_: Type) -> Any:
    """References with their ids as numbers: outside they are texts (RUNTIME R46)."""
    if plain is None:
        return None
    if isinstance(type_, RecordType):
        id = plain.get("id") if isinstance(plain, Mapping) else plain
        if isinstance(id, str) and id.isascii() and id.isdigit():
            return {**plain, "id": int(id)} if isinstance(plain, Mapping) else int(id)
        return plain
    if isinstance(type_, ListOf) and isinstance(plain, list):
        return [_with_numbers(item, type_.of) for item in plain]
    if isinstance(type_, Rows) and isinstance(plain, Mapping):
        return {
            name: _with_numbers(item, type_.fields[name]) if name in type_.fields else item
            for name, item in plain.items()
        }
    return plain


def _named(plain: Any) -> Any:
    return id_of(plain) or plain
