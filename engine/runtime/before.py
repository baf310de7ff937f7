"""The records as they were before a step wrote: what a start's `becomes` compares with.

The stored fields of what was written come from its changes, all else from what is there now; formulas and lists are worked out
over that, so a formula that reads other records has its old value too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.language.expressions.plain import from_plain
from engine.language.expressions.things import Person, Record
from engine.language.kinds.form import Field
from engine.language.vocabulary import PackTypes
from engine.runtime.drafts import id_of
from engine.runtime.form_facts import facts_of
from engine.runtime.reach import forms_of
from engine.runtime.saving import RecordChange
from engine.runtime.view import SqlView


class Before:
    """`changes`: all of one step. A record that the step created was not there. Persons are as they are now."""

    def __init__(self, view: SqlView, types: PackTypes, changes: Iterable[RecordChange]) -> None:
        self.view = view
        self.facts = facts_of(view.pack, types)
        self.changes = {(change.form, change.id): change for change in changes}
        self._records: dict[tuple[str, int], Record] = {}

    def record(self, form: str, id: int) -> Record | None:
        change = self.changes.get((form, id))
        if (change is not None and change.created) or self.view.record(form, id) is None:
            return None
        return self._records.setdefault((form, id), Record(form, id, source=self))

    def person(self, id: str) -> Person | None:
        return self.view.person(id)

    def look_up(self, record: Record, field: str) -> Any:
        rules = self.facts.rules(record.form)
        declared = rules.fields.get(field)
        if declared is None:
            now = self.view.record(record.form, record.id)
            return now[field] if now is not None else None
        if declared.field.formula is not None:
            return rules.formula(field, record, self.view.context)
        if declared.field.type == "records":
            return self._listed(record, declared.field)
        return from_plain(self._plain(record).get(field), declared.type, self)

    def _plain(self, record: Record) -> Mapping[str, Any]:
        """The stored fields, by their old values."""
        plain = dict(self.view.plain(record))
        change = self.changes.get((record.form, record.id))
        return plain | {name: old for name, (old, _) in change.changes.items()} if change is not None else plain

    def _listed(self, record: Record, field: Field) -> tuple[Record, ...]:
        """The records that pointed here, or with `of_my` at what this one pointed at, the oldest first."""
        to = record.id if field.of_my is None else id_of(self._plain(record).get(str(field.of_my)))
        if to is None:
            return ()
        found: list[Record] = []
        for form in forms_of(field):
            ids = {one.id for one in self.view.pointing(form, str(field.by), to)}
            for (changed, id), change in self.changes.items():
                if changed == form:
                    pointed = not change.created and id_of(self._plain(Record(form, id)).get(str(field.by))) == to
                    (ids.add if pointed else ids.discard)(id)
            found += [one for id in sorted(ids) if (one := self.record(form, id)) is not None]
        return tuple(found)
