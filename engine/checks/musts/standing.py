"""A rule of a form put to one record: what it says after what has been written, and how its sides then stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from engine.checks.conditions.domains import BOUNDS
from engine.checks.conditions.formula import Atom, Formula, Term, either, negated
from engine.checks.conditions.reading import LINEAR, Reader, measured, spelled, value_on_scale
from engine.checks.conditions.solving import Model
from engine.checks.musts.resting import Done, Inlined, as_tree, form_at
from engine.checks.musts.trees import EMPTY, ROW, Working, Written, put_to, read_by
from engine.checks.musts.values import UTC
from engine.checks.pack_view import View
from engine.checks.regions import Numbers
from engine.language.expressions.check import check
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Call, Compare, Each, Name, Node, Path, walk
from engine.language.expressions.types import LITERAL_NUMBER, NUMBER, RECORD_FIELDS, Names, bare
from engine.language.kinds.form import Form, Must
from engine.language.literals import read_literal
from engine.language.values import Literal

OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class Rule(NamedTuple):
    """A rule of a form. `reads`: the names of the record's own fields that `that` comes to, through formulas;
    `about`: those that say whether it applies."""

    form: Form
    name: str
    must: Must
    reads: frozenset[str]
    about: frozenset[str]

    @property
    def compares(self) -> bool:
        """Whether it compares what the record holds with each other; one field alone has its own bounds."""
        return len(self.reads) > 1 or any(self.form.fields[one].type in ("list", "records") for one in self.reads)


def rules_of(form: Form, view: View) -> Iterator[Rule]:
    """The rules whose expressions can be read."""
    for name, must in (form.must or {}).items():
        parts = [part for part in (must.that, must.only_if, must.unless) if part is not None]
        if all(_sound(part, view) for part in parts):
            about = frozenset[str]().union(*(own_reads(part, form) for part in parts[1:]))
            yield Rule(form, str(name), must, own_reads(must.that, form), about)


def own_reads(expression: Expression, form: Form) -> frozenset[str]:
    """The stored fields of the record itself that an expression comes to."""
    found: set[str] = set()
    todo = [path[0] for path in expression.reads]
    for _ in range(200):
        if not todo:
            break
        name = todo.pop()
        field = form.fields.get(name)
        if field is None or name in found:
            continue
        found.add(name)
        if field.formula is not None:
            todo += [path[0] for path in field.formula.reads]
    return frozenset(name for name in found if form.fields[name].formula is None)


def _sound(expression: Expression, view: View) -> bool:
    place = view.place_of.get(id(expression))
    return place is not None and not check(expression, place.names, view.types.vocabulary, place.wants)[1]


class At:
    """A rule put to the record at `owner`, over what has been written."""

    def __init__(self, owner: Path, written: Written, done: Done, view: View) -> None:
        self.owner, self.view = owner, view
        self.form = form_at(owner, view, done.all_names)
        self.written = written.copy()
        self.done = done
        self.working = Working(self.written, Inlined(view, done.all_names))

    @property
    def names(self) -> Names:
        return Names({**self.done.all_names, **self.written.types})

    @property
    def fields(self) -> Mapping[str, Any]:
        return {**(self.form.fields if self.form is not None else {}), **RECORD_FIELDS}

    def tree(self, expression: Expression) -> Node:
        return self.working.out(put_to(expression.tree, self.owner, self.fields))

    def reader(self) -> Reader:
        return Reader(Expression("", EMPTY), self.names, self.view.types.vocabulary)

    def formula(self, tree: Node) -> Formula:
        return self.reader().formula(tree)

    def type_of(self, tree: Node) -> Any:
        return bare(self.reader().type_of(tree))

    def applies(self, rule: Must) -> list[Formula]:
        if rule.only_if is not None:
            return [self.formula(self.tree(rule.only_if))]
        return [] if rule.unless is None else [negated(self.formula(self.tree(rule.unless)))]

    def bounds(self) -> Iterator[Formula]:
        """What is written keeps the bounds of its own field: else that is what is refused."""
        fields = self.form.fields if self.form is not None else {}
        for name in dict.fromkeys(t.path[-1] for t in self.done.touches if t.path[:-1] == self.owner):
            field = fields.get(name)
            for key, operator in BOUNDS if field is not None and field.type in ("number", "money", "date") else ():
                bound = getattr(field, key)
                if field is None or not isinstance(bound, Literal):
                    continue
                limit = as_tree(read_literal(bound.text, bound.span, self.view.types.field(field, name), UTC))
                if limit is not None:
                    written = self.working.out(put_to(Name(0, 0, 1, name), self.owner, self.fields))
                    yield self.formula(Compare(0, 0, 1, operator, written, limit))

    def foreign(self, name: str) -> frozenset[Path]:
        """What a field is worked out from, but for the record itself."""
        tree = self.written.values.get((*self.owner, name))
        if tree is None:
            return frozenset()
        return frozenset(path for path in read_by(tree) if path[: len(self.owner)] != self.owner)

    def stands(self, name: str) -> bool:
        """Whether a field is what it was, or was written: not one that a new record goes without."""
        path = (*self.owner, name)
        return self.owner[0] not in self.done.new or any(touch.path == path for touch in self.done.touches)

    def value(self, side: Node, values: Model) -> Any:
        """What a side comes to, as a number, an amount or a day; None where it cannot be said."""
        worked = self.working.out(side)
        kind = self.type_of(worked)
        number = self.amount(worked, values) if kind in LINEAR else None
        return None if number is None else value_on_scale(number, NUMBER if kind == LITERAL_NUMBER else kind)

    def amount(self, tree: Node, values: Model) -> Fraction | None:
        """What a side comes to with these values; None where it cannot be said."""
        reader = self.reader()
        parts: dict[Term, Fraction] = {}
        total = reader.gather(tree, Fraction(1), parts)
        for term, factor in parts.items():
            value = values.values.get(term.text, 0)
            number = measured(value)
            if number is None:
                return None
            total += factor * number
        return total


def empty_lists(asked: Mapping[str, Term]) -> Iterator[Formula]:
    """What is summed up over a list that has no rows is nothing."""
    for term in asked.values():
        match term.node:
            case Call(function="sum", arguments=(Each(rows=over),)):
                count = asked.get(f"count({spelled(over)})")
                if count is not None:
                    yield either(negated(Atom(count, "==", (0,))), Atom(term, "==", (0,)))


def told(rule: Rule, called: Path, after: At, values: Model) -> tuple[str, str] | None:
    """'order.amount is 110 and sum(row.price for row in order.lines) is 100', of the comparison that is broken; None where
    the sides come to nothing that can be said."""
    that, fields = rule.must.that.tree, after.fields
    written_out = At(after.owner, Written(), after.done, after.view).tree(rule.must.that)
    plain = [(put_to(one, called, fields), put_to(one, after.owner, fields)) for one in walk(that)]
    for spelled_as, tree in [*plain, *((one, one) for one in walk(written_out))]:
        if not isinstance(spelled_as, Compare) or not isinstance(tree, Compare) or tree.operator not in OPPOSITE:
            continue
        sides = [after.value(tree.left, values), after.value(tree.right, values)]
        if None in sides or fits(tree.operator, *sides):
            continue
        texts = [spelled(spelled_as.left).replace(ROW, "row"), spelled(spelled_as.right).replace(ROW, "row")]
        told = [(text, shown(value)) for text, value in zip(texts, sides, strict=True) if text != shown(value)]
        return " and ".join(f"{a} is {b}" for a, b in told), "，".join(f"{a} 为 {b}" for a, b in told)
    return None


def fits(operator: str, a: Any, b: Any) -> bool:
    return {"==": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator] is True


def shown(value: Any) -> str:
    return Numbers().say(value) if isinstance(value, int | Decimal) else str(value)
