"""Functions over people, teams and records: the context knows the organization."""

from __future__ import annotations

from engine.language.expressions.arithmetic import Env, Number
from engine.language.expressions.context import context_of
from engine.language.expressions.faults import ExpressionFault
from engine.language.expressions.functions.declare import function
from engine.language.expressions.things import Person, Record
from engine.language.expressions.types import PERSON, ListOf


@function(
    "person: person, level: number = 1",
    gives="person",
    en="The manager, or the one so many levels above; empty at the top.",
    zh="上级，或往上若干级的负责人；到顶为空。",
    needs_env=True,
)
def manager(env: Env, person: Person, level: Number = 1) -> Person | None:
    above = context_of(env).managers(person)
    return above[int(level) - 1] if 1 <= level <= len(above) and level == int(level) else None


@function(
    "person: person, up_to: role = empty",
    gives=lambda _: ListOf(PERSON),
    en="All above, nearest first, up to and with the first who has the role.",
    zh="所有上级，由近到远，直到第一个担任该角色的人（含）。",
    needs_env=True,
    takes_empty=True,
)
def managers(env: Env, person: Person | None, up_to: str | None = None) -> tuple[Person, ...] | None:
    if person is None:
        return None
    chain: list[Person] = []
    for one in context_of(env).managers(person):
        chain.append(one)
        if up_to is not None and up_to in (one["roles"] or ()):
            break
    return tuple(chain)


@function("team: team", gives="person", en="Who leads the team.", zh="团队负责人。", needs_env=True)
def head(env: Env, team: str) -> Person | None:
    return context_of(env).head(team)


@function("person: person", gives="team", en="The person's team.", zh="人员所在团队。")
def team(person: Person) -> str | None:
    found = person["team"]
    if found is not None and not isinstance(found, str):
        raise ExpressionFault("a person's team is not a name")
    return found


@function(
    "role: role",
    gives=lambda _: ListOf(PERSON),
    en="Everyone who has the role.",
    zh="担任该角色的所有人。",
    needs_env=True,
)
def people_with(env: Env, role: str) -> tuple[Person, ...]:
    return tuple(context_of(env).people_with(role))


@function(
    "person: person, role: role",
    gives="yes_no",
    en="Whether the person has the role.",
    zh="是否担任该角色。",
    if_empty=False,
)
def has_role(person: Person, role: str) -> bool:
    return role in (person["roles"] or ())


@function(
    "record: record",
    gives="person",
    en="Whose record it is, by the form's owned_by.",
    zh="记录的归属人，按表单的 owned_by。",
    needs_env=True,
)
def owner(env: Env, record: Record) -> Person | None:
    return context_of(env).owner(record)


@function(
    "person: person, form: form",
    gives="number",
    en="How many open records of the form the person owns.",
    zh="该人员名下该表单的未结记录数。",
    needs_env=True,
)
def held(env: Env, person: Person, form: str) -> int:
    return context_of(env).held(person, form)


@function(
    "record: record, field: field",
    gives="yes_no",
    en="Whether this event changed the field; in `if` of a changed: event.",
    zh="本次事件是否修改了该字段；用于 changed: 事件的 if。",
    needs_env=True,
    if_empty=False,
)
def changed(env: Env, record: Record, field: str) -> bool:
    return context_of(env).changed(record, field)
