"""People: roles, teams and persons that are named must be declared; managers and heads form no circle."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks import literals
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.dashboard import Dashboard
from engine.language.kinds.definition import Definition
from engine.language.kinds.form import Access, Field
from engine.language.kinds.organization import Away, Organization, PersonEntry, Team
from engine.language.kinds.people import Group
from engine.language.messages import people, reference, time
from engine.language.scopes import NOTHING
from engine.language.shapes import Reading, Struct
from engine.language.shapes.expressions import VALUE
from engine.language.source import Span, place_of


def check(view: View) -> Iterator[Diagnostic]:
    """unknown-person; the attributes of persons by their types."""
    organization = view.pack.organization
    roles = list(organization.roles) if organization else []
    teams = list((organization.teams or {}) if organization else {})
    persons = list(organization.people) if organization else []
    if organization is None and any(kind == "organization" for kind, _ in view.broken):
        return
    known = {"role": roles, "team": teams, "person": persons}
    for definition, _, struct in view.structs:
        for kind, name in _named(struct, definition):
            if name is not None and name not in known[kind] and name != "none":
                yield people.unknown_person(_at(name, struct.span), kind, name, known[kind])
    if organization is not None:
        yield from _attributes(organization, view)
        yield from _circles(organization)
        for away in organization.away or ():
            if away.to < away.from_:
                yield time.bad_time(
                    away.place("to"),
                    str(away.to),
                    ("a day after the absence begins", "缺席开始之后的日期"),
                    str(away.from_),
                )


def _at(word: str, otherwise: Span) -> Span:
    place = place_of(word)
    return place if place.line else otherwise


def _named(struct: Struct, definition: Definition) -> Iterator[tuple[str, str | None]]:
    match struct:
        case Group():
            yield from (("role", struct.role), ("team", struct.team))
        case Access():
            yield "role", struct.role
        case Field():
            yield "role", struct.role
        case PersonEntry():
            for role in struct.roles:
                yield "role", role
            yield from (("team", struct.team), ("person", struct.manager))
        case Team():
            yield "person", struct.head
        case Away():
            yield from (("person", struct.person), ("person", struct.substitute))
        case Dashboard():
            for role in struct.for_:
                yield "role", role


def _attributes(organization: Organization, view: View) -> Iterator[Diagnostic]:
    """A person's other keys are the organization's attributes, read by their types."""
    declared = organization.attributes or {}
    source = view.pack.sources.get(organization.path)
    for entry in organization.people.values():
        for name, tree in (entry.attributes or {}).items():
            if name not in declared:
                known = [*PersonEntry.keys(), *declared]
                yield _unknown(name, known)
                continue
            if source is None:
                continue
            reading = Reading(source)
            value = VALUE.read(tree, reading)
            yield from reading.diagnostics
            if value is not None:
                type_ = view.types.field(declared[name], f"person.{name}")
                names = NOTHING
                yield from literals.of_type(value, type_, names, view)


def _unknown(name: str, known: list[str]) -> Diagnostic:
    from engine.language.messages import syntax

    return syntax.unknown_key(place_of(name), name, "a person", known, "人员")


def _circles(organization: Organization) -> Iterator[Diagnostic]:
    """Managers form a tree: a person who is above himself would be asked for ever."""
    for name, entry in organization.people.items():
        chain, above = [name], entry.manager
        while above in organization.people and above not in chain:
            chain.append(above)
            above = organization.people[above].manager
        if above == name:
            yield reference.circle_of_managers(_at(entry.manager, entry.span), " -> ".join([*chain, name]))
