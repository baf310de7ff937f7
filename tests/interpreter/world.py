"""A world in dictionaries: the View that `advance` reads, without database, clock or threads.

Records are plain dictionaries by (form, id); people come from the pack's organization; time is what the test says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from engine.interpreter.view import Violation
from engine.language.expressions.things import Person, Record
from engine.language.loader import load
from engine.language.pack import Pack
from engine.language.source import Source
from engine.language.vocabulary import PackTypes
from engine.nodes import catalogue
from engine.rules.calendars import WorkCalendar

T = TypeVar("T")
ZONE = ZoneInfo("Europe/Vienna")
OFFICE = WorkCalendar("Europe/Vienna", {day: ((dt.time(9), dt.time(17)),) for day in range(5)})

PACK = """\
pack: sample
language: en
also: []
currency: EUR
time_zone: Europe/Vienna
calendar: office
approval_policies:
  standard: {decide: all, starter_is_approver: allow, approved_before: ask, nobody: {incident: yes},
    person_away: substitute, opinion: never, may: [transfer]}
"""
OFFICE_HOURS = """\
calendar: office
time_zone: Europe/Vienna
hours: {mon: [09:00-17:00], tue: [09:00-17:00], wed: [09:00-17:00], thu: [09:00-17:00], fri: [09:00-17:00]}
"""
PEOPLE = """\
organization: staff
roles: {clerk: {title: Clerk}, boss: {title: Boss}, ghost: {title: Nobody has it}}
people:
  mia: {name: Mia, roles: [boss], manager: none}
  tom: {name: Tom, roles: [clerk], manager: mia}
  eva: {name: Eva, roles: [clerk], manager: mia}
  ida: {name: Ida, roles: [clerk], manager: tom}
"""
DEAL = """\
form: deal
label: = name
fields:
  name: {type: text}
  owner: {type: person}
  paid: {type: yes_no}
  amount: {type: number}
  due_on: {type: date}
"""
PAID = """\
message: paid
from: [webhook]
carries: {name: {type: text, required: yes}, amount: {type: number}}
kept: 30 days
"""
NOTE = """\
template: note
for: deal
via: [app]
en:
  subject: Note
  body: Hello
"""
BANK = """\
connection: bank
kind: python
calls: {book: {takes: {name: {type: text}}, gives: {amount: {type: number}}, timeout: 20 seconds}}
"""


def pack_of(*workflows: str) -> Pack:
    """The sample pack with these workflows. A mistake in a test's own YAML fails the test."""
    texts = {
        "pack.yaml": PACK,
        "calendars/office.yaml": OFFICE_HOURS,
        "people/staff.yaml": PEOPLE,
        "forms/deal.yaml": DEAL,
        "messages/paid.yaml": PAID,
        "connections/bank.yaml": BANK,
        "templates/note.yaml": NOTE,
    }
    for text in workflows:
        name = text.split("workflow:", 1)[1].split()[0]
        texts[f"workflows/{name}.yaml"] = text
    pack = load([Source(path, text) for path, text in texts.items()], catalogue())
    wrong = [f"{d.span}: {d.code}: {d.message()}" for d in pack.diagnostics]
    assert not wrong, "\n".join(wrong)
    return pack


class World:
    """View and Context in one. `touched_keys` collects what this step wrote."""

    zone = ZONE
    language = "en"

    def __init__(self, pack: Pack, now: dt.datetime) -> None:
        self.pack, self.types, self.now = pack, PackTypes(pack), now
        self.records: dict[tuple[str, int], dict[str, Any]] = {}
        self.cursors: dict[str, int] = {}
        self.written: set[str] = set()
        self.violations: list[Violation] = []
        self.before: dict[tuple[str, int], dict[str, Any]] | None = None
        organization = pack.organization
        assert organization is not None
        self.persons = {
            id: Person(id, {"id": id, "name": p.name, "roles": tuple(p.roles), "team": None}, source=self)
            for id, p in organization.people.items()
        }
        self.managers_of = {id: p.manager for id, p in organization.people.items()}

    # ---- a step: begun, then kept or forgotten

    def begin(self, now: dt.datetime) -> None:
        self.now, self.written = now, set()
        self.before = {key: dict(values) for key, values in self.records.items()}

    def forget(self) -> None:
        assert self.before is not None
        self.records = {key: dict(values) for key, values in self.before.items()}
        self.written = set()

    # ---- View

    @property
    def context(self) -> World:
        return self

    def type_of(self, form: str, field: str) -> Any:
        return self.types.form_field(form, field)

    def record(self, form: str, id: int) -> Record | None:
        values = self.records.get((form, id))
        return Record(form, id, dict(values), version=1) if values is not None else None

    def person(self, id: str) -> Person | None:
        return self.persons.get(id)

    def look_up(self, person: Person, field: str) -> Any:
        return self.persons.get(str(self.managers_of[person.id])) if field == "manager" else None

    def calendar(self, name: str | None, person: Person | None = None) -> WorkCalendar:
        return OFFICE

    def members(self, role: str | None, team: str | None) -> Sequence[Person]:
        return [p for p in self.persons.values() if role is None or role in p["roles"]]

    def substitute(self, person: Person) -> tuple[str, Person | None] | None:
        return None

    def loads(self, members: Iterable[str], kind: str) -> Mapping[str, int]:
        return dict.fromkeys(members, 0)

    def cursor(self, name: str) -> int:
        return self.cursors.get(name, -1)

    def create(self, form: str, values: Mapping[str, Any]) -> Record:
        id = 1 + max((i for _, i in self.records), default=0)
        self.records[(form, id)] = dict(values)
        self.written.add(f"{form}:{id}")
        return Record(form, id, dict(values))

    def write(self, record: Record, values: Mapping[str, Any]) -> None:
        self.records[(record.form, record.id)].update(values)
        record.update(values)
        self.written.add(f"{record.form}:{record.id}")

    def settle(self) -> Sequence[Violation]:
        return self.violations

    def touched(self) -> frozenset[str]:
        found, self.written = frozenset(self.written), set()
        return found

    def tracked(self, run: Callable[[], T]) -> tuple[T, frozenset[str]]:
        """More than was read, never less: every record there is."""
        return run(), frozenset(f"{form}:{id}" for form, id in self.records)

    # ---- Context

    def people_with(self, role: str) -> Sequence[Person]:
        return self.members(role, None)

    def managers(self, person: Person) -> Sequence[Person]:
        found: list[Person] = []
        while (person := person["manager"]) is not None and person not in found:
            found.append(person)
        return found
