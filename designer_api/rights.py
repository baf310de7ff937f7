"""What the person of the token may do: by the access lines of forms, by their tasks, or as an operator.

First version. An operator has the role `admin`; in an organization without such a role everybody is one. What a person
may not see is answered as if it were not there. Operators see records by the access lines too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from designer_api.problems import Problem, asked_language, forbidden, not_found, violation
from designer_api.served import engine
from designer_api.tokens import person
from engine.language.expressions.plain import NotPlain, from_plain
from engine.language.expressions.things import Record
from engine.language.kinds.form import Form
from engine.language.literals import read_value
from engine.rules.access import Asker, May, asker, granted, may_ever
from engine.runtime.reading.look import Look

Plain = dict[str, Any]
ALWAYS_SHOWN = frozenset({"id", "created_at", "changed_at"})
OPERATOR = "admin"
MOST_ID = 2**63 - 1


def is_operator() -> bool:
    organization = engine().pack.organization
    if organization is None or OPERATOR not in organization.roles:
        return True
    return OPERATOR in organization.people[person()].roles


def need_operator() -> None:
    if not is_operator():
        raise forbidden("This needs the role admin.", "此操作需要 admin 角色。")


def asks(look: Look) -> Asker:
    """Who asks, as conditions of access lines see them."""
    who = look.person(person())
    if who is None:
        raise not_found()
    organization = look.pack.organization
    teams = (organization.teams or {}) if organization is not None else {}
    return asker(who, {str(name): None if team.head is None else str(team.head) for name, team in teams.items()})


@contextmanager
def looking() -> Iterator[tuple[Look, Asker]]:
    with engine().look() as look:
        yield look, asks(look)


def form_named(name: str) -> Form:
    form = engine().pack.get(Form, name)
    if form is None:
        raise not_found()
    return form


def number(id: str) -> int:
    """A record's id; what is no number is not there."""
    if not (id.isascii() and id.isdecimal() and len(id) <= 19 and int(id) <= MOST_ID):
        raise not_found()
    return int(id)


def fields_of(look: Look, who: Asker, may: May, form: Form, id: int) -> frozenset[str]:
    """The fields of a record that the person may read or edit; none when it is not there."""
    if not may_ever(form, may, who):
        return frozenset()
    record = look.record(str(form.name), id)
    if record is None:
        return frozenset()
    return granted(form, may, who, record, look.view.context)


def need_readable(form: str, id: str) -> frozenset[str]:
    """The fields that may be read."""
    declared, key = form_named(form), number(id)
    with looking() as (look, who):
        fields = fields_of(look, who, "read", declared, key)
    if not fields:
        raise not_found()
    return fields


def need_editable(form: str, id: str, names: Mapping[str, Any]) -> frozenset[str]:
    """The fields that may be read; refuses what may not be written."""
    declared, key = form_named(form), number(id)
    with looking() as (look, who):
        readable = fields_of(look, who, "read", declared, key)
        editable = fields_of(look, who, "edit", declared, key)
    if not readable and not editable:
        raise not_found()
    _only(declared, editable, names)
    return readable


def need_creatable(form: str, values: Mapping[str, Any]) -> None:
    """Whether a record may begin with these values. Names and values that do not fit are the engine's to refuse."""
    declared = form_named(form)
    with looking() as (look, who):
        if not may_ever(declared, "create", who):
            raise forbidden("You may not create this.", "您无权新建此类记录。")
        begins = _beginning(look, declared, values)
        _only(declared, granted(declared, "create", who, begins, look.view.context, is_new=True), values)


def _beginning(look: Look, form: Form, values: Mapping[str, Any]) -> Record:
    """What a record would begin with: the values given, else the literal ones of start_with."""
    types = look.types.form(str(form.name))
    found: Plain = dict.fromkeys(map(str, form.fields))
    for name, field in form.fields.items():
        try:
            if name in values:
                found[str(name)] = from_plain(values[name], types[str(name)], look.view)
            elif field.start_with is not None:
                found[str(name)] = read_value(field.start_with, types[str(name)], look.facts.zone, lambda formula: None)
        except (NotPlain, ValueError, TypeError):
            continue
    return Record(str(form.name), 0, found)


def _only(form: Form, allowed: frozenset[str], names: Mapping[str, Any]) -> None:
    known = set(map(str, form.fields))
    wrong = [name for name in names if name in known and name not in allowed]
    if wrong or not allowed:
        en, zh = ", ".join(wrong) or "this record", "、".join(wrong) or "此记录"
        raise Problem(
            403, "not-granted", f"You may not write: {en}.", f"您无权填写：{zh}。",
            violations=[violation((name,), "not-granted", "may not be written by you", "您无权填写") for name in wrong],
        )  # fmt: skip


def shown(found: Plain, fields: frozenset[str]) -> Plain:
    """A record's answer with the fields that may be read; its label stays when all that it is made of may be read."""
    declared = form_named(found["form"])
    kept = {name: value for name, value in found["fields"].items() if name in fields or name in ALWAYS_SHOWN}
    label = found.get("label")
    if not _label_fields(declared) <= fields | ALWAYS_SHOWN:
        label = f"{found['form']} {found['id']}"
    return {**found, "fields": kept, "label": label}


def _label_fields(form: Form) -> frozenset[str]:
    """The form's own fields that its label reads, through formulas too."""
    from engine.language.expressions.tree import paths
    from engine.language.values import formulas_of

    left = [path[0] for e in (formulas_of(form.label) if form.label is not None else ()) for path in paths(e.tree)]
    found: set[str] = set()
    while left:
        name = left.pop()
        if name in form.fields and name not in found:
            found.add(name)
            formula = form.fields[name].formula
            left += [path[0] for path in paths(formula.tree)] if formula is not None else []
    return frozenset(found)


def need_case(case: str) -> Plain:
    """A case that an operator, its starter, who has a task in it, or a reader of its record asks for."""
    number(case)
    found = engine().case(case, language=asked_language())
    if is_operator():
        return found
    if found.get("starter") == person() or any(task["assignee"] == person() for task in found["tasks"]):
        return found
    about = found.get("record")
    if about is None:
        raise not_found()
    need_readable(about["form"], str(about["id"]))
    return found
