"""How far somebody's authority goes: comparisons of a person's number with a value of the case, `person.limit >= order.amount`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.checks.acting.candidates import Came, said
from engine.checks.acting.staff import NOT_KNOWN
from engine.checks.acting.worlds import environment
from engine.checks.pack_view import View
from engine.language.expressions import types
from engine.language.expressions.check import check as type_of
from engine.language.expressions.parse import Expression
from engine.language.expressions.things import Person
from engine.language.expressions.tree import Compare, Field, paths, walk
from engine.language.kinds.people import Group


@dataclass(frozen=True)
class Limit:
    """A number of persons, `attribute`, is compared with what `read` of the case holds."""

    attribute: str
    compare: Compare
    read: tuple[str, ...]
    of_candidate: bool = True
    """Whether it is the candidate's of a group, `person.limit`, or that of a person whom an expression names."""

    def covers(self, view: View, person: Person, came: Came) -> bool:
        """Whether the limit of the person is enough while that holds; what cannot be worked out is."""
        if not self.of_candidate:
            amounts = [value for path, value in came.when if path in self.read and isinstance(value, int | Decimal)]
            own = held(person, self.attribute)
            return len(amounts) != 1 or (own is not None and own >= amounts[0])
        try:
            env = environment(view, dict(came.when))
            return Expression("", self.compare).run({**env, "person": person}) is True
        except NOT_KNOWN:
            return True

    def when(self, came: Came) -> tuple[str, str]:
        return said([(path, value) for path, value in came.when if path in self.read])


def asked_of(view: View, who: Any) -> Limit | None:
    """The limit that a group asks of its people."""
    where = who.where if isinstance(who, Group) else None
    found = limits_in(view, where) if where is not None else ()
    return next((limit for limit in found if limit.of_candidate), None)


def limits_in(view: View, expression: Expression) -> Iterator[Limit]:
    """The limits that an expression compares, of the candidate or as in `manager(order.owner).limit`."""
    place, organization = view.place_of.get(id(expression)), view.staff.organization
    if place is None or organization is None:
        return
    numbers = {str(name) for name, a in (organization.attributes or {}).items() if a.type in ("number", "money")}
    for node in walk(expression.tree):
        if not isinstance(node, Compare) or node.operator not in ("<", "<=", ">", ">="):
            continue
        for own, other in ((node.left, node.right), (node.right, node.left)):
            read = tuple(sorted(".".join(path) for path in paths(other) if path[0] != "person"))
            for field in walk(own):
                if isinstance(field, Field) and field.name in numbers and read:
                    whose = Expression("", field.of)
                    if type_of(whose, place.names, view.types.vocabulary)[0] == types.PERSON:
                        yield Limit(field.name, node, read, paths(field.of) == {("person",)})


def highest(view: View, attribute: str) -> int | Decimal:
    """The highest that anybody has."""
    return max((value for p in view.staff.everybody if (value := held(p, attribute)) is not None), default=0)


def held(person: Person, attribute: str) -> int | Decimal | None:
    try:
        value = person[attribute]
    except NOT_KNOWN:
        return None
    return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
