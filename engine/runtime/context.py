"""What expressions may ask of a step: its time, language, people, labels and calendars (`Context`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from engine.language.expressions.things import Person, Record
from engine.language.expressions.types import Choice, Choices
from engine.language.values import Formula
from engine.language.values import Literal as Written
from engine.rules.calendars import WorkCalendar
from engine.rules.in_form import InForm
from engine.rules.people import People
from engine.runtime.drafts import Drafts, record_key
from engine.runtime.form_facts import FormFacts
from engine.runtime.saving import owner_of
from engine.runtime.worktime import calendar_named


class StepContext:
    """Context of one step. `changed_fields`: what the event that is being handled changed, form:id -> fields."""

    def __init__(
        self,
        drafts: Drafts,
        people: People,
        held: Callable[[str, str], int],
        language: Literal["zh", "en"],
        changed_fields: Mapping[str, Collection[str]],
    ) -> None:
        self._drafts, self._people, self._held = drafts, people, held
        self._changed = dict(changed_fields)
        self.language: Literal["zh", "en"] = language

    @property
    def _facts(self) -> FormFacts:
        return self._drafts.facts

    @property
    def now(self) -> dt.datetime:
        return self._drafts.now

    @property
    def zone(self) -> ZoneInfo:
        return self._facts.zone

    # -- people

    def person(self, id: str) -> Person | None:
        return self._people.person(id)

    def people_with(self, role: str) -> Sequence[Person]:
        return self._people.members(role, None)

    def head(self, team: str) -> Person | None:
        return self._people.head(team)

    def managers(self, person: Person) -> Sequence[Person]:
        return self._people.managers(person)

    def held(self, person: Person, form: str) -> int:
        return self._held(person.id, form)

    # -- records

    def owner(self, record: Record) -> Person | None:
        return owner_of(self._drafts, record)

    def label(self, record: Record) -> str:
        """How the record is called; its form's title and id where the form says nothing, or nothing is filled."""
        form = self._facts.forms[record.form]
        if isinstance(form.label, Written):
            return str(form.label.text)
        if isinstance(form.label, Formula):
            found = form.label.expression.run(InForm(record, self))
            if found not in (None, ""):
                return str(found)
        title = self._facts.text(f"forms/{form.name}", str(form.title or form.name.replace("_", " ")), self.language)
        return f"{title} {record.id}"

    def title_of(self, record: Record | None, field: str | None, value: str) -> str:
        if record is not None and field is not None:
            return self._title(self._facts.types.form_field(record.form, field), value) or value
        for form in self._facts.forms:
            for type_ in self._facts.types.form(form).values():
                found = self._title(type_, value)
                if found is not None:
                    return found
        return value

    def _title(self, type_: Any, value: str) -> str | None:
        choice = type_.of if isinstance(type_, Choices) else type_
        if not isinstance(choice, Choice) or value not in choice.entries:
            return None
        owner, _, field = choice.name.partition(".")
        own = choice.entries[value]
        return self._facts.text(f"forms/{owner}/{field.replace('.', '/')}/{value}", own, self.language)

    def changed(self, record: Record, field: str) -> bool:
        if field in self._changed.get(record_key(record.form, record.id), ()):
            return True
        draft = self._drafts.draft(record.form, record.id)
        return draft is not None and draft.is_dirty and field in draft.written

    def note_changed(self, key: str, fields: Collection[str]) -> None:
        """What the step changed when it was saved: starts that listen to it ask right after."""
        self._changed[key] = frozenset((*self._changed.get(key, ()), *fields))

    # -- work time, on the pack's calendar

    def _calendar(self, name: str | None = None) -> WorkCalendar:
        return calendar_named(self._facts.types, name)

    def workdays_between(self, a: dt.date | dt.datetime, b: dt.date | dt.datetime) -> int | Decimal:
        return self._calendar().workdays_between(a, b)

    def workhours_between(self, a: dt.datetime, b: dt.datetime) -> int | Decimal:
        return self._calendar().workhours_between(a, b)

    def add_workdays(self, day: dt.date, n: int | Decimal) -> dt.date:
        return self._calendar().add_workdays(day, int(n))

    def next_workday(self, day: dt.date) -> dt.date:
        return self._calendar().next_workday(day)

    def is_workday(self, day: dt.date) -> bool:
        return self._calendar().is_workday(day)

    def is_open(self, moment: dt.datetime, calendar: str | None) -> bool:
        return self._calendar(calendar).is_open(moment)
