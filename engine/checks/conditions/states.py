"""What is certain of values at one place: facts, how they meet where ways meet, and what a formula says of one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.checks.conditions.formula import All, Atom, Denied, Formula, Some, Term, terms
from engine.checks.conditions.solving import region_of
from engine.checks.regions import Line, Region, everything, nothing


@dataclass(frozen=True)
class Fact:
    """The values that a term still can have; `since` are the steps that it comes from. `together`: how several values
    stand to each other; the term is then one of them."""

    term: Term
    region: Region
    since: tuple[str, ...] = ()
    together: Formula = True

    @property
    def about(self) -> tuple[Term, ...]:
        return (self.term,) if self.together is True else tuple(terms([self.together]).values())


State = Mapping[str, Fact]
"""Facts by the spelling of their term; a term without one can be anything."""


def said(state: State) -> list[Formula]:
    """The facts as formulas."""
    return [Atom(f.term, "within", (f.region,)) if f.together is True else f.together for f in state.values()]


def joined(a: State, b: State) -> State:
    """What holds whichever way was taken."""
    found: dict[str, Fact] = {}
    for text, fact in a.items():
        other = b.get(text)
        if fact.together is not True:
            if other is not None and other.together == fact.together:
                found[text] = fact
        elif other is not None and fact.region.line == other.region.line:
            region = fact.region | other.region
            if region != everything(region.line):
                found[text] = Fact(fact.term, region, tuple(dict.fromkeys((*fact.since, *other.since))))
    return found


def narrowed(formula: Formula, text: str, line: Line) -> Region:
    """The values of one term with which a formula can hold, all others being free."""
    match formula:
        case False:
            return nothing(line)
        case All(parts=parts):
            found = everything(line)
            for part in parts:
                found = found & narrowed(part, text, line)
            return found
        case Some(parts=parts):
            found = nothing(line)
            for part in parts:
                found = found | narrowed(part, text, line)
            return found
        case Atom(term=term) if term.text == text:
            return region_of(formula, line)
        case Denied(atom=Atom(term=term) as atom) if term.text == text:
            return ~region_of(atom, line)
    return everything(line)
