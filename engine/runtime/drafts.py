"""The records that one step reads and writes: the source of every Record it hands out, and what it lays over them.

Nothing reaches the batch before the step is saved, so working a step out again costs a `clear`. Reads are lazy: a field
gets its type when it is first read; a write makes every record of the step read anew, for formulas read over others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from engine.interpreter.names import EPOCH, microseconds_of
from engine.interpreter.view import Unfit, Violation
from engine.language.expressions.plain import Resolve, from_plain
from engine.language.expressions.things import Record
from engine.rules.forms import FormRules
from engine.runtime.form_facts import FormFacts
from engine.runtime.reach import forms_of
from engine.runtime.records import MOST, RecordCache, SearchTooWide
from engine.runtime.store.rows import RecordRow

T = TypeVar("T")


def record_key(form: str, id: int) -> str:
    """How a record is called among the keys that a condition reads."""
    return f"{form}:{id}"


@dataclass
class Draft:
    """One record of the step. `row` is None while it is new; `plain` is how it is now, `before` how it was."""

    record: Record
    row: RecordRow | None
    before: Mapping[str, Any]
    plain: dict[str, Any]
    merged_into: int | None = None
    guarded: bool = False
    """A rule of it that reads over other records was looked at: its version rises, so two writers conflict (R8)."""
    left: dict[str, set[int]] = field(default_factory=dict)
    """Reference -> the ids that it led to earlier in this step or before it."""

    @property
    def form(self) -> str:
        return self.record.form

    @property
    def id(self) -> int:
        return self.record.id

    @property
    def is_new(self) -> bool:
        return self.row is None

    @property
    def written(self) -> tuple[str, ...]:
        """The fields that differ from how they were."""
        names = dict.fromkeys((*self.plain, *self.before))
        return tuple(name for name in names if self.plain.get(name) != self.before.get(name))

    @property
    def is_dirty(self) -> bool:
        was_merged = self.row.merged_into if self.row is not None else None
        return self.is_new or self.plain != self.before or self.merged_into != was_merged


class Drafts:
    """Reading and laying over. `resolve` finds persons and records for typed values; `context` is that of formulas."""

    def __init__(self, cache: RecordCache, facts: FormFacts, resolve: Resolve, now: dt.datetime) -> None:
        self.cache, self.facts, self.resolve = cache, facts, resolve
        self.now = now
        self.context: Any = None
        self._drafts: dict[int, Draft] = {}
        self._watching: list[set[str]] = []

    # -- reading

    def record(self, form: str, id: int) -> Record | None:
        draft = self.draft(form, id)
        return None if draft is None else draft.record

    def draft(self, form: str, id: int) -> Draft | None:
        found = self._drafts.get(id)
        if found is None:
            row = self.cache.row(id)
            found = None if row is None else self._of_row(row)
        return found if found is not None and found.form == form else None

    def records(self, form: str, ids: Iterable[int]) -> list[Record]:
        """The records with these ids, read in one go; those of other forms are left out."""
        ids = list(ids)
        rows = self.cache.rows([id for id in ids if id not in self._drafts])
        for row in rows.values():
            self._of_row(row)
        found = [self._drafts[id] for id in ids if id in self._drafts]
        return [draft.record for draft in found if draft.form == form]

    def _of_row(self, row: RecordRow) -> Draft:
        plain = self.cache.plain(row)
        record = Record(row.form, row.id, version=row.version, source=self)
        draft = self._drafts[row.id] = Draft(record, row, plain, dict(plain), row.merged_into)
        return draft

    def look_up(self, record: Record, field: str) -> Any:
        """A field's value: RecordSource of every record of the step."""
        for seen in self._watching:
            seen.add(record_key(record.form, record.id))
        draft = self._drafts.get(record.id)
        if draft is None:
            raise LookupError(f"{record!r} belongs to another step")
        if field in ("created_at", "changed_at"):
            return self._moment(draft, field)
        rules = self.facts.rules(record.form)
        declared = rules.fields.get(field)
        if declared is None:
            return None
        if declared.field.formula is not None:
            return rules.formula(field, record, self.context)
        if declared.field.type == "records":
            return self._relation(record, rules, field)
        return from_plain(draft.plain.get(field), declared.type, self.resolve)

    def _moment(self, draft: Draft, field: str) -> dt.datetime:
        if draft.row is None or (field == "changed_at" and draft.is_dirty):
            return self.now
        at = draft.row.created_at if field == "created_at" else draft.row.changed_at
        return EPOCH + dt.timedelta(microseconds=at)

    def _relation(self, record: Record, rules: FormRules, name: str) -> tuple[Record, ...]:
        """The records that point here, or with `of_my` at what this one points at, the oldest first; SearchTooWide
        beyond 1,000 (R7)."""
        declared = rules.fields[name].field
        to = record.id
        if declared.of_my is not None:
            shared = self._drafts[record.id].plain.get(declared.of_my)
            if shared is None:
                return ()
            to = int(shared["id"])
            for seen in self._watching:  # who is told of a written record is the one that it points at
                seen.add(record_key(str(shared["form"]), to))
        found: list[Record] = []
        for form in forms_of(declared):
            found += self.pointing(form, str(declared.by), to)
        return tuple(found)

    def pointing(self, form: str, reference: str, id: int) -> list[Record]:
        """The records of `form` whose reference leads to `id`, as they are now in this step."""
        ids = self.cache.keyed(form, reference, str(id))
        if ids is None:
            raise SearchTooWide(f"{form} by {reference}")
        here = set(ids)
        for draft in self._drafts.values():
            if draft.form == form and draft.is_dirty:
                points = draft.merged_into is None and id_of(draft.plain.get(reference)) == id
                (here.add if points else here.discard)(draft.id)
        if len(here) > MOST:
            raise SearchTooWide(f"{form} by {reference}")
        return self.records(form, sorted(here))

    def watch(self, seen: set[str]) -> None:
        """From now on the keys of all records that are read go into `seen` too, until `unwatch`."""
        self.read_anew()
        self._watching.append(seen)

    def unwatch(self) -> None:
        self._watching.pop()

    # -- laying over

    def add(self, form: str, id: int) -> Draft:
        """A new, empty record."""
        record = Record(form, id, version=0, source=self)
        draft = self._drafts[id] = Draft(record, None, {}, {})
        return draft

    def drop(self, draft: Draft) -> None:
        del self._drafts[draft.id]

    def lay(self, draft: Draft, plain: Mapping[str, Any]) -> tuple[str, ...]:
        """Plain values over a record; the fields whose value changed."""
        changed = tuple(name for name, value in plain.items() if draft.plain.get(name) != value)
        fields = self.facts.forms[draft.form].fields
        for name in changed:
            if fields[name].type == "record" and (old := id_of(draft.plain.get(name))) is not None:
                draft.left.setdefault(name, set()).add(old)
            if plain[name] is None:
                draft.plain.pop(name, None)
            else:
                draft.plain[name] = plain[name]
        if changed:
            self.read_anew()
        return changed

    def read_anew(self) -> None:
        """Every record of the step forgets what it worked out."""
        for draft in self._drafts.values():
            draft.record.clear()

    def clear(self) -> None:
        self._drafts.clear()

    def dirty(self) -> list[Draft]:
        """What the step wrote, by id: one order for every transaction (R11)."""
        return sorted((d for d in self._drafts.values() if d.is_dirty or d.guarded), key=lambda draft: draft.id)

    def of_form(self, form: str) -> Iterable[Draft]:
        return [draft for draft in self._drafts.values() if draft.form == form]

    @property
    def now_us(self) -> int:
        return microseconds_of(self.now)


def id_of(plain: Any) -> int | None:
    """The id in a plain reference."""
    return plain.get("id") if isinstance(plain, Mapping) else None


def unfit(form: str, violations: Iterable[Any], texts: FormFacts) -> list[Violation]:
    """What the rules found, as a step tells it."""
    found = []
    for one in violations:
        en, zh = (one.say_en, one.say_zh) if not one.text_key else texts.both(one.text_key, one.say_en)
        found.append(Violation(one.rule, zh, en, None if one.code == "must" else one.rule, form))
    return found


__all__ = ["Draft", "Drafts", "Unfit", "id_of", "record_key", "unfit"]
