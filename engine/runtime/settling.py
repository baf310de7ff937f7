"""What must hold when a step comes to rest: required fields and the `must` rules of what it touched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.interpreter.view import Violation
from engine.language.expressions.things import Record
from engine.runtime.drafts import Draft, Drafts, id_of, record_key, unfit
from engine.runtime.reach import Reader, forms_of
from engine.runtime.records import MOST, SearchTooWide


@dataclass
class Touch:
    """What happened to one record: fields written, formulas that read over something written, rules to look at."""

    draft: Draft
    written: set[str] = field(default_factory=set)
    created: bool = False
    rules: set[str] = field(default_factory=set)


class Settling:
    """`note` every write; `settle` and `touched` then answer for what was noted since their last call."""

    def __init__(self, drafts: Drafts) -> None:
        self.drafts = drafts
        self._fresh: dict[int, Touch] = {}
        self._unsettled: dict[int, Touch] = {}
        self._untold: set[str] = set()
        self.everything: set[str] = set()
        """form:id of all that was touched since the step began."""
        self.loads: dict[int, Draft] = {}
        """Records whose holder or openness may be another one now."""

    def clear(self) -> None:
        for kept in (self._fresh, self._unsettled, self._untold, self.everything, self.loads):
            kept.clear()

    def note(self, draft: Draft, fields: Iterable[str], created: bool = False) -> None:
        touch = self._fresh.setdefault(draft.id, Touch(draft))
        touch.written.update(fields)
        touch.created |= created

    def settle(self) -> list[Violation]:
        self.absorb()
        found: list[Violation] = []
        for touch in self._unsettled.values():
            found += self._violations(touch)
        self._unsettled.clear()
        return found

    def touched(self) -> frozenset[str]:
        self.absorb()
        told = frozenset(self._untold)
        self._untold.clear()
        return told

    def _violations(self, touch: Touch) -> list[Violation]:
        draft = touch.draft
        if draft.merged_into is not None:
            return []  # given up: it stays as it is
        rules = self.drafts.facts.rules(draft.form)
        if touch.written or touch.created:
            fields = None if touch.created else touch.written
            found = rules.violations(draft.record, self.drafts.context, fields)
        else:
            found = [v for v in rules.violations(draft.record, self.drafts.context, ()) if v.rule in touch.rules]
        return unfit(draft.form, found, self.drafts.facts)

    # -- upwards to the end

    def absorb(self) -> None:
        """Follows what was written to all that reads over it."""
        if not self._fresh:
            return
        queue = [(touch.draft, frozenset(touch.written)) for touch in self._fresh.values()]
        for id, touch in self._fresh.items():
            there = self._unsettled.setdefault(id, Touch(touch.draft))
            there.written |= touch.written
            there.created |= touch.created
            owners = self._owners(touch)
            self._tell({record_key(touch.draft.form, id), *(record_key(one.form, one.id) for one in owners)})
            for owner in owners:
                self._guard(owner, "records")
            self.loads[id] = touch.draft
        self._fresh.clear()
        done: set[tuple[int, str]] = set()
        while queue:
            draft, fields = queue.pop(0)
            new = [name for name in fields if (draft.id, name) not in done]
            done |= {(draft.id, name) for name in new}
            if len(done) > MOST * 10:
                raise SearchTooWide("what a written record touches", MOST * 10)
            readers = dict.fromkeys(
                reader for name in new for reader in self.drafts.facts.reach.readers(draft.form, name)
            )
            for reader in readers:
                for found in self._backwards(draft, reader):
                    if reader.what == "formula":
                        queue.append((found, frozenset((reader.name,))))
                    self._reached(found, reader)

    def _reached(self, draft: Draft, reader: Reader) -> None:
        if reader.what == "load":
            self.loads[draft.id] = draft
            return
        self._tell({record_key(draft.form, draft.id)})
        if reader.what == "formula":
            self._guard(draft, reader.name)
        if reader.what == "must":
            touch = self._unsettled.setdefault(draft.id, Touch(draft))
            touch.rules.add(reader.name)
            if draft.row is not None and (reader.hops or self._reads_lists(draft.form, reader.name)):
                draft.guarded = True

    def _tell(self, keys: set[str]) -> None:
        self._untold |= keys
        self.everything |= keys

    def _reads_lists(self, form: str, rule: str) -> bool:
        """Whether a rule reads a formula or a list: then what it saw may be another step's to change."""
        must = (self.drafts.facts.forms[form].must or {})[rule]
        fields = self.drafts.facts.forms[form].fields
        parts = [part for part in (must.that, must.only_if, must.unless) if part is not None]
        names = {path[0] for part in parts for path in part.reads}
        return any(fields[n].formula is not None or fields[n].type == "records" for n in names if n in fields)

    def _backwards(self, draft: Draft, reader: Reader) -> list[Draft]:
        """The records of the reader's form that read this one over its hops."""
        here: dict[int, Draft] = {draft.id: draft}
        for hop in reversed(reader.hops):
            found: dict[int, Draft] = {}
            for one in here.values():
                records: list[Record | None]
                if hop.by:
                    ids = {id_of(one.plain.get(hop.by)), *one.left.get(hop.by, ())} - {None}
                    records = [self.drafts.record(hop.form, id) for id in sorted(filter(None, ids))]
                else:
                    records = list(self.drafts.pointing(hop.form, hop.field, one.id))
                for record in records:
                    if record is not None and (next_ := self.drafts.draft(record.form, record.id)) is not None:
                        found[record.id] = next_
            here = found
        return list(here.values())

    def _guard(self, draft: Draft, moved: str) -> None:
        """A start's `becomes` reads this formula, or a list (`records`): of two writers the second must see the first."""
        if draft.row is not None and moved in self.drafts.facts.turning.get(draft.form, ()):
            draft.guarded = True

    def _owners(self, touch: Touch) -> list[Draft]:
        """The records that list a written one."""
        draft, forms = touch.draft, self.drafts.facts.forms
        found = []
        for name, declared in forms[draft.form].fields.items():
            if declared.type == "record" and self.drafts.facts.reach.relations(draft.form, str(name)):
                ids = {id_of(draft.plain.get(name)), *draft.left.get(name, ())}
                found += [
                    owner
                    for id in sorted(filter(None, ids))
                    for form in forms_of(declared)
                    if (owner := self.drafts.draft(form, id)) is not None
                ]
        return found
