"""Every condition of a pack with its place: its formula, and what is known of the values that it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from engine.checks.conditions.domains import Domains
from engine.checks.conditions.formula import Formula, Term, both, terms
from engine.checks.conditions.reading import Reader
from engine.checks.conditions.solving import Model, Undecided, model
from engine.checks.pack_view import View
from engine.language.expressions.check import check
from engine.language.expressions.parse import Expression
from engine.language.kinds.definition import Definition
from engine.language.kinds.form import Form
from engine.language.place import Place


class Conditions:
    """The conditions of a pack while it is checked; each is read once."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._read: dict[int, Formula | None] = {}

    @cached_property
    def places(self) -> Mapping[int, Place]:
        """Where an expression stands, by its identity: equal texts stand in many places."""
        return {id(place.holds): place for place in self.view.places if isinstance(place.holds, Expression)}

    def formula(self, expression: Expression) -> Formula | None:
        """When it holds; None where it has findings of its own, or no place."""
        if id(expression) not in self._read:
            self._read[id(expression)] = self._formula(expression)
        return self._read[id(expression)]

    def _formula(self, expression: Expression) -> Formula | None:
        place = self.places.get(id(expression))
        if place is None or check(expression, place.names, self.view.types.vocabulary, place.wants)[1]:
            return None
        return Reader(expression, place.names, self.view.types.vocabulary).formula(expression.tree)

    def domains(self, expression: Expression, *, likely: bool = False) -> Domains:
        """What is known where the expression stands."""
        return self.domains_at(self.places[id(expression)], likely=likely)

    def domains_at(self, place: Place, *, likely: bool = False) -> Domains:
        """What is known at a place."""
        definition: Definition | None = place.definition
        if isinstance(definition, Form) and (place.keys[2:3] == ("of",) or place.keys[-1] == "visible_if"):
            definition = None  # bare names are those of a row first; what is shown is asked while a record is filled in
        return Domains(self.view, definition, place.names, likely=likely)

    def impossible(self, at: Expression, formulas: Iterable[Formula]) -> bool:
        """Whether they can certainly not hold together where `at` stands."""
        try:
            return self.model(at, formulas) is None
        except Undecided:
            return False

    def model(self, at: Expression, formulas: Iterable[Formula], *, likely: bool = False) -> Model | None:
        """Values for which they all hold where `at` stands; None: there are none. Raises Undecided."""
        wanted = list(formulas)
        asked: Mapping[str, Term] = terms(wanted)
        return model([both(*wanted), *self.domains(at, likely=likely).known(asked.values())])


def conditions_of(view: View) -> Conditions:
    """Those of a pack, read once for all who ask."""
    found: Conditions = view.remembered.setdefault("conditions", Conditions(view))
    return found
