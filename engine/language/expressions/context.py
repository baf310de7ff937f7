"""What an expression may ask of the world around it. The caller gives it as `env['@']`; nothing else reaches out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from engine.language.expressions.things import Person, Record

CONTEXT = "@"
"""The entry of the environment that holds the Context: no name of the language can be spelled like it."""


class Context(Protocol):
    """The event's time and the people, calendars and records around it. Moments are aware and in UTC."""

    @property
    def now(self) -> datetime: ...
    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def language(self) -> Literal["zh", "en"]: ...

    def person(self, id: str) -> Person | None: ...
    def people_with(self, role: str) -> Sequence[Person]:
        """Everyone with the role, in the order of the organization file."""
        ...

    def head(self, team: str) -> Person | None: ...
    def managers(self, person: Person) -> Sequence[Person]:
        """Nearest first; empty at the top; nobody twice, also when the file has a circle."""
        ...

    def held(self, person: Person, form: str) -> int: ...
    def owner(self, record: Record) -> Person | None: ...
    def label(self, record: Record) -> str: ...
    def title_of(self, record: Record | None, field: str | None, value: str) -> str:
        """The title of a choice's entry in the reader's language; the entry itself when nobody titled it.

        An expression knows only the entry: `record` and `field` are None then, and the context finds the title.
        """
        ...

    def workdays_between(self, a: date | datetime, b: date | datetime) -> int | Decimal: ...
    def workhours_between(self, a: datetime, b: datetime) -> int | Decimal: ...
    def add_workdays(self, day: date, n: int | Decimal) -> date: ...
    def next_workday(self, day: date) -> date:
        """The day itself when it is a workday, else the next one."""
        ...

    def is_workday(self, day: date) -> bool: ...
    def is_open(self, moment: datetime, calendar: str | None) -> bool: ...
    def changed(self, record: Record, field: str) -> bool: ...


def context_of(env: Any) -> Context:
    """The environment's context; without one the caller made a mistake."""
    context: Context | None = env.get(CONTEXT)
    if context is None:
        raise LookupError("this expression needs env['@'], a Context, and the caller gave none")
    return context
