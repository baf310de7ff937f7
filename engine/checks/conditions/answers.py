"""What a decision just before says of the fields that it writes: each answers one of the values that its rows list, and
which answers, and which questions, go together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.checks.conditions.formula import Atom, Formula, Term, both, either
from engine.checks.conditions.solving import line_for
from engine.checks.pack_view import View
from engine.checks.regions import Region, only
from engine.checks.tables.sheet import SINGLE, UTC, Sheet, sheet_of
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.decision import Decision
from engine.language.kinds.node import Node
from engine.language.literals import read_literal
from engine.language.values import Formula as Worked
from engine.language.values import Literal, Value

ONE_OF_THEM = SINGLE | {"min", "max"}
"""Policies that answer a value of some row."""
MOST_TOGETHER = 12
"""Rows whose cells are taken together; of longer tables only what each output can be."""
TermOf = Callable[[str], Term | None]
"""The term of a path, if its value stays as it is until a step writes it."""


@dataclass(frozen=True)
class Answers:
    """`each`: by term the values that are left. `together`: one of the rows, where that says more."""

    each: Mapping[Term, Region]
    together: Formula = True


def answers(node: Node, view: View, term_of: TermOf, known: Callable[[Term], Region | None]) -> Answers | None:
    """What holds behind a decision step; None where nothing is known."""
    sheet = _sheet(str(getattr(node, "use", "")), view)
    if sheet is None or sheet.decision.hit not in ONE_OF_THEM:
        return None
    give: Mapping[str, Value] = getattr(node, "give", None) or {}
    asked = {name: _asked(name, value, sheet, term_of) for name, value in give.items() if name in sheet.inputs}
    rows = [row for row in range(len(sheet.table.rows)) if _may_hit(row, sheet, asked, known)]
    into: Mapping[str, str] = getattr(node, "into", None) or {}
    terms = {output: term for output, path in into.items() if (term := term_of(str(path))) is not None}
    terms = {output: term for output, term in terms.items() if output in sheet.table.outputs}
    try:
        of_rows = [
            {o: _value(terms[o], sheet.table.rows[row].outputs[sheet.table.outputs.index(o)]) for o in terms}
            for row in rows
        ]
        nothing = {output: _value(term, sheet.table.if_none.get(output)) for output, term in terms.items()}
    except (ValueError, LookupError):
        return None  # an answer that the field cannot hold: another finding says so
    each = {}
    for output, term in terms.items():
        region = nothing[output]
        for row_ in of_rows:
            region = region | row_[output]
        each[term] = region
    together = _together(rows, of_rows, nothing, terms, asked, sheet) if len(rows) <= MOST_TOGETHER else True
    return Answers(each, together)


def _sheet(name: str, view: View) -> Sheet | None:
    if ("sheet", name) not in view.remembered:
        decision = view.pack.get(Decision, name)
        view.remembered["sheet", name] = sheet_of(decision, view) if decision is not None else None
    found: Sheet | None = view.remembered["sheet", name]
    return found


def _value(term: Term, value: Any) -> Region:
    line = line_for(term)
    if line is None:
        raise ValueError
    return only(line, value)


def _asked(name: str, value: Value, sheet: Sheet, term_of: TermOf) -> Term | Region | None:
    """What an input is asked with: a field that stays, or the one value."""
    line = sheet.allowed[name].line
    if isinstance(value, Literal):
        read = read_literal(value.text, value.span, sheet.inputs[name], UTC)
        return None if isinstance(read, Diagnostic) else only(line, read)
    term = term_of(value.expression.text) if isinstance(value, Worked) else None
    return term if term is not None and line_for(term) == line else None


def _cell(row: int, name: str, sheet: Sheet) -> Region | None:
    """The values of an input that fit a row."""
    return sheet.regions[row][sheet.table.inputs.index(name)]


def _may_hit(row: int, sheet: Sheet, asked: Mapping[str, Any], known: Callable[[Term], Region | None]) -> bool:
    for name, with_ in asked.items():
        value = known(with_) if isinstance(with_, Term) else with_
        cell = _cell(row, name, sheet)
        if value is not None and cell is not None and (value & cell).is_empty:
            return False
    return True


def _together(
    rows: list[int],
    of_rows: list[dict[str, Region]],
    nothing: Mapping[str, Region],
    terms: Mapping[str, Term],
    asked: Mapping[str, Any],
    sheet: Sheet,
) -> Formula:
    """One of the rows hit, its questions being as its cells say, or none."""
    if sheet.decision.hit not in SINGLE:
        return True

    def of_row(row: int, values: Mapping[str, Region]) -> Iterator[Formula]:
        for output, term in terms.items():
            yield Atom(term, "within", (values[output],))
        for name, with_ in asked.items():
            cell = _cell(row, name, sheet)
            if isinstance(with_, Term) and cell is not None and with_ not in terms.values():
                yield Atom(with_, "within", (cell,))

    questions = {with_ for with_ in asked.values() if isinstance(with_, Term)}
    if len(set(terms.values()) | questions) < 2:
        return True
    none = both(*(Atom(term, "within", (nothing[output],)) for output, term in terms.items()))
    return either(none, *(both(*of_row(row, values)) for row, values in zip(rows, of_rows, strict=True)))
