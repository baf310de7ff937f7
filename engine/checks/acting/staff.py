"""The persons of a pack as checks meet them, and the little of the world that expressions about people ask for.

It answers like the step of a case does, but for what only records know: nobody holds anything yet, nobody is away.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from engine.language.expressions.faults import ExpressionFault
from engine.language.expressions.things import Person, Record
from engine.language.kinds.form import Form
from engine.language.kinds.organization import Organization
from engine.language.pack import Pack
from engine.language.vocabulary import PackTypes
from engine.rules.people import People


class Unknown(Exception):
    """What is asked for cannot be known from the definitions alone."""


class Staff:
    """The pack's people; a Context for expressions (`engine.language.expressions.context`)."""

    language: Literal["zh", "en"] = "en"

    def __init__(self, pack: Pack, types: PackTypes) -> None:
        root = pack.root
        self.pack = pack
        self.zone: ZoneInfo = root.time_zone if root is not None else ZoneInfo("UTC")
        self.organization: Organization | None = pack.organization
        self.people = People(self.organization, types, self.zone, _unmeasured)

    @property
    def everybody(self) -> list[Person]:
        return self.people.all()

    def substitutes(self, person: str) -> tuple[str, ...]:
        """Who stands in for a person in some absence and decides then."""
        away = (self.organization.away or ()) if self.organization is not None else ()
        return tuple(
            dict.fromkeys(
                str(a.substitute)
                for a in away
                if a.person == person and a.substitute is not None and a.mode != "person_decides"
            )
        )

    # ---- the Context of expressions

    @property
    def now(self) -> dt.datetime:
        raise Unknown

    def person(self, id: str) -> Person | None:
        return self.people.person(id)

    def people_with(self, role: str) -> Sequence[Person]:
        return self.people.members(role, None)

    def head(self, team: str) -> Person | None:
        return self.people.head(team)

    def managers(self, person: Person) -> Sequence[Person]:
        return self.people.managers(person)

    def held(self, person: Person, form: str) -> int:
        return 0

    def owner(self, record: Record) -> Person | None:
        form = self.pack.get(Form, record.form)
        if form is None or form.owned_by is None:
            raise Unknown
        found: Person | None = form.owned_by.run(record)
        return found

    def label(self, record: Record) -> str:
        raise Unknown

    def title_of(self, record: Record | None, field: str | None, value: str) -> str:
        return value

    def workdays_between(self, a: dt.date | dt.datetime, b: dt.date | dt.datetime) -> int | Decimal:
        raise Unknown

    def workhours_between(self, a: dt.datetime, b: dt.datetime) -> int | Decimal:
        raise Unknown

    def add_workdays(self, day: dt.date, n: int | Decimal) -> dt.date:
        raise Unknown

    def next_workday(self, day: dt.date) -> dt.date:
        raise Unknown

    def is_workday(self, day: dt.date) -> bool:
        raise Unknown

    def is_open(self, moment: dt.datetime, calendar: str | None) -> bool:
        raise Unknown

    def changed(self, record: Record, field: str) -> bool:
        raise Unknown


def _unmeasured(measure: str, person: Person) -> Any:
    """What a dashboard measures is known only when the system runs."""
    raise Unknown


NOT_KNOWN = (Unknown, ExpressionFault, ValueError, LookupError)
"""What a question to a half-known world may end in; then nothing is said."""
