"""organization: roles, teams, people and what is known of them; who is away and who stands in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.language.diagnostics import only_near
from engine.language.kinds.definition import RAW, Definition
from engine.language.kinds.form import Field, FieldShape
from engine.language.shapes import DATE, TEXT, ListOf, MapOf, Name, OneWord, Reading, Struct, StructShape, key
from engine.language.shapes.base import Schema, Shape
from engine.language.yamltree import Mapping, Tree


@dataclass(frozen=True, kw_only=True)
class Attribute(Field):
    """What person.x may be; `measure` names the dashboard measure that works it out."""

    measure: str | None = key(TEXT, "the measure that gives it")


class AttributeShape(FieldShape):
    def __init__(self) -> None:
        super().__init__("start_with", "formula")
        self.struct = StructShape(Attribute, ("an attribute", "属性"))


@dataclass(frozen=True, kw_only=True)
class Role(Struct):
    title: str | None = key(TEXT, "how it is called")


@dataclass(frozen=True, kw_only=True)
class Team(Struct):
    title: str | None = key(TEXT, "how it is called")
    head: str | None = key(Name(), "the person who leads it")


@dataclass(frozen=True, kw_only=True)
class PersonEntry(Struct):
    """One person; other keys are the organization's attributes."""

    name: str = key(TEXT, "as people write it", required=True)
    roles: tuple[str, ...] = key(ListOf(Name(), single=True), "what they are", required=True)
    team: str | None = key(Name(), "their team")
    manager: str = key(Name(reserved=True), "their manager, or none", required=True)
    language: str | None = key(OneWord("zh", "en"), "which language they read")
    calendar: str | None = key(Name(), "their work calendar")
    email: str | None = key(TEXT, "where mail reaches them")
    phone: str | None = key(TEXT, "where messages reach them")
    attributes: Map[str, Tree] | None = None


class PersonShape(Shape[PersonEntry]):
    """A person's own keys, and any attribute, which is read when the attributes are known."""

    expected = (
        "a person as {name: ..., roles: [...], manager: ...}",
        "人员，如 {name: ..., roles: [...], manager: ...}",
    )

    def __init__(self) -> None:
        self.struct = StructShape(PersonEntry, ("a person", "人员"))

    def read(self, tree: Tree, reading: Reading) -> PersonEntry | None:
        import dataclasses

        if not isinstance(tree, Mapping):
            self.wrong(tree, reading)
            return None
        own = [*PersonEntry.keys()]
        missing = [key for key in ("name", "roles", "manager") if tree.get(key) is None]
        attributes = {
            name: value for name, value in tree.entries if name.text not in own and not only_near(name.text, missing)
        }
        entry = self.struct.read(tree, reading, skip=[name.text for name in attributes])
        if entry is None:
            return None
        from engine.language.source import Word

        return dataclasses.replace(entry, attributes={Word.at(n.text, n.span): v for n, v in attributes.items()})

    def json_schema(self, definitions: Schema) -> Schema:
        schema = dict(self.struct.json_schema(definitions))
        definitions["PersonEntry"]["additionalProperties"] = True
        return schema


@dataclass(frozen=True, kw_only=True)
class Away(Struct):
    person: str = key(Name(), "who", required=True)
    from_: dt.date = key(DATE, "first day", required=True)
    to: dt.date = key(DATE, "last day", required=True)
    substitute: str | None = key(Name(), "who stands in")
    mode: str = key(
        OneWord("substitute_decides", "both_decide", "person_decides"),
        "who decides meanwhile",
        default="substitute_decides",
    )


@dataclass(frozen=True, kw_only=True)
class Organization(Definition):
    """The people of a company as the pack sees them."""

    KIND: ClassVar[str] = "organization"

    attributes: Map[str, Attribute] = key(MapOf(Name(), AttributeShape()), "what person.x may be")
    roles: Map[str, Role] = key(MapOf(Name(), StructShape(Role, ("a role", "角色"))), "the roles", required=True)
    teams: Map[str, Team] = key(MapOf(Name(), StructShape(Team, ("a team", "团队"))), "the teams")
    people: Map[str, PersonEntry] = key(MapOf(Name(), PersonShape()), "the people", required=True)
    away: tuple[Any, ...] | None = key(ListOf(StructShape(Away, ("an absence", "缺勤"))), "absences")


__all__ = ["RAW", "Attribute", "Away", "Organization", "PersonEntry", "Role", "Team"]
