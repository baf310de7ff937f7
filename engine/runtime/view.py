"""SqlView: the interpreter's View inside one step of one event, over one transaction (RUNTIME R5-R9).

Reads see what earlier events of the batch and this step wrote. What the step writes stays here until `save` turns it
into rows of the batch: refusing an event is dropping its view, working a step out again is `forget`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from engine.interpreter.view import Violation
from engine.language.expressions.parse import Expression
from engine.language.expressions.things import Person, Record
from engine.language.expressions.types import Type
from engine.language.pack import Pack
from engine.language.vocabulary import PackTypes
from engine.language.wall_clock import to_local
from engine.rules.calendars import WorkCalendar
from engine.rules.people import People
from engine.runtime import saving
from engine.runtime.context import StepContext
from engine.runtime.drafts import Drafts
from engine.runtime.fitting import Fitting
from engine.runtime.form_facts import facts_of
from engine.runtime.records import cache_of, last_serial
from engine.runtime.saving import RecordChange
from engine.runtime.search import Search
from engine.runtime.settling import Settling
from engine.runtime.store.statements import CURSORS
from engine.runtime.store.transaction import Transaction
from engine.runtime.worktime import calendar_named

T = TypeVar("T")
Measure = Callable[[str, Person], Any]


class NextId(Protocol):
    """Who gives new ids: the store's `Ids`."""

    def next(self) -> int: ...


@dataclass(frozen=True)
class Saved:
    """What a step did to records: each change, and the form:id of all that may be looked at anew because of it."""

    changes: tuple[RecordChange, ...]
    touched: frozenset[str]


