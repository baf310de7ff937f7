"""Who may come out of an assignment: every person, or set of persons, with what must hold for it.

An expression or a group's `where` is worked out concretely, for every value that what it reads may have: a person's
field holds one of those who have its role, a choice one of its entries, an amount a value at or just beside what the
organization file and the text name. Where something else is read, nothing is known, and nothing is said.
A little longer than 300 lines: who comes out of an expression and who starts a case ask each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from engine.checks.acting.staff import NOT_KNOWN
from engine.checks.acting.standing import declared, may_be_empty, type_at
from engine.checks.acting.worlds import by_itself, environment, may_write
from engine.checks.pack_view import View
from engine.language.expressions import types
from engine.language.expressions.check import check as type_of
from engine.language.expressions.parse import Expression
from engine.language.expressions.things import Person, Record, Row
from engine.language.expressions.tree import Field as FieldOf
from engine.language.expressions.tree import Literal, walk
from engine.language.expressions.types import Choice, Names, RecordType
from engine.language.kinds.events import Trigger
from engine.language.kinds.form import Field, Form
from engine.language.kinds.node import Node
from engine.language.kinds.people import Group
from engine.language.kinds.workflow import Workflow
from engine.language.values import Literal as Written

_MOST_WORLDS = 3_000


@dataclass(frozen=True)
class Came:
    """The persons (ids) that come out when `when` holds: path -> value."""

    people: tuple[str, ...]
    when: tuple[tuple[str, Any], ...] = ()


Who = Sequence[Came] | None
"""Everything that may come out; None: it cannot be known."""


def outcomes(view: View, who: Any, workflow: Workflow | None, assignees: Sequence[str] | None = None) -> Who:
    """`who` as it stands at assignee, offer, approvers, transfer_to or by. `assignees`: whom `assignee` may be."""
    if isinstance(who, tuple) or (isinstance(who, Group) and not _declared(view, who)):
        return None
    expression = who.where if isinstance(who, Group) else who
    members: list[Person] = (
        view.staff.people.members(_text(who.role), _text(who.team)) if isinstance(who, Group) else []
    )
    if isinstance(who, Group) and expression is None:
        return [Came(tuple(p.id for p in members))]
    if not isinstance(expression, Expression):
        return None
    worlds = list(_worlds(view, expression, workflow, assignees, isinstance(who, Group)) or [])
    if not worlds:
        return None
    found = []
    for world in worlds:
        try:
            came = _came(view, who, expression, world, members)
        except NOT_KNOWN:
            return None
        found.append(Came(came, tuple((path, value) for path, value in world.items() if not path.endswith(".id"))))
    return found


def _declared(view: View, group: Group) -> bool:
    """Whether the role and the team are there; an unknown one is a finding of its own."""
    organization = view.staff.organization
    if organization is None:
        return False
    roles, teams = organization.roles, organization.teams or {}
    return (group.role is None or group.role in roles) and (group.team is None or group.team in teams)


def _text(word: Any) -> str | None:
    return None if word is None else str(word)


def _came(
    view: View, who: Any, expression: Expression, world: Mapping[str, Any], members: list[Person]
) -> tuple[str, ...]:
    env = environment(view, world)
    _records(view, expression, env)
    if isinstance(who, Group):
        return tuple(p.id for p in members if expression.run({**env, "person": p}) is True)
    value = expression.run(env)
    people = value if isinstance(value, tuple | list) else [value]
    return tuple(dict.fromkeys(p.id for p in people if isinstance(p, Person)))


def _records(view: View, expression: Expression, env: dict[str, Any]) -> None:
    """`owner(order)` asks for a record, not for a row."""
    for name, value in list(env.items()):
        if isinstance(value, Row) and view.pack.get(Form, name) is not None:
            env[name] = Record(name, 1, dict(value))


# ---- the values that are tried


def _worlds(
    view: View, expression: Expression, workflow: Workflow | None, assignees: Sequence[str] | None, group: bool
) -> Iterator[dict[str, Any]] | None:
    place = view.place_of.get(id(expression))
    if place is None or type_of(expression, place.names, view.types.vocabulary)[1]:
        return None  # a mistake in it is a finding of its own
    columns: list[tuple[str, list[Any]]] = []
    for path in sorted({".".join(p) for p in expression.reads}):
        if group and path.split(".")[0] == "person":
            continue
        found = _column(view, expression, path, place.names, workflow, assignees)
        if found is None:
            return None
        head, values = found
        columns.append((head, [*values, None] if may_be_empty(view, expression, head) else values))
    size = 1
    for _, values in columns:
        size *= len(values)
    if size > _MOST_WORLDS or size == 0:
        return None
    return (dict(zip([p for p, _ in columns], chosen, strict=True)) for chosen in product(*(v for _, v in columns)))


def _column(
    view: View,
    expression: Expression,
    path: str,
    names: Names,
    workflow: Workflow | None,
    assignees: Sequence[str] | None,
) -> tuple[str, list[Any]] | None:
    """A path and the values it is tried with. A field below a person is tried through the person."""
    if path == "assignee" or path.startswith("assignee."):
        return None if assignees is None else ("assignee", _persons(view, assignees))
    parts = path.split(".")
    place = view.place_of.get(id(expression))
    each = place.node.for_each if place is not None and place.node is not None else None
    if each is not None and each.in_ is not None and path == each.as_:
        copies = outcomes(view, each.in_, workflow)
        return None if copies is None else (path, _persons(view, [p for one in copies for p in one.people]))
    for end in range(1, len(parts) + 1):
        head = ".".join(parts[:end])
        type_ = type_at(view, head, names)
        if type_ == types.PERSON:
            people = persons_at(view, head, names, workflow)
            nobody = (
                [None]
                if head == "starter" and workflow is not None and any(map(by_itself, workflow.start.values()))
                else []
            )
            return None if people is None else (head, [*_persons(view, people), *nobody])
    type_ = type_at(view, path, names)
    if isinstance(type_, RecordType) and "owner" in expression.calls and len(type_.forms) == 1:
        form = view.pack.get(Form, type_.forms[0])
        inner = form.owned_by if form is not None else None
        if inner is not None and inner.text.strip() == ".".join(next(iter(inner.reads), ())):
            return _column(view, expression, f"{path}.{inner.text.strip()}", names, workflow, assignees)
    if isinstance(type_, Choice):
        return path, list(type_.entries)
    if type_ == types.YES_NO:
        return path, [True, False]
    if type_ in (types.NUMBER, types.MONEY):
        return path, amounts(view, expression, declared(view, path, names))
    return None


def _persons(view: View, ids: Sequence[str]) -> list[Any]:
    return [p for p in (view.staff.person(i) for i in ids) if p is not None]


def persons_at(view: View, path: str, names: Names, workflow: Workflow | None) -> list[str] | None:
    """Whom a person's path may be: those with the role of its field, who may have started or done a step; None: unknown."""
    if path == "starter":
        return starters(view, workflow) if workflow is not None else None
    if path.startswith("case.") and workflow is not None:
        return _assigned(view, path, workflow)
    if path.startswith(("case.", "steps.", "message.")) or path == "message":
        return None
    field = declared(view, path, names)
    if field is None or field.formula is not None:
        return None
    return [p.id for p in view.staff.people.members(_text(field.role), None)]


