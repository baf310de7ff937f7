"""The cases of a gateway together: values that no case takes (branch-gap) and values that two cases claim (branch-overlap).

The first true case wins, so a cascade - `score >= 70`, then `score >= 40` - is written on purpose: one case lies inside
the other. Two cases that ask for the same values and overlap without that are a mistake of the bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from engine.checks.conditions.asking import Conditions
from engine.checks.conditions.facts import Analysis
from engine.checks.conditions.formula import (
    All,
    Atom,
    Denied,
    Formula,
    Some,
    Term,
    both,
    either,
    literals,
    negated,
    terms,
)
from engine.checks.conditions.solving import Model, Undecided, line_for
from engine.checks.conditions.states import State, narrowed, said
from engine.checks.conditions.telling import witness_words
from engine.checks.conditions.trying import Trying
from engine.checks.regions import Region, nothing
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.compile import calls_world
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Each, Path, walk
from engine.language.expressions.types import MONEY, NUMBER
from engine.language.kinds.node import Node
from engine.language.messages.conditions import branch_gap, branch_overlap

MOST_CASES = 60
"""Cases of one gateway that ask for several values each and are compared with each other."""


def check(
    node: Node, state: State, dead: Iterable[Any], analysis: Analysis, conditions: Conditions
) -> Iterator[Diagnostic]:
    """branch-gap and branch-overlap of one gateway, with what is certain when it is reached; `dead` cases are told."""
    cases = getattr(node, "cases", ())
    written = [case for case in cases if isinstance(case.if_, Expression)]
    formulas = [conditions.formula(case.if_) for case in written]
    if not written or any(formula is None for formula in formulas):
        return
    asked = [formula for formula in formulas if formula is not None]
    inside = analysis.entered(node, state)
    if len(written) == len(cases):
        yield from _gap(node, cases, asked, inside, analysis, conditions)
    if node.type == "exclusive_gateway":
        gone = {id(case) for case in dead}
        alive = [(case, formula) for case, formula in zip(written, asked, strict=True) if id(case) not in gone]
        yield from _overlaps(alive, inside, analysis, conditions)


def _gap(
    node: Node, cases: Any, asked: list[Formula], state: State, analysis: Analysis, conditions: Conditions
) -> Iterator[Diagnostic]:
    last = cases[-1].if_
    worked_out = _worked_out(asked, analysis)
    doubtful = _doubtful(_valued(asked), analysis)
    loose = [loosened(formula, doubtful) for formula in asked]
    left = [*map(negated, loose), *said(state), *_written(terms(loose), analysis)]
    try:
        found = conditions.model(last, left, likely=True)
    except Undecided:
        return
    if found is None and not doubtful:
        return
    if worked_out:
        trying = Trying([case.if_ for case in cases], conditions.domains(last, likely=True), state)
        if trying.possible:
            met = trying.found([False] * len(cases)) if not _together(state, trying.leaves) else None
            if met is not None:
                yield branch_gap(node.place("cases"), node.name, *witness_words(met))
            return
        if _guessed(asked, analysis):
            return
    if found is None or not found.sure:
        return
    valued = _valued(loose)
    shown = found.of(name for name in terms(loose) if name in valued or found.values.get(name) is None)
    if shown.values:
        yield branch_gap(node.place("cases"), node.name, *witness_words(shown))


def _valued(asked: list[Formula]) -> dict[str, Term]:
    """The terms whose value is asked for, not only whether they are filled in."""
    atoms = [literal.atom if isinstance(literal, Denied) else literal for one in asked for literal in literals(one)]
    return terms([atom for atom in atoms if not (isinstance(atom, Atom) and atom.operator == "has")])


def _worked_out(asked: list[Formula], analysis: Analysis) -> bool:
    """Whether a value is asked for that comes out of others in a way that cannot be followed."""
    return any(
        term.path is None or (_is_formula(term, analysis) and not _followed(term, analysis))
        for term in _valued(asked).values()
    )


def _guessed(asked: list[Formula], analysis: Analysis) -> bool:
    """Whether some amount comes out of fields alone, so that not all values of its type can come up; others - of a list, of
    the time - are taken as free."""
    for term in _valued(asked).values():
        node = analysis.domains.formula_of(term) if term.path is not None else term.node
        amount = term.type in (NUMBER, MONEY)
        plain = (
            amount
            and node is not None
            and not calls_world(node)
            and not any(isinstance(part, Each) for part in walk(node))
        )
        if plain and not (term.path is not None and _followed(term, analysis)):
            return True
    return False


def _followed(term: Term, analysis: Analysis) -> bool:
    """Whether a field's formula is known by its stored fields alone."""
    meaning = analysis.domains.meaning(term)
    return meaning is not True and not any(
        other.path is None or (other != term and _is_formula(other, analysis)) for other in terms([meaning]).values()
    )


def _together(state: State, leaves: Iterable[Path]) -> bool:
    """Whether facts bind several of these values to each other."""
    return any(term.path in set(leaves) for fact in state.values() if fact.together is not True for term in fact.about)