class SqlView:
    """`changed_fields`: for `changed(record, 'field')`, what the event being handled changed (form:id -> fields).

    `measure` works out a measured attribute of a person; without one it is empty. Searches and relations that are too
    wide raise `records.SearchTooWide`.
    """

    def __init__(
        self,
        transaction: Transaction,
        pack: Pack,
        types: PackTypes,
        now: dt.datetime,
        *,
        ids: NextId,
        actor: str | None,
        language: Literal["zh", "en"] = "zh",
        changed_fields: Mapping[str, Collection[str]] | None = None,
        measure: Measure | None = None,
    ) -> None:
        self._transaction, self._pack, self._types, self._now = transaction, pack, types, now
        self._ids, self.actor = ids, actor
        self._measure = measure
        self._facts = facts_of(pack, types)
        self._people = People(
            self._facts.organization, types, self._facts.zone, lambda name, person: self.measure(name, person)
        )
        self._drafts = Drafts(cache_of(transaction), self._facts, self, now)
        self._settling = Settling(self._drafts)
        self._fitting = Fitting(self._drafts, lambda name: last_serial(transaction, name))
        self._search = Search(self._drafts)
        self._context = StepContext(
            self._drafts,
            self._people,
            lambda member, kind: self.loads([member], kind)[member],
            language,
            changed_fields or {},
        )
        self._drafts.context = self._context

    # -- what is around

    @property
    def now(self) -> dt.datetime:
        return self._now

    @property
    def context(self) -> StepContext:
        return self._context

    @property
    def pack(self) -> Pack:
        return self._pack

    def type_of(self, form: str, field: str) -> Type | None:
        return self._types.form_field(form, field)

    def calendar(self, name: str | None, person: Person | None = None) -> WorkCalendar:
        own = self._people.calendar_of(person) if person is not None else None
        return calendar_named(self._types, own or name)

    def measure(self, name: str, person: Person) -> Any:
        return None if self._measure is None else self._measure(name, person)

    # -- people

    def person(self, id: str) -> Person | None:
        return self._people.person(id)

    def members(self, role: str | None, team: str | None) -> Sequence[Person]:
        return self._people.members(role, team)

    def substitute(self, person: Person) -> tuple[str, Person | None] | None:
        return self._people.substitute(person, to_local(self._now, self._facts.zone).date())

    def loads(self, members: Iterable[str], kind: str) -> Mapping[str, int]:
        found = self._drafts.cache.loads(list(members), kind)
        self._settling.absorb()
        for member, n in saving.load_changes(self._drafts, self._settling.loads.values(), kind).items():
            if member in found:
                found[member] += n
        return found

    def cursor(self, name: str) -> int:
        """Where a turn stands, its row locked (R34); -1 before the first pick."""
        row = self._transaction.row_locked(CURSORS, name)
        return -1 if row is None else row.position

    # -- reading records

    def record(self, form: str, id: int) -> Record | None:
        return self._drafts.record(form, id)

    def find(
        self,
        form: str,
        where: Expression | None,
        env: Mapping[str, Any],
        order: Sequence[tuple[str, Expression | None]],
        take: int | None,
    ) -> Sequence[Record]:
        return self._search.find(form, where, env, order, take)

    def by_unique(self, form: str, field: str, value: Any) -> Record | None:
        return self._search.by_unique(form, field, value)

    def by_key(self, form: str, field: str, value: Any) -> Sequence[Record]:
        return self._search.by_key(form, field, value)

    def pointing(self, form: str, reference: str, id: int) -> Sequence[Record]:
        """The records of `form` whose reference leads to `id`."""
        return self._drafts.pointing(form, reference, id)

    def alike(self, form: str, path: str, text: str) -> Sequence[Record]:
        return self._search.alike(form, path, text)

    def tracked(self, run: Callable[[], T]) -> tuple[T, frozenset[str]]:
        seen: set[str] = set()
        self._drafts.watch(seen)
        try:
            return run(), frozenset(seen)
        finally:
            self._drafts.unwatch()

    # -- laying over

    def create(self, form: str, values: Mapping[str, Any]) -> Record:
        """Values may be typed or plain. Raises Unfit; then there is no record."""
        draft = self._fitting.create(form, self._ids.next(), values)
        self._settling.note(draft, draft.plain, created=True)
        return draft.record

    def write(self, record: Record, values: Mapping[str, Any]) -> None:
        """Values may be typed or plain. Raises Unfit; then nothing of them is written."""
        draft = self._drafts.draft(record.form, record.id)
        if draft is None:
            raise LookupError(f"{record!r} is not there")
        changed = self._fitting.write(draft, values)
        if changed:
            self._settling.note(draft, changed)

    def merge(self, loser: Record, winner: Record) -> None:
        """The loser is given up: no search and no unique value knows it any more. References move to a winner of the
        same form. The caller then writes the winner's values."""
        draft = self._drafts.draft(loser.form, loser.id)
        if draft is None or loser == winner:
            raise LookupError(f"{loser!r} cannot be merged into {winner!r}")
        pointing = []
        if loser.form == winner.form:
            for form, field in self._facts.references.get(loser.form, ()):
                pointing += [(record, field) for record in self._drafts.pointing(form, field, loser.id)]
        draft.merged_into = winner.id
        self._drafts.read_anew()
        self._settling.note(draft, ())
        for record, field in pointing:
            self.write(record, {field: winner})

    def forget(self) -> None:
        self._drafts.clear()
        self._fitting.clear()
        self._settling.clear()

    @property
    def forms(self) -> Collection[str]:
        return self._facts.forms.keys()

    def merged_into(self, record: Record) -> int | None:
        """The record that this one was given up for."""
        draft = self._drafts.draft(record.form, record.id)
        return None if draft is None else draft.merged_into

    def plain(self, record: Record) -> Mapping[str, Any]:
        """The stored fields of a record as plain data, with what the step laid over it."""
        draft = self._drafts.draft(record.form, record.id)
        return {} if draft is None else dict(draft.plain)

    # -- coming to rest

    def settle(self) -> Sequence[Violation]:
        return self._settling.settle()

    def touched(self) -> frozenset[str]:
        return self._settling.touched()

    def save(self, cause: str | None = None) -> Saved:
        """Everything laid over becomes rows of the batch; the view can go on with a next step then.

        `cause`: what the version rows name (`case.seq`, an import).
        `settle` must have found nothing wrong.
        """
        changes = saving.save(
            self._transaction, self._drafts, self._fitting, self._settling, actor=self.actor, cause=cause
        )
        saved = Saved(tuple(changes), frozenset(self._settling.everything))
        self.forget()
        for change in changes:
            if not change.created:
                self._context.note_changed(change.key, change.fields)
        return saved

    def rekey(self, form: str, after: int = 0, limit: int = 200) -> tuple[int | None, tuple[int, ...]]:
        """Writes the key rows of the next stored records anew, after a deployment that says so: (last id, clashes).

        The last id goes into the next call; None: all are done. Clashes: records with a unique value of another's.
        """
        ids = self._drafts.cache.next_of_form(form, after, limit)
        clashes = saving.rekey(self._drafts, ids)
        return (ids[-1] if len(ids) == limit else None), clashes
