"""Look: one look at the database, with the definitions, the people and the records that it is read by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any, Literal, NamedTuple, cast

import msgspec

from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.events import AnyEvent
from engine.interpreter.instance import Instance
from engine.interpreter.names import moment_of, names_of
from engine.language.expressions.plain import moment_text
from engine.language.expressions.things import Person, Record
from engine.language.kinds.organization import PersonEntry
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack
from engine.language.vocabulary import PackTypes
from engine.language.wall_clock import to_local
from engine.runtime import codec
from engine.runtime.form_facts import facts_of
from engine.runtime.reading.titles import Titles
from engine.runtime.records import cache_of
from engine.runtime.store.batch import Batch
from engine.runtime.store.queries import cases as case_queries
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import CaseRow
from engine.runtime.store.statements import CASES
from engine.runtime.store.transaction import Transaction
from engine.runtime.view import SqlView

Language = Literal["zh", "en"]
Said = dict[str, str]
"""A sentence for a person: {"zh": ..., "en": ...}."""
WorkflowOf = Callable[[CaseRow], CompiledWorkflow]
"""The workflow that a case runs on, the one it was started with (RUNTIME R31). LookupError: it is not known."""

LANGUAGES: tuple[Language, ...] = ("zh", "en")
STATUSES = ("active", "completed", "cancelled", "failed")
"""What the numbers of `cases.status` mean."""
PAGE = 1000


class BadCursor(ValueError):
    """A page mark that no page of ours gave."""


class Step(NamedTuple):
    """One row of a case's history. `events` is empty where it was redacted."""

    seq: int
    at: int
    actor: str | None
    kind: str
    events: list[AnyEvent]


class _Still(Reader):
    """A reader as a step's view wants it: with a batch, in which nothing is ever written."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader.connection, reader.dialect)
        self.batch = Batch()


class Look:
    """`now` is in microseconds UTC. Without `workflow_of` cases are read by the workflows in force."""

    def __init__(
        self,
        reader: Reader,
        pack: Pack,
        types: PackTypes,
        *,
        now: int,
        language: Language | None = None,
        workflow_of: WorkflowOf | None = None,
    ) -> None:
        self.reader, self.pack, self.types, self.now = reader, pack, types, now
        self.facts = facts_of(pack, types)
        self.language: Language = language or cast(Language, self.facts.language)
        self.titles = Titles(self.facts)
        self._workflow_of = workflow_of
        self._compiled: dict[str, CompiledWorkflow | None] = {}
        self._steps: dict[int, list[Step]] = {}

    def speaking(self, language: Language | None) -> Look:
        """The same look in another language."""
        if language is None or language == self.language:
            return self
        return Look(self.reader, self.pack, self.types, now=self.now, language=language, workflow_of=self._workflow_of)

    # -- definitions

    def workflow(self, case: CaseRow | None, name: str = "") -> CompiledWorkflow | None:
        """The workflow of a case, as the case runs on it; by name alone, the one in force."""
        if case is not None and self._workflow_of is not None:
            with suppress(LookupError, ValueError):  # a definition that does not load any more
                return self._workflow_of(case)
        wanted = case.workflow if case is not None else name
        if wanted not in self._compiled:
            definition = self.pack.get(Workflow, wanted)
            self._compiled[wanted] = (
                CompiledWorkflow(definition, self.pack, self.types) if definition is not None else None
            )
        return self._compiled[wanted]

    # -- people and records

    @cached_property
    def _still(self) -> Transaction:
        return cast(Transaction, _Still(self.reader))

    @cached_property
    def view(self) -> SqlView:
        return SqlView(
            self._still, self.pack, self.types, moment_of(self.now), ids=_Nothing(), actor=None, language=self.language
        )

    def person(self, id: str | None) -> Person | None:
        return self.view.person(id) if id else None

    def entry(self, id: str) -> PersonEntry | None:
        organization = self.pack.organization
        return organization.people.get(id) if organization is not None else None

    def name(self, person: str | None, language: Language) -> str:
        """What a person is called; who is nobody is the system."""
        if not person:
            return "系统" if language == "zh" else "the system"
        entry = self.entry(person)
        return str(entry.name) if entry is not None else person

    def read_ahead(self, records: Iterable[int | None]) -> None:
        """Reads the records of a whole page in one go."""
        ids = sorted({id for id in records if id is not None})
        if ids:
            cache_of(self._still).rows(ids)

    def record(self, form: str, id: int) -> Record | None:
        if form not in self.facts.forms:
            return None
        return self.view.record(form, id)

    def label(self, form: str, id: int) -> str:
        """How a record is called in lists; its form and id when it is not there."""
        record = self.record(form, id)
        return self.view.context.label(record) if record is not None else f"{form} {id}"

    def reference(self, form: str | None, id: int | None) -> dict[str, Any] | None:
        if form is None or id is None:
            return None
        return {"form": form, "id": str(id), "label": self.label(form, id)}

    def names(self, workflow: CompiledWorkflow, case: Instance, token: int | None) -> dict[str, Any]:
        """What an expression of the case may read, as things stand."""
        found = case.tokens.get(token) if token is not None else None
        return names_of(case, found, self.view, workflow.data_types)

    # -- cases

    def case_row(self, id: int) -> CaseRow | None:
        return self.reader.row(CASES, id)

    def steps(self, case_id: int) -> list[Step]:
        """The whole history of a case, read once."""
        if case_id not in self._steps:
            found: list[Step] = []
            while True:
                after = found[-1].seq if found else 0
                rows = case_queries.timeline(self.reader, case_id, after, PAGE)
                for row in rows:
                    events = codec.decode_events(row.events) if row.redacted is None else []
                    found.append(Step(row.seq, row.at, row.actor, row.kind, events))
                if len(rows) < PAGE:
                    break
            self._steps[case_id] = found
        return self._steps[case_id]

    # -- time

    def local(self, at: int) -> str:
        """A moment as people of the pack's zone read it: 2026-03-02 09:00."""
        return to_local(moment_of(at), self.facts.zone).strftime("%Y-%m-%d %H:%M")

    def day(self, at: int) -> dt.date:
        return to_local(moment_of(at), self.facts.zone).date()


class _Nothing:
    """Gives no ids: a look creates nothing."""

    def next(self) -> int:
        raise LookupError("a look creates nothing")


def iso(at: int | None) -> str | None:
    """Microseconds UTC as ISO text; None for none, and for the due time of what has none."""
    return None if at is None or at == 2**63 - 1 else moment_text(moment_of(at))


def both(say: Callable[[Language], str]) -> Said:
    """A sentence in both languages."""
    return {language: say(language) for language in LANGUAGES}


def pick(language: Language, zh: str, en: str) -> str:
    return zh if language == "zh" else en


def decode_case(row: CaseRow) -> Instance:
    return codec.decode_case(row.state)


def number(text: str) -> int | None:
    """An id as given from outside; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def pair(text: str) -> tuple[int, int] | None:
    """`<case>.<no>`."""
    case, dot, no = text.partition(".")
    left, right = number(case), number(no)
    return (left, right) if dot and left is not None and right is not None else None


def decoded(text: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = msgspec.json.decode(text)
    return found