def _written(asked: dict[str, Term], analysis: Analysis) -> list[Formula]:
    """Values that some step of the workflow writes count as filled: an empty one is no gap that can be shown."""
    paths = {tuple(str(written.path).split(".")) for all_ in analysis.written.values() for written in all_}
    fields = [f for node in analysis.nodes.values() for f in analysis.scored(node)]
    return [
        Atom(term, "has")
        for term in asked.values()
        if term.path is not None
        and (
            term.path in paths
            or any(f is mine for f in fields for mine in (analysis.domains.hops(term.path) or [[]])[-1])
        )
    ]


def _doubtful(asked: dict[str, Term], analysis: Analysis) -> set[str]:
    """What is worked out from another value of the cases: the two cannot be chosen freely."""
    reads = {text: _reads(term, analysis) for text, term in asked.items()}
    return {
        text
        for text, term in asked.items()
        if (term.path is None or (_is_formula(term, analysis) and not _followed(term, analysis)))
        and any(_touch(reads[text], others) for other, others in reads.items() if other != text)
    }


def loosened(formula: Formula, doubtful: set[str]) -> Formula:
    """What holds at the most: every question about a doubtful term is answered as it suits."""
    match formula:
        case All(parts=parts):
            return both(*(loosened(part, doubtful) for part in parts))
        case Some(parts=parts):
            return either(*(loosened(part, doubtful) for part in parts))
        case bool():
            return formula
    return True if doubtful & terms([formula]).keys() else formula


def _reads(term: Term, analysis: Analysis) -> set[Path]:
    paths = set(term.reads) | ({term.path} if term.path is not None else set())
    hops = analysis.domains.hops(term.path) if term.path is not None else None
    for field in hops[-1] if hops else []:
        if field is not None and field.formula is not None and term.path is not None:
            paths |= {(*term.path[:-1], *path) for path in field.formula.reads}
    return paths


def _is_formula(term: Term, analysis: Analysis) -> bool:
    hops = analysis.domains.hops(term.path) if term.path is not None else None
    return any(
        field is not None and (field.formula is not None or field.type == "records") for field in (hops or [[]])[-1]
    )


def _touch(some: set[Path], others: set[Path]) -> bool:
    return any(a[: len(b)] == b or b[: len(a)] == a for a in some for b in others)


def _overlaps(
    cases: list[tuple[Any, Formula]], state: State, analysis: Analysis, conditions: Conditions
) -> Iterator[Diagnostic]:
    """Pairs of cases that ask for the same values, cut into each other and lead to different steps."""
    of_one: dict[str, list[tuple[Any, Region]]] = {}
    of_several: list[tuple[Any, Formula]] = []
    for case, formula in cases:
        region = None if _worked_out([formula], analysis) else _region(case, formula, state, conditions)
        if region is None:
            of_several.append((case, formula))
        else:
            of_one.setdefault(region[0].text, []).append((case, region[1]))
            for winner, first in of_one[region[0].text][:-1]:
                shared = first & region[1] if winner.next != case.next else nothing(first.line)
                if not (shared.is_empty or first <= region[1] or region[1] <= first):
                    term = region[0]
                    yield _said(winner, case, Model({term.text: shared.witness()}, {term.text: term}, True))
    for (winner, one), (loser, other) in combinations(of_several[:MOST_CASES], 2):
        if winner.next != loser.next and terms([one]).keys() == terms([other]).keys():
            yield from _overlap(winner, loser, one, other, state, analysis, conditions)


def _region(case: Any, formula: Formula, state: State, conditions: Conditions) -> tuple[Term, Region] | None:
    """The values of the one term that a case asks for; None when it asks for several, or they cannot be told."""
    asked = list(terms([formula]).values())
    line = line_for(asked[0]) if len(asked) == 1 else None
    atoms = (literal.atom if isinstance(literal, Denied) else literal for literal in literals(formula))
    if line is None or not all(isinstance(atom, Atom) for atom in atoms):
        return None
    known = both(formula, *said(state), *conditions.domains(case.if_, likely=True).of(asked[0]))
    return asked[0], narrowed(known, asked[0].text, line)


def _overlap(
    winner: Any,
    loser: Any,
    first: Formula,
    second: Formula,
    state: State,
    analysis: Analysis,
    conditions: Conditions,
) -> Iterator[Diagnostic]:
    facts = said(state)
    at = loser.if_
    try:
        found = conditions.model(at, [first, second, *facts], likely=True)
        alone = [conditions.model(at, [a, negated(b), *facts]) for a, b in ((first, second), (second, first))]
    except Undecided:
        return
    if found is None or any(model is None for model in alone):
        return
    if _worked_out([first, second], analysis):
        trying = Trying([winner.if_, loser.if_], conditions.domains(at, likely=True), state)
        if trying.possible:
            pairs = [trying.found(wanted) for wanted in ((True, True), (True, False), (False, True))]
            if None not in pairs and not _together(state, trying.leaves) and pairs[0] is not None:
                yield _said(winner, loser, pairs[0])
            return
        if _guessed([first, second], analysis):
            return
    if found.sure:
        yield _said(winner, loser, found.of(_valued([first, second])))


def _said(winner: Any, loser: Any, found: Model) -> Diagnostic:
    line = winner.place("if").line
    return branch_overlap(loser.place("if"), *witness_words(found), str(winner.next), line, str(loser.next))
