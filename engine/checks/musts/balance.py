"""form-flow-clash, rules that add up: a transaction that writes one side of a form's rule and leaves it broken.

The rule held when the transaction began (the engine refuses what breaks it); it is put to what the steps have written,
and values are looked for with which it is broken when all has come to rest. What a person fills in is no step's fault: the
form refuses it and says why. Of rules that are no equation only writes that follow from the record itself are judged: where
a number comes from outside nobody can say that it does not fit.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from engine.checks.conditions.domains import Domains
from engine.checks.conditions.formula import Atom, Formula, both, either, negated, terms
from engine.checks.conditions.reading import LINEAR, Reader
from engine.checks.conditions.solving import Model, Undecided, model
from engine.checks.dataflow.without import Step, shown
from engine.checks.musts.guarded import Guarded
from engine.checks.musts.resting import Done, Inlined, Touch, form_at
from engine.checks.musts.standing import OPPOSITE, At, Rule, empty_lists, told
from engine.checks.musts.transactions import Transactions
from engine.checks.musts.trees import Working, Written
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Call, Compare, Logic, Node, Not, Path, paths, walk
from engine.language.expressions.types import ANY, DATE, Names
from engine.language.messages import dataflow

A_DAY = dt.date(2026, 1, 1)
"""Days are shown from here on, where they may be."""
CLOCK = frozenset({"today", "now"})


class Broken(NamedTuple):
    """A rule is broken when a transaction rests: by which write, and how the sides then stand."""

    touch: Touch
    rule: Rule
    sides: tuple[str, str]
    against: tuple[Formula, ...]
    """What holds together where the rule is broken."""


class Balance:
    """The rules of a pack over the transactions of one workflow."""

    def __init__(self, transactions: Transactions, rules: Mapping[str, list[Rule]]) -> None:
        self.transactions, self.rules = transactions, rules
        self.view = transactions.view
        self.guarded = Guarded(transactions.touches, self.view)
        self.waiting: dict[tuple[Any, str], Broken] = {}
        """Writes that would break a rule that does not apply when they are made."""
        self.applying: list[tuple[Path, Rule, str, Done]] = []
        """Record, rule, and the step that may make the rule apply to it."""

    def check(self) -> Iterator[Diagnostic]:
        said: set[tuple[Any, str]] = set()
        found: list[tuple[Broken, tuple[Step, ...]]] = []
        for done in self.transactions.all():
            for broken in self.broken(done):
                if not self._asked_before(done, broken):
                    nodes = [i for i, step in enumerate(done.way) if step.name == broken.touch.node]
                    found.append((broken, done.way[: nodes[-1] + 1] if nodes else done.way))
        for broken, way in [*found, *self.later()]:
            key = (broken.touch.span, broken.rule.name)
            if key not in said:
                said.add(key)
                rule = broken.rule
                yield dataflow.does_not_add_up(broken.touch.span, rule.form.name, rule.name, shown(way), broken.sides)

    def later(self) -> Iterator[tuple[Broken, tuple[Step, ...]]]:
        """A write while the rule does not apply, and a path from it to a step that makes it apply on which nobody asks."""
        for broken in self.waiting.values():
            mine = (broken.touch.path[:-1], broken.rule.name)
            for owner, rule, node, done in self.applying:
                if (owner, rule.name) != mine or node == broken.touch.node or not self.may_apply(rule, owner, done):
                    continue
                way = self.guarded.between(broken.touch.node, node, rule.reads)
                if way is not None:
                    yield broken, way
                    break

    def _asked_before(self, done: Done, broken: Broken) -> bool:
        """Whether every path to the transaction passes a condition with which the rule would not be broken, were it still
        so when the transaction begins."""

        def excludes(conditions: list[tuple[Node, bool]]) -> bool:
            start = dataclasses.replace(done, written=Written(dict[Path, Node](), done.written.types))
            asked = [self._formula(tree, holds, start, broken.rule.reads) for tree, holds in conditions]
            return any(one is not True for one in asked) and self._values([*broken.against, *asked], done) is None

        return len(done.way) > 1 and self.guarded.before(done.way[1].name, excludes)

    def _formula(self, tree: Node, holds: bool, done: Done, reads: frozenset[str]) -> Formula:
        """A condition over what was there; what does not ask about the rule's own fields may have changed since."""
        worked = Working(done.written, Inlined(self.view, done.all_names)).out(tree)
        if not any(set(path) & reads for path in paths(worked)):
            return True
        found = Reader(Expression("", worked), Names(done.all_names), self.view.types.vocabulary).formula(worked)
        return found if holds else negated(found)

    # -- one transaction at rest

    def broken(self, done: Done) -> Iterator[Broken]:
        owners: dict[Path, list[Touch]] = {}
        for touch in done.touches:
            owners.setdefault(touch.path[:-1], []).append(touch)
        for owner, touches in owners.items():
            form = form_at(owner, self.view, done.all_names) if owner and owner != ("case",) else None
            for rule in self.rules.get(form.name, ()) if form is not None else ():
                if not rule.compares:
                    continue
                hit = [touch for touch in touches if touch.path[-1] in rule.reads]
                about = [touch for touch in touches if touch.path[-1] in rule.about]
                if about and not hit:
                    self.applying.append((owner, rule, about[-1].node, done))
                if not hit or self._unclear(rule, owner, done):
                    continue
                broken = self.sides(rule, owner, done, hit[-1])
                if broken is not None:
                    yield broken
                elif rule.about and (waits := self.sides(rule, owner, done, hit[-1], applies=False)) is not None:
                    self.waiting.setdefault((hit[-1].span, rule.name), waits)

    def _unclear(self, rule: Rule, owner: Path, done: Done) -> bool:
        """Whether somebody else has a hand in it: a person who is asked, another branch, other copies, another path to
        what may be the same record."""
        if any(path[:-1] == owner and path[-1] in rule.reads for path in done.asked):
            return True
        if done.beside & rule.reads or (done.copied and owner[0] in self.transactions.known):
            return True
        for touch in done.touches:
            other = touch.path[:-1]
            if (
                other != owner
                and touch.path[-1] in rule.reads
                and other[0] not in done.new
                and owner[0] not in done.new
            ):
                found = form_at(other, self.view, done.all_names) if other else None
                if found is not None and found.name == rule.form.name:
                    return True
        return False

    def sides(self, rule: Rule, owner: Path, done: Done, hit: Touch, applies: bool = True) -> Broken | None:
        """How the sides stand where the rule is broken; None where it holds, or nothing can be said. Without `applies`:
        where it would be, did it apply."""
        after = At(owner, done.written, done, self.view)
        that = after.tree(rule.must.that)
        new = owner[0] in done.new
        was = None if new else At(owner, Written(), done, self.view).tree(rule.must.that)
        wrong = self._wrong(that, was, after, rule)
        if wrong is None:
            return None
        found = [wrong, *(after.applies(rule.must) if applies else ()), *done.conditions, *after.bounds()]
        if not new:
            before = At(owner, Written(), done, self.view)
            for other in self.rules[rule.form.name]:
                holds = before.formula(before.tree(other.must.that))
                found.append(either(holds, *(negated(one) for one in before.applies(other.must))))
        foreign = frozenset[Path]().union(*(after.foreign(name) for name in rule.reads))
        for source in self._sources(foreign, done) or ():  # what is copied from keeps its own rules
            kept = At(source, Written(), done, self.view)
            for other in self.rules.get(kept.form.name, ()) if kept.form is not None else ():
                found.append(kept.formula(kept.tree(other.must.that)))
        values = self._values(found, done)
        if values is None or not values.sure:
            return None
        sides = told(rule, hit.said[:-1] or owner, after, values)
        return None if sides is None else Broken(hit, rule, sides, tuple(found))

    def may_apply(self, rule: Rule, owner: Path, done: Done) -> bool:
        """Whether the rule may apply when the transaction rests, and need not before."""
        after, before = At(owner, done.written, done, self.view), At(owner, Written(), done, self.view)
        earlier = negated(both(*before.applies(rule.must)))
        return self._values([*after.applies(rule.must), earlier, *done.conditions], done) is not None

    def _values(self, found: list[Formula], done: Done) -> Model | None:
        """Values for which all of it holds beside what is known of them; None where there are none, or it is too much."""
        domains = Domains(self.view, self.transactions.workflow, Names(done.all_names))
        asked = terms(found)
        known = [*found, *domains.known(asked.values()), *empty_lists(asked)]
        days = [either(negated(Atom(t, "has")), Atom(t, ">=", (A_DAY,))) for t in asked.values() if t.type == DATE]
        try:
            return (model([*known, *days]) if days else None) or model(known)
        except Undecided:
            return None

    def _wrong(self, tree: Node, was: Node | None, after: At, rule: Rule) -> Formula | None:
        """When a comparison of amounts that was touched is surely broken: both sides are there and do not fit. `was`: the
        same before anything was written."""
        match tree:
            case Compare(operator=operator, left=left, right=right) if operator in OPPOSITE and tree != was:
                kinds = [after.type_of(left), after.type_of(right)]
                if any(kind not in LINEAR for kind in kinds) or not self._judged(tree, after, rule):
                    return None
                return after.formula(Compare(0, 0, 1, OPPOSITE[operator], left, right))
            case Logic(operator=operator, operands=operands):
                before = was.operands if isinstance(was, Logic) else ()
                wrong = [
                    self._wrong(one, before[i] if i < len(before) else None, after, rule)
                    for i, one in enumerate(operands)
                ]
                if operator == "and":
                    return either(*(part for part in wrong if part is not None)) if any(wrong) else None
                if not any(wrong) or not all(
                    part is not None or (i < len(before) and one == before[i]) or self._is_plain(one, after)
                    for i, (part, one) in enumerate(zip(wrong, operands, strict=True))
                ):
                    return None
                denied = [negated(after.formula(one)) for one in operands]
                return both(*(one if part is None else part for part, one in zip(wrong, denied, strict=True)))
            case Not(operand=Compare(operator=operator) as inner) if operator in OPPOSITE:
                turned = Compare(0, 0, 1, OPPOSITE[operator], inner.left, inner.right)
                same = isinstance(was, Not) and was.operand == inner
                return None if same else self._wrong(turned, None, after, rule)
        return None

    def _is_plain(self, tree: Node, after: At) -> bool:
        """Whether it says nothing about amounts, and nothing in it is unknown."""
        if any(path[0].startswith("?") for path in paths(tree)):
            return False
        sides = (tree.left, tree.right) if isinstance(tree, Compare) and tree.operator in OPPOSITE else ()
        return not any(after.type_of(side) in LINEAR for side in sides)

    def _judged(self, tree: Compare, after: At, rule: Rule) -> bool:
        """Whether what the sides are made of is known well enough to say that they do not fit: nothing comes from outside,
        or an equation is written from fields of other records, or one field of it stays as it was, or all comes from one place."""
        read = paths(tree)
        if any(after.names.known.get(path[0]) is ANY for path in read):
            return False
        clock = any(isinstance(part, Call) and part.function in CLOCK for part in walk(tree))
        if not clock and not any(path[: len(after.owner)] != after.owner for path in read):
            return True
        if tree.operator != "==" or len(rule.reads) < 2:
            return False
        foreign = {name: after.foreign(name) for name in rule.reads}
        if self._sources(frozenset[Path]().union(*foreign.values()), after.done) is not None:
            return True
        stays = any(not paths_ and after.stands(name) for name, paths_ in foreign.items())
        return stays or len({paths_ for paths_ in foreign.values() if paths_}) == 1

    def _sources(self, foreign: frozenset[Path], done: Done) -> frozenset[Path] | None:
        """The records that all that comes from outside is read of; None where some of it is of none."""
        found = frozenset(self._record_of(path, done) for path in foreign)
        return None if () in found else found

    def _record_of(self, path: Path, done: Done) -> Path:
        names = done.all_names
        lengths = range(len(path) - 1, 0, -1)
        return next((path[:n] for n in lengths if form_at(path[:n], self.view, names) is not None), ())