def _assigned(view: View, path: str, workflow: Workflow) -> list[str] | None:
    """Who a variable may be, when nothing but steps that choose from a whole group write it."""
    if any(trigger.called is not None for trigger in workflow.start.values()):
        return None
    found: list[str] = []
    for _, node in workflow.all_nodes():
        if not may_write(view, node, path):
            continue
        group = getattr(node, "from_", None)
        if (
            node.TYPE != "assign"
            or not isinstance(group, Group)
            or group.where is not None
            or not _declared(view, group)
        ):
            return None
        found += [person.id for person in view.staff.people.members(_text(group.role), _text(group.team))]
    return list(dict.fromkeys(found)) or None


def starters(view: View, workflow: Workflow) -> list[str] | None:
    """Who may have started a case of the workflow; None where it cannot be known."""
    found: list[str] = []
    for trigger in workflow.start.values():
        came = who_starts(view, workflow, trigger)
        if came is None:
            return None
        found += [person for one in came for person in one.people]
    return list(dict.fromkeys(found))


def who_starts(view: View, workflow: Workflow, trigger: Trigger, through: frozenset[str] = frozenset()) -> Who:
    """Who starts a case by this start: who may press the button, or started the case that calls; nobody by any other.

    `through`: the workflows that are on the way of the calls already.
    """
    if trigger.button is not None:
        if trigger.by is None:
            return [Came(tuple(person.id for person in view.staff.everybody))]
        return outcomes(view, trigger.by, None if _reads_starter(trigger.by) else workflow)
    if trigger.called is None:
        return []
    found: list[Came] = []
    for definition, _, node in view.of(Node):
        if node.TYPE != "call" or str(getattr(node, "workflow", "")) != workflow.name or definition.name in through:
            continue
        assert isinstance(definition, Workflow)
        given = getattr(node, "for_", None)
        same = isinstance(given, Expression) and given.text.strip() == str(workflow.case) == str(definition.case)
        for start in definition.start.values():
            came = who_starts(view, definition, start, through | {workflow.name})
            if came is None or (not same and any(one.when for one in came)):
                return None  # of another record is said what is not true of this one
            found += came
    return found


