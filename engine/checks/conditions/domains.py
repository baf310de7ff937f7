"""What is known of a value before any condition asks for it: whether it can be empty, its bounds.

Said as formulas that always hold beside the conditions of a place. Only what the engine enforces counts: `required`
without `visible_if`, the bounds of a field (LANGUAGE section 7), what functions can give (section 10).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from zoneinfo import ZoneInfo

from engine.checks.conditions.formula import All, Atom, Formula, Some, Sum, Term, both, either, negated
from engine.checks.conditions.formula import terms as terms_of
from engine.checks.conditions.meaning import of_record
from engine.checks.conditions.reading import NEVER_EMPTY, Reader, spelled
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Call, Node, Path
from engine.language.expressions.tree import Field as FieldOf
from engine.language.expressions.types import ANY, DATE, MONEY, NUMBER, YES_NO, Names, RecordType
from engine.language.kinds.dashboard import Dashboard
from engine.language.kinds.definition import Definition
from engine.language.kinds.form import Field, Form
from engine.language.kinds.scoring import Scoring
from engine.language.kinds.template import Template
from engine.language.kinds.workflow import Workflow
from engine.language.literals import read_literal
from engine.language.values import Literal

BOUNDS = (("at_least", ">="), ("at_most", "<="), ("above", ">"), ("below", "<"))
BOUNDED = (NUMBER, MONEY, DATE)
WITHIN: dict[str, tuple[int, int | None]] = {
    "count": (0, None), "length": (0, None), "month_of": (1, 12), "weekday_of": (1, 7), "similar": (0, 1), "abs": (0, None),
}  # fmt: skip
"""The least and the most that a function gives."""
MOST_FORMULAS = 4
"""Formula fields that read formula fields are followed so deep."""
UTC = ZoneInfo("UTC")
Hop = list[Field | None]
"""The declarations that one name of a path may mean, one for each form that has it; None: every record has it."""


class Domains:
    """What holds of the values that are read in `definition` with `names`.

    The plain form claims nothing that might not be so: it is for 'this can never hold'. With `likely` a value counts as
    filled that is empty only where some step forgot it (case data, steps, fields with `start_with`): it is for 'nothing
    applies when this is empty'.
    """

    def __init__(self, view: View, definition: Definition | None, names: Names, *, likely: bool = False) -> None:
        self.view = view
        self.definition = definition
        self.names = names
        self.likely = likely
        self.worked_out: dict[Formula, tuple[str, str] | None] = {}
        """Of what was said to be known: a field with a formula and the formula; None for what functions give."""

    def known(self, terms: Iterable[Term]) -> list[Formula]:
        """What always holds of these terms."""
        found: dict[str, Term] = {term.text: term for term in terms}
        formulas: list[Formula] = []
        new = list(found.values())
        for _ in range(MOST_FORMULAS):
            said = [formula for term in new for formula in self.of(term)]
            formulas += said
            new = [term for text, term in terms_of(said).items() if text not in found]
            found |= {term.text: term for term in new}
        for term in found.values():  # what is read of an empty thing is empty
            for above in found.values():
                if (
                    term.path
                    and above.path
                    and len(above.path) < len(term.path)
                    and above.path == term.path[: len(above.path)]
                ):
                    formulas.append(either(negated(Atom(term, "has")), Atom(above, "has")))
        return formulas

    def of(self, term: Term) -> Iterator[Formula]:
        meaning = self.meaning(term)
        if meaning is not True:
            formula = self.formula_of(term)
            self.worked_out[meaning] = (term.text, spelled(formula)) if formula is not None else None
            yield meaning
        if term.path is None:
            yield from _given(term)
            return
        hops = self.hops(term.path)
        if self._filled(term.path, hops):
            yield Atom(term, "has")
        if hops and hops[-1] and term.type in BOUNDED and term.path[0] != "case":
            yield either(negated(Atom(term, "has")), *(both(*_bounds(term, field)) for field in hops[-1]))

    def meaning(self, term: Term) -> Formula:
        """What the term is worked out from: a function's answer is there when what it is given is, a field with a formula
        is what its formula gives."""
        key = ("meaning", id(self.names), self.definition.name if self.definition is not None else "", term.text)
        if key not in self.view.remembered:
            self.view.remembered[key] = (
                self.names,
                self._meaning(term),
            )  # with the names, so that their id stays theirs
        found: Formula = self.view.remembered[key][1]
        return found

    def _meaning(self, term: Term) -> Formula:
        if term.path is None:
            reader = Reader(Expression(term.text, term.node), self.names, self.view.types.vocabulary)
            filled = reader.filled(term.node)
            return True if filled == Atom(term, "has") else _same(Atom(term, "has"), filled)
        formula = self.formula_of(term)
        if formula is None:
            return True
        reader = Reader(Expression(spelled(formula), formula), self.names, self.view.types.vocabulary)
        if reader.checker.type_of(formula, self.names) == ANY or reader.checker.findings:
            return True
        if term.type == YES_NO:
            return _same(Atom(term, "==", (True,)), reader.formula(formula))
        equal = reader.compared("==", term.node, formula)
        if term.type == MONEY:
            equal = _to_the_cent(equal, term)
        return either(equal, both(negated(Atom(term, "has")), negated(reader.filled(formula))))

    def formula_of(self, term: Term) -> Node | None:
        """The formula of a field, written over the record whose field it is."""
        hops = self.hops(term.path) if term.path is not None else None
        if not hops or len(hops[-1]) != 1 or hops[-1][0] is None or hops[-1][0].formula is None:
            return None
        return of_record(hops[-1][0].formula.tree, term.node.of if isinstance(term.node, FieldOf) else None)

    def _filled(self, path: Path, hops: list[Hop] | None) -> bool:
        """Whether the value at `path` is there whatever happened."""
        if path[0] in ("steps", "message", "case"):
            known = self.likely and path[-1] not in ("opinion", "by")
            return known and (path[0] != "case" or hops is None or all(map(self._all_filled, hops[1:])))
        return hops is not None and all(map(self._all_filled, hops))

    def _all_filled(self, hop: Hop) -> bool:
        return bool(hop) and all(field is None or self._never_empty(field) for field in hop)

    def _never_empty(self, field: Field) -> bool:
        if field.type in ("records", "list"):
            return False
        if field.type == "serial":
            return True
        if field.formula is not None:
            return False
        return field.visible_if is None and (field.required or (self.likely and field.start_with is not None))

    def hops(self, path: Path) -> list[Hop] | None:
        """What the names of a path are declared as; None where something on the way is not declared by a form."""
        first: Field | None
        match self.definition:
            case Workflow(data=data) if path[0] == "case" and len(path) > 1:
                first, rest = (data or {}).get(path[1]), path[2:]
            case Form(fields=fields):
                first, rest = fields.get(path[0]), path[1:]
            case Workflow() | Scoring() | Template() | Dashboard():
                root = self.names.known.get(path[0])
                taken = isinstance(self.definition, Template) and path[0] != self.definition.for_
                return self._fields(list(root.forms), path[1:]) if isinstance(root, RecordType) and not taken else None
            case _:
                return None
        if first is None:
            return None
        return _joined([first], self._fields(_forms(first), rest))

    def _fields(self, forms: list[str], names: Path) -> list[Hop] | None:
        """One hop a name, from records of these forms."""
        found: list[Hop] = []
        for name in names:
            declared = [self.view.pack.get(Form, form) for form in forms]
            if not declared or any(form is None for form in declared):
                return None
            hop = [form.fields.get(name) for form in declared if form is not None]
            found.append(hop)
            forms = [form for field in hop if field is not None for form in _forms(field)]
        return found


def _same(one: Formula, other: Formula) -> Formula:
    return either(both(one, other), both(negated(one), negated(other)))


def _to_the_cent(formula: Formula, term: Term) -> Formula:
    """What is worked out is kept as whole cents: half a cent to either side, unless it comes out even anyway."""
    match formula:
        case All(parts=parts):
            return both(*(_to_the_cent(part, term) for part in parts))
        case Some(parts=parts):
            return either(*(_to_the_cent(part, term) for part in parts))
        case Sum(parts=parts, constant=constant, operator="=="):
            own = abs(next((factor for part, factor in parts if part.text == term.text), Fraction(0)))
            even = (
                all(part.type == MONEY and part.path is not None and (f / own).denominator == 1 for part, f in parts)
                if own
                else False
            )
            if even and (constant / own * 100).denominator == 1:
                return formula
            half = own / 200
            return both(Sum(parts, constant - half, "<="), Sum(parts, constant + half, ">="))
    return formula


def _joined(first: Hop, rest: list[Hop] | None) -> list[Hop] | None:
    return None if rest is None else [first, *rest]


def _forms(field: Field) -> list[str]:
    if field.type != "record":
        return []
    return [str(form) for form in field.of] if isinstance(field.of, tuple) else [str(field.of)]


def _given(term: Term) -> Iterator[Formula]:
    """What a function can give."""
    if isinstance(term.node, Call) and term.node.function in NEVER_EMPTY:
        yield Atom(term, "has")
    if isinstance(term.node, Call) and term.node.function in WITHIN:
        low, high = WITHIN[term.node.function]
        empty = negated(Atom(term, "has"))
        yield either(empty, Atom(term, ">=", (low,)))
        if high is not None:
            yield either(empty, Atom(term, "<=", (high,)))


def _bounds(term: Term, field: Field | None) -> Iterator[Formula]:
    """The bounds that are written as values; a bound that is a formula is not looked into."""
    if field is None or field.formula is not None:
        return
    for key, operator in BOUNDS:
        value = getattr(field, key, None)
        if isinstance(value, Literal):
            limit = read_literal(value.text, value.span, term.type, UTC)
            if limit is not None and not isinstance(limit, Diagnostic):
                yield Atom(term, operator, (limit,))
