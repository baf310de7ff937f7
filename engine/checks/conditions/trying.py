"""Values found by trying: where a condition computes with what no system of sums can follow - a product of two fields, `min`, `abs`,
`month_of`, a formula that does so - values near the numbers that the conditions name are put in and worked out as the engine would.

What is found is a proof; what is not found says nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice, product
from typing import Any

from engine.checks.conditions.domains import Domains
from engine.checks.conditions.formula import Formula, Term, both
from engine.checks.conditions.meaning import mapped
from engine.checks.conditions.reading import constant, path_of, spelled
from engine.checks.conditions.solving import Model, line_for
from engine.checks.conditions.states import State, narrowed
from engine.checks.regions import Region
from engine.checks.regions.lines import Texts
from engine.checks.regions.times import Days
from engine.language.expressions.check import check
from engine.language.expressions.compile import calls_world, compiled
from engine.language.expressions.faults import ExpressionFault
from engine.language.expressions.parse import Expression
from engine.language.expressions.things import Row
from engine.language.expressions.tree import Each, Field, Name, Node, Path, walk
from engine.language.expressions.types import DATE, MONEY, NUMBER, TEXT, YES_NO, Choice, bare

MOST_TRIED = 1_500
MOST_EACH = 20
DAYS = (*(dt.date(2026, month, 15) for month in range(1, 13)), *(dt.date(2026, 3, day) for day in range(2, 9)))
"""Days of every month, and of every weekday."""
PLAIN = (NUMBER, MONEY, DATE, TEXT, YES_NO)


class Trying:
    """The conditions of one place, over the stored fields that they are worked out from in the end."""

    def __init__(self, conditions: Sequence[Expression], domains: Domains, state: State) -> None:
        self.domains, self.state = domains, state
        self.trees = [self._written_out(condition.tree) for condition in conditions]
        self.leaves: dict[Path, Region] = {}
        self.terms: dict[str, Term] = {}
        self.possible = all(self._reads(tree) for tree in self.trees)

    def found(self, wanted: Sequence[bool]) -> Model | None:
        """Values for which each condition is as wanted, all of them filled in; None where none were met."""
        runs = [compiled(tree) for tree in self.trees]
        numbers = self._named()
        choices = [list(islice(self._near(region, numbers), MOST_EACH)) for region in self.leaves.values()]
        for values in islice(product(*choices), MOST_TRIED):
            env = _env(dict(zip(self.leaves, values, strict=True)))
            try:
                if all((run(env) is True) is want for run, want in zip(runs, wanted, strict=True)):
                    named = {".".join(path): value for path, value in zip(self.leaves, values, strict=True)}
                    return Model(named, self.terms, True)
            except ExpressionFault:
                continue
        return None

    def _written_out(self, tree: Node, depth: int = 0) -> Node:
        """Every field that has a formula as what the formula says."""

        def formula(node: Node) -> Node | None:
            path = path_of(node) if isinstance(node, Field | Name) else None
            if path is None or depth > 3:
                return None
            found = self.domains.formula_of(Term(spelled(node), YES_NO, node, path))
            return None if found is None else self._written_out(found, depth + 1)

        return mapped(tree, formula)

    def _reads(self, tree: Node) -> bool:
        """Takes its fields up; False where it reads what cannot be put in."""
        if calls_world(tree) or any(isinstance(part, Each) for part in walk(tree)):
            return False
        for path in sorted(Expression("", tree).reads):
            if path not in self.leaves:
                region = self._allowed(path)
                if region is None:
                    return False
                self.leaves[path] = region
        return not any(a != b and a == b[: len(a)] for a in self.leaves for b in self.leaves)

    def _allowed(self, path: Path) -> Region | None:
        text = ".".join(path)
        node: Node = Name(0, 1, 1, path[0])
        for name in path[1:]:
            node = Field(0, 1, node.height + 1, node, name)
        kind, findings = check(Expression(text, node), self.domains.names, self.domains.view.types.vocabulary)
        term = Term(text, bare(kind), node, path)
        line = line_for(term)
        if findings or line is None or (term.type not in PLAIN and not isinstance(term.type, Choice)):
            return None
        known: Formula = both(*self.domains.of(term))
        region = narrowed(known, text, line).filled
        fact = self.state.get(text)
        self.terms[text] = term
        return region & fact.region if fact is not None and fact.region.line == line else region

    def _named(self) -> list[Any]:
        """The constants of the conditions."""
        found: dict[Any, None] = {}
        for tree in self.trees:
            for part in walk(tree):
                value = constant(part)
                if isinstance(value, int | str | Decimal):
                    found[value] = None
        return list(found)

    def _near(self, region: Region, named: Sequence[Any]) -> Iterator[Any]:
        """Values of a field worth trying: its own first one, those named, next to them, and a few small ones."""
        seen: set[Any] = set()
        numbers = [n for n in named if isinstance(n, int | Decimal) and not isinstance(n, bool)]
        texts = [n for n in named if isinstance(n, str)]
        if isinstance(region.line, Days):
            numbers, texts = [], []
            yield from (day for day in DAYS if region.contains(day))
        elif isinstance(region.line, Texts):
            texts += ["a" * int(n + more) for n in numbers if 0 < n < 200 for more in (0, -1, 1)]
        near = [m for n in numbers for m in (n, n + 1, n - 1, -n)]
        for value in (*_witnesses(region), *numbers, *texts, 1, 0, *near, 2, 10, 100):
            try:
                fits = region.contains(value)
            except (TypeError, ValueError, AttributeError, LookupError):
                continue
            if fits and value not in seen and isinstance(value, bool) == isinstance(region.witness(), bool):
                seen.add(value)
                yield value


def _witnesses(region: Region) -> Iterator[Any]:
    """A value of each stretch."""
    for stretch in region.stretches[:MOST_EACH]:
        yield Region(region.line, (stretch,)).witness()


def _env(values: Mapping[Path, Any]) -> Mapping[str, Any]:
    env: dict[str, Any] = {}
    for path, value in values.items():
        row: dict[str, Any] = env
        for name in path[:-1]:
            row = row.setdefault(name, Row())
        row[path[-1]] = value
    return env