def _reads_starter(who: Any) -> bool:
    expression = who.where if isinstance(who, Group) else who
    return isinstance(expression, Expression) and any(path[0] == "starter" for path in expression.reads)


def amounts(view: View, expression: Expression, field: Field | None) -> list[Any]:
    """Amounts at and beside every number that the persons or the expression name, within the field's own bounds."""
    named: set[Any] = set()
    for node in walk(expression.tree):
        if isinstance(node, Literal) and isinstance(node.value, int | Decimal) and not isinstance(node.value, bool):
            named.add(node.value)
        if isinstance(node, FieldOf):
            for person in view.staff.everybody:
                try:
                    value = person[node.name]
                except NOT_KNOWN:
                    continue
                if isinstance(value, int | Decimal) and not isinstance(value, bool):
                    named.add(value)
    bounds = {key: _bound(getattr(field, key, None)) for key in ("at_least", "at_most", "above", "below")}
    tried = {v + d for v in named for d in (-1, 0, 1)} | {b for b in bounds.values() if b is not None} | {0, 1}
    low, high, above, below = bounds["at_least"], bounds["at_most"], bounds["above"], bounds["below"]
    return sorted(
        v
        for v in tried
        if (low is None or v >= low) and (high is None or v <= high) and (above is None or v > above)
        and (below is None or v < below)
    )  # fmt: skip


def _bound(value: Any) -> Any:
    """A literal bound of a field."""
    if isinstance(value, Written):
        from engine.language.durations import read_number

        return read_number(str(value.text))
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    return None


def said(when: Sequence[tuple[str, Any]]) -> tuple[str, str]:
    """What must hold, for a message: ` when order.owner is ida and order.amount is 50001`; empty when nothing must."""
    parts = [(path, _shown(value)) for path, value in when]
    if not parts:
        return "", ""
    en = " and ".join(f"{path} is {value}" for path, value in parts)
    zh = "、".join(f"{path} 为空" if value == "empty" else f"{path} 为 {value}" for path, value in parts)
    return f" when {en}", f"当 {zh} 时，"


def _shown(value: Any) -> str:
    if isinstance(value, Person):
        return value.id
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:_}" if isinstance(value, int | Decimal) else str(value)
