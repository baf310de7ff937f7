"""The people of a pack as a step meets them: typed attributes, managers, teams, and who is away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from engine.language.diagnostics import Diagnostic
from engine.language.expressions.things import Person
from engine.language.expressions.types import Choices, ListOf, Type
from engine.language.kinds.organization import Attribute, Organization, PersonEntry
from engine.language.literals import read_literal
from engine.language.vocabulary import PackTypes
from engine.language.yamltree import Scalar, Tree
from engine.language.yamltree import Sequence as Items
from engine.rules.assignment import absence_of

Measure = Callable[[str, Person], Any]
"""(measure, person) -> its value; what a dashboard works out of each person."""


class People:
    """PersonSource of the persons it hands out; made for one step."""

    def __init__(self, organization: Organization | None, types: PackTypes, zone: ZoneInfo, measure: Measure) -> None:
        self._entries: Mapping[str, PersonEntry] = organization.people if organization is not None else {}
        self._attributes: Mapping[str, Attribute] = (organization.attributes or {}) if organization is not None else {}
        self._teams = (organization.teams or {}) if organization is not None else {}
        self._away = (organization.away or ()) if organization is not None else ()
        self._types, self._zone, self._measure = types, zone, measure
        self._known: dict[str, Person] = {}

    def person(self, id: str) -> Person | None:
        found = self._known.get(id)
        if found is None and (entry := self._entries.get(id)) is not None:
            fields: dict[str, Any] = {
                "id": id, "name": str(entry.name), "roles": tuple(map(str, entry.roles)), "team": _text(entry.team),
                "email": _text(entry.email), "phone": _text(entry.phone), "language": _text(entry.language),
            }  # fmt: skip
            found = self._known[id] = Person(id, fields, source=self)
        return found

    def look_up(self, person: Person, field: str) -> Any:
        """The manager and the attributes, when they are first read."""
        entry = self._entries.get(person.id)
        if entry is None:
            return None
        if field == "manager":
            return None if entry.manager == "none" else self.person(str(entry.manager))
        attribute = self._attributes.get(field)
        if attribute is None:
            return None
        if attribute.measure is not None:
            return self._measure(str(attribute.measure), person)
        tree = (entry.attributes or {}).get(field)
        return None if tree is None else _read(tree, self._types.field(attribute, f"person.{field}"), self._zone)

    def all(self) -> list[Person]:
        return [person for id in self._entries if (person := self.person(str(id))) is not None]

    def members(self, role: str | None, team: str | None) -> list[Person]:
        return [p for p in self.all() if (role is None or role in p["roles"]) and (team is None or p["team"] == team)]

    def head(self, team: str) -> Person | None:
        found = self._teams.get(team)
        return None if found is None or found.head is None else self.person(str(found.head))

    def managers(self, person: Person) -> list[Person]:
        """Nearest first, nobody twice."""
        found: list[Person] = []
        one = person["manager"]
        while one is not None and one not in found and one != person:
            found.append(one)
            one = one["manager"]
        return found

    def calendar_of(self, person: Person) -> str | None:
        entry = self._entries.get(person.id)
        return None if entry is None else _text(entry.calendar)

    def substitute(self, person: Person, on: dt.date) -> tuple[str, Person | None] | None:
        """None when the person is there; else the mode of the absence and who stands in, or their stand-in."""
        away = absence_of(person.id, on, self._away)
        if away is None:
            return None
        asked, stand_in = {person.id}, away
        while stand_in.substitute is not None and stand_in.substitute not in asked:
            name = str(stand_in.substitute)
            asked.add(name)
            further = absence_of(name, on, self._away)
            if further is None or further.mode == "person_decides":
                return str(away.mode), self.person(name)
            stand_in = further
        return str(away.mode), None


def _text(value: str | None) -> str | None:
    return None if value is None else str(value)


def _read(tree: Tree, type_: Type, zone: ZoneInfo) -> Any:
    """An attribute as written, by its type; ValueError for one that does not read: check came first."""
    if isinstance(tree, Items):
        of = type_.of if isinstance(type_, Choices | ListOf) else type_
        return tuple(_read(item, of, zone) for item in tree.items)
    if not isinstance(tree, Scalar):
        raise ValueError(f"{tree.span}: an attribute of a person is one value or a list")
    read = read_literal(tree.text, tree.span, type_, zone)
    if isinstance(read, Diagnostic):
        raise ValueError(f"{tree.span}: {read.message()}")
    return read
