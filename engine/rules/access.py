"""Access: which fields of a record a person may read, create or edit, by the lines of its form (LANGUAGE 7).

Each line grants; what no line grants is not allowed; several lines add up. `own` is the person by `owned_by`, `team`
the people of the asker's team or of a team that the asker heads. A record that is being created and has no owner yet is
the asker's own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.language.expressions.parse import Expression
from engine.language.expressions.things import Person
from engine.language.kinds.form import Access, Form
from engine.rules.in_form import InForm

May = Literal["read", "create", "edit", "export", "delete"]
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Asker:
    """Who asks: the person, and the teams that `team` means for them. Conditions may read them as `person`."""

    person: Person
    teams: frozenset[str]

    @property
    def roles(self) -> Collection[str]:
        roles: Collection[str] = self.person["roles"] or ()
        return roles


def asker(person: Person, heads: Mapping[str, str | None]) -> Asker:
    """`heads`: team -> the person who heads it."""
    own = {str(person["team"])} if person["team"] is not None else set()
    return Asker(person, frozenset(own | {str(team) for team, head in heads.items() if head == person.id}))


def granted(
    form: Form, may: May, asker: Asker, record: Mapping[str, Any], context: Any = None, *, is_new: bool = False
) -> frozenset[str]:
    """The fields; none when no line grants anything. `record` gives every field by its name, empty ones too.

    `is_new`: the record is being created; `record` holds what it would begin with.
    """
    env = InForm(record, context)
    if "person" not in form.fields:
        env["person"] = asker.person
    fields: set[str] = set()
    owner: Any = ...
    for line in form.access or ():
        if may not in line.may or str(line.role) not in asker.roles:
            continue
        if owner is ...:
            owner = _owner(form, env)
        if _covers(line, asker, owner, env, is_new) and (line.while_ is None or line.while_.holds(env)):
            fields |= _fields(line, form)
    return frozenset(fields)


def may_ever(form: Form, may: May, asker: Asker) -> bool:
    """Whether some line could grant it for some record: else a list of the form need not be looked at."""
    return any(may in line.may and str(line.role) in asker.roles for line in form.access or ())


def _owner(form: Form, env: InForm) -> Person | None:
    found = None if form.owned_by is None else form.owned_by.run(env)
    if isinstance(found, tuple | list):
        found = next((one for one in found if isinstance(one, Person)), None)
    return found if isinstance(found, Person) else None


def _covers(line: Access, asker: Asker, owner: Person | None, env: InForm, is_new: bool) -> bool:
    if isinstance(line.records, Expression):
        return line.records.holds(env)
    if line.records == "all":
        return True
    if owner is None:
        return is_new
    if line.records == "own":
        return owner == asker.person
    return owner["team"] is not None and str(owner["team"]) in asker.teams


def _fields(line: Access, form: Form) -> frozenset[str]:
    every = frozenset(map(str, form.fields))
    if line.only is not None:
        return every & frozenset(map(str, line.only))
    return every - frozenset(map(str, line.except_ or ()))
