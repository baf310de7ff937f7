"""A small made-up world for expressions: three people, two leads, office hours from Monday to Friday."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.language.expressions.context import CONTEXT
from engine.language.expressions.things import Person, Record, Row

SHANGHAI = ZoneInfo("Asia/Shanghai")


class World:
    """A Context on Monday 2026-03-02, 09:30 in Shanghai. Workdays are Monday to Friday; it is open from 9 to 18."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
        self.zone = SHANGHAI
        self.language = "zh"
        zhao = Person("zhao_lei", {"name": "赵磊", "roles": ("director",), "team": None, "manager": None})
        wang = Person("wang_fang", {"name": "王芳", "roles": ("sales_manager",), "team": "east", "manager": zhao})
        li = Person("li_na", {"name": "李娜", "roles": ("sales",), "team": "east", "manager": wang, "lead_cap": 30})
        self.people = {person.id: person for person in (zhao, wang, li)}
        self.records = {
            ("lead", 1): Record("lead", 1, {"company": "晨光机械有限公司", "owner": li, "grade": "hot", "score": 80}),
            ("lead", 2): Record(
                "lead", 2, {"company": "North Wind Ltd.", "owner": None, "grade": "cold", "score": None}
            ),
        }

    def person(self, id: str) -> Person | None:
        return self.people.get(id)

    def record(self, form: str, id: int) -> Record | None:
        return self.records.get((form, id))

    def people_with(self, role: str) -> list[Person]:
        return [person for person in self.people.values() if role in person["roles"]]

    def head(self, team: str) -> Person | None:
        return self.people["wang_fang"] if team == "east" else None

    def managers(self, person: Person) -> list[Person]:
        found, one = [], person["manager"]
        while one is not None:
            found.append(one)
            one = one["manager"]
        return found

    def held(self, person: Person, form: str) -> int:
        return sum(1 for (of, _), r in self.records.items() if of == form and r["owner"] == person)

    def owner(self, record: Record) -> Person | None:
        return record["owner"]

    def label(self, record: Record) -> str:
        return f"{record['company']} #{record.id}"

    def title_of(self, record: Record | None, field: str | None, value: str) -> str:
        return {("lead", "grade", "hot"): "热"}.get((record.form if record else "", field, value), value)

    def workdays_between(self, a: dt.date, b: dt.date) -> int:
        a, b = self._day(a), self._day(b)
        return sum(1 for n in range((b - a).days) if self.is_workday(a + dt.timedelta(days=n + 1)))

    def workhours_between(self, a: dt.datetime, b: dt.datetime) -> Decimal:
        return Decimal((b - a).seconds) / 3600

    def add_workdays(self, day: dt.date, n: int) -> dt.date:
        step = 1 if n >= 0 else -1
        while n:
            day += dt.timedelta(days=step)
            n -= step if self.is_workday(day) else 0
        return day

    def next_workday(self, day: dt.date) -> dt.date:
        return day if self.is_workday(day) else self.add_workdays(day, 1)

    def is_workday(self, day: dt.date) -> bool:
        return day.weekday() < 5

    def is_open(self, moment: dt.datetime, calendar: str | None) -> bool:
        local = moment.astimezone(self.zone)
        return calendar != "closed" and self.is_workday(local.date()) and 9 <= local.hour < 18

    def changed(self, record: Record, field: str) -> bool:
        return field == "score"

    def _day(self, when: dt.date) -> dt.date:
        return when.astimezone(self.zone).date() if isinstance(when, dt.datetime) else when

    def value(self, plain: Any) -> Any:
        """A value of a test's JSON: 'date:2026-03-02', 'money:12.50', 'person:li_na', 'record:lead 1'."""
        if isinstance(plain, dict):
            return Row({name: self.value(item) for name, item in plain.items()})
        if isinstance(plain, list):
            return tuple(self.value(item) for item in plain)
        if not isinstance(plain, str):
            return plain
        kind, _, rest = plain.partition(":")
        match kind:
            case "date":
                return dt.date.fromisoformat(rest)
            case "time":
                return dt.time.fromisoformat(rest)
            case "moment":
                return dt.datetime.fromisoformat(rest)
            case "money" | "number":
                return Decimal(rest)
            case "person":
                return self.people[rest]
            case "record":
                form, id = rest.split()
                return self.records[form, int(id)]
            case _:
                return plain

    def env(self, data: str) -> dict[str, Any]:
        given = json.loads(data, parse_float=Decimal) if data else {}
        return {**{name: self.value(item) for name, item in given.items()}, CONTEXT: self}


@pytest.fixture
def world() -> World:
    return World()
