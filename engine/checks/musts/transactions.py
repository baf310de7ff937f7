"""The transactions of a workflow, walked with names instead of values: from what wakes a case to where it rests again.

A form's rules are looked at when all has come to rest (LANGUAGE 12.2), so what one transaction writes is judged as a whole:
its writes in their order, the cases of gateways that it took, what a person filled in as it began. What it does not follow
(calls, merges, joins that wait, rounds) ends a way without a word.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from engine.checks.conditions.facts import QUICK, Analysis, Reached
from engine.checks.conditions.formula import Formula, negated
from engine.checks.conditions.reading import Reader
from engine.checks.conditions.states import said
from engine.checks.dataflow.flows import Flow
from engine.checks.dataflow.surely import Scope
from engine.checks.dataflow.touches import CASE, Touches, Way, button_of
from engine.checks.dataflow.without import Step
from engine.checks.musts.resting import Done, Touch, as_tree
from engine.checks.musts.trees import Written, to_path
from engine.checks.musts.values import UTC, Values
from engine.checks.musts.writing import Writing
from engine.checks.pack_view import View
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Compare, Path
from engine.language.expressions.types import ANY, Names
from engine.language.kinds.events import Event, Trigger
from engine.language.kinds.form import Form
from engine.language.kinds.node import Node as StepNode
from engine.language.literals import read_literal
from engine.language.scopes import names_of
from engine.language.source import place_of
from engine.language.values import Literal as Scalar

MOST_WAYS = 60
"""Ways of one transaction that are walked; of one with more nothing is said."""
LONGEST = 40
UNSEEN = frozenset({"call", "merge", "undo"})
"""Node types whose doing may write what is not seen here, in the same transaction."""


class TooMany(Exception):
    """The bound of one transaction."""


class Transactions:
    """Over one workflow."""

    def __init__(self, flow: Flow, view: View, analysis: Analysis, reached: Reached) -> None:
        self.flow, self.view, self.analysis, self.reached = flow, view, analysis, reached
        self.touches: Touches = flow.touches
        self.workflow = flow.touches.workflow
        self.values = Values(view)
        self.writing = Writing(flow.touches, self.values)
        self.known: dict[str, Any] = dict(names_of(self.workflow, view.types).known)
        self.around = {name: parent for name in flow.surely.scopes if name for parent in [flow.surely.of[name]]}

    def all(self) -> Iterator[Done]:
        for name, trigger in self.workflow.start.items():
            yield from self._whole(str(name), trigger, f"start {name}")
        for key in ("interrupt", "meanwhile"):
            for name, event in (getattr(self.workflow, key) or {}).items():
                yield from self._whole(str(name), event, f"{key} {name}")
        for scope_name, scope in self.flow.surely.scopes.items():
            for node, ways in scope.ways.items():
                source = scope.nodes[node]
                if self.quick(source) or source.type in UNSEEN or scope.at[node] is None:
                    continue
                for way in ways:
                    if source.inner() and way.kind == "exit":
                        continue  # the way goes on from inside
                    if way.target != "back" and way.kind != "undo":
                        yield from self._from(scope_name, way)

    def quick(self, node: StepNode) -> bool:
        held = node.available is not None or node.mutex is not None or node.repeat is not None
        waits = node.join is not None and node.join.mode != "each"
        return node.type in QUICK and not held and not waits

    # -- how a transaction begins

    def _whole(self, name: str, event: Trigger, label: str) -> Iterator[Done]:
        target = str(event.next)
        if target in self.workflow.nodes:
            yield from self._bounded("", target, Step(name, event.span.line), event, CASE, label, ())

    def _from(self, scope: str, way: Way) -> Iterator[Done]:
        node = self.touches.nodes[way.source]
        label = way.label if way.kind in ("event", "beside") else f"events {way.label}"
        step = Step(way.source, place_of(node.name).line)
        conditions = [button.that] if way.kind == "exit" and (button := button_of(node, way.label)) is not None else []
        event: Event | None = way.trigger
        if way.kind == "exit" and isinstance(node, Event):
            event, label = node, ""
        yield from self._bounded(
            scope, way.target, step, event, way.source, label, tuple(c for c in conditions if c), way
        )

    def _bounded(
        self, scope: str, target: str, step: Step, event: Event | None, source: str, label: str,
        conditions: tuple[Expression, ...], way: Way | None = None,
    ) -> Iterator[Done]:  # fmt: skip
        written = Written()
        asked: set[Path] = set()
        node = self.touches.nodes.get(source)
        for write in self.touches.of(source):
            of_event = write.event == label and label != ""
            mine = way is not None and (
                (write.event == "edit" and way.kind == "exit")
                or write.event == f"button {way.label}"
                or (
                    write.event == ""
                    and way.kind == "exit"
                    and node is not None
                    and node.written_at(way.label) != "nothing"
                )
            )
            if of_event or mine:
                path = tuple(write.path.split("."))
                asked.add(path)
        known = dict(self.known)
        copied = node is not None and node.for_each is not None
        machine: list[Touch] = []
        own = {tuple(w.path.split(".")): w for w in self.touches.of(source) if not w.asked and w.event != "edit"}
        for path in sorted(asked):
            written.values[path] = written.unknown(ANY if copied else self.values.type_of(path, known))
            if path in own:
                machine.append(Touch(path, own[path].span, source, path))
        people = frozenset(path for path in asked if path not in own)
        done = Done((step,), written, known, (), tuple(machine), people, frozenset())
        if event is not None and not asked:
            conditions += tuple(
                c for c in (event.once, event.becomes, event.if_, event.that) if isinstance(c, Expression)
            )
        for condition in conditions:
            formula = self.values.formula(condition, done)
            done = done if formula is None else dataclasses.replace(done, conditions=(*done.conditions, formula))
        state = self.reached.at.get(target, {})
        facts = said({
            text: fact for text, fact in state.items()
            if not any((fact.term.path or ())[: len(path)] == path for path in asked)
        })  # fmt: skip
        done = dataclasses.replace(done, conditions=(*done.conditions, *facts))
        if event is not None and event.created is not None and event.created == self.workflow.case:
            done = dataclasses.replace(done, conditions=(*done.conditions, *self._as_begun(done)))
        label = way.label if way is not None and way.label != "done" and way.kind == "exit" else ""
        try:
            yield from list(self._walk(scope, target, label, done, [0]))
        except TooMany:
            return

    def _as_begun(self, done: Done) -> Iterator[Formula]:
        """A record that has just come is, in what has choices, as its form lets it begin: whoever fills in more means it."""
        form = self.view.pack.get(Form, str(self.workflow.case))
        types = self.view.types.form(form.name) if form is not None else {}
        for name, field in form.fields.items() if form is not None else ():
            if field.type not in ("choice", "yes_no") or not isinstance(field.start_with, Scalar):
                continue
            read = read_literal(field.start_with.text, field.start_with.span, types[str(name)], UTC)
            tree = as_tree(read)
            if tree is not None and form is not None:
                same = Compare(0, 0, 1, "==", to_path((form.name, str(name))), tree)
                yield Reader(Expression("", same), Names(done.all_names), self.view.types.vocabulary).formula(same)

    # -- from node to node

    def _walk(self, scope_name: str, target: str, by: str, done: Done, count: list[int]) -> Iterator[Done]:
        scope = self.flow.surely.scopes.get(scope_name)
        if scope is None or len(done.way) > LONGEST:
            return
        node = scope.nodes.get(target)
        if node is None:  # end
            yield from self._over(scope_name, "done", done, count)
            return
        count[0] += 1
        if count[0] > MOST_WAYS * 4:
            raise TooMany
        if node.type in UNSEEN or any(step.name == target for step in done.way[1:]):
            return
        done = dataclasses.replace(done, way=(*done.way, Step(target, place_of(node.name).line, by)))
        if node.type == "end":
            if getattr(node, "kind", "normal") == "normal":
                yield from self._over(scope_name, str(getattr(node, "result", None) or "done"), done, count)
            else:
                yield done
            return
        if node.inner() and node.available is None and node.mutex is None:
            copied = done.copied or node.for_each is not None or node.repeat is not None
            inside = dataclasses.replace(done, copied=copied, names=dict(done.names), written=done.written.copy())
            yield from self._walk(target, str(getattr(node, "start", "")), "", inside, count)
            return
        if not self.quick(node):
            if node.join is None or node.join.mode == "each":
                yield done
            return
        ways = [way for way in scope.ways[target] if way.moving and way.kind != "undo"]
        cases = getattr(node, "cases", None)
        if isinstance(cases, tuple):
            yield from self._cases(scope_name, scope, node, cases, ways, done, count)
            return
        branches = node.next is not None and bool(node.next.many)
        for way in ways:
            after = self.writing.after(node, way.label, done)
            if branches:
                others = self._written_from([other.target for other in ways if other.target != way.target], scope)
                after = dataclasses.replace(after, beside=after.beside | others)
            if way.target != "back":
                yield from self._walk(scope_name, way.target, _shown(way.label), after, count)

    def _over(self, scope: str, result: str, done: Done, count: list[int]) -> Iterator[Done]:
        """A path of a scope is over: that of a subprocess goes on outside."""
        if not scope:
            yield done
            return
        node = self.touches.nodes[scope]
        if node.for_each is not None or node.repeat is not None:
            yield done
            result = "done"
        outer = self.around[scope]
        for way in self.flow.surely.scopes[outer].ways[scope]:
            if way.kind == "exit" and way.label == result:
                yield from self._walk(outer, way.target, _shown(result), done, count)

    def _cases(
        self, scope_name: str, scope: Scope, node: StepNode, cases: tuple[Any, ...], ways: list[Way], done: Done, count: list[int]
    ) -> Iterator[Done]:  # fmt: skip
        first = node.type == "exclusive_gateway"
        before: list[Formula] = []
        for index, case in enumerate(cases):
            formula = self.values.formula(case.if_, done) if isinstance(case.if_, Expression) else None
            way = next((w for w in ways if w.label == f"case_{index + 1}"), None)
            taken = [] if formula is None else [formula]
            denied = [negated(one) for one in before] if first or case.is_otherwise else []
            after = dataclasses.replace(done, conditions=(*done.conditions, *denied, *taken))
            if not first:
                others = self._written_from([w.target for w in ways if w is not way], scope)
                after = dataclasses.replace(after, beside=after.beside | others)
            target = way.target if way is not None else str(case.next)
            if target != "back":
                yield from self._walk(scope_name, target, "", after, count)
            before += taken

    def _written_from(self, targets: list[str], scope: Scope) -> frozenset[str]:
        """The names of all fields that steps from here on write: in whatever order branches run."""
        found: set[str] = set()
        seen: set[str] = set()
        todo = list(targets)
        while todo:
            name = todo.pop()
            if name in seen or name not in scope.nodes:
                continue
            seen.add(name)
            inner = [name, *(str(n) for n in scope.nodes[name].inner())]
            found |= {write.path.rsplit(".", 1)[-1] for one in inner for write in self.touches.of(one)}
            for made in (getattr(scope.nodes[name], "records", None) or {}).values():
                found |= set(map(str, made.with_ or {}))
            todo += [way.target for way in scope.ways[name]]
        return frozenset(found)


def _shown(label: str) -> str:
    return "" if label == "done" or label.startswith("case_") else label
