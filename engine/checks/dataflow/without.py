"""The shortest path on which something has not been written: in names of nodes and lines, through one scope after another.

A path that contradicts itself (see assumed.py) is none. Where the search meets its bound nothing is shown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from engine.checks.dataflow import assumed
from engine.checks.dataflow.assumed import Assumed, assume, constant_value, forget, forget_outside
from engine.checks.dataflow.leaving import of_start
from engine.checks.dataflow.surely import LeftBy, Scope, Surely
from engine.checks.dataflow.touches import Touches, Way, button_of
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Logic, Node
from engine.language.kinds.events import Event
from engine.language.kinds.workflow import Workflow, walk
from engine.language.source import place_of

MOST = 3000
"""States of one search."""


class Step(NamedTuple):
    """A stop on the path: a start, an event of the whole case, or a node, its line, and the exit that led there."""

    name: str
    line: int
    by: str = ""


def shown(way: tuple[Step, ...]) -> str:
    """A path in names and lines: look (9) -none-> close (15)."""
    text = ""
    for step in way:
        arrow = "" if not text else f" -{step.by}-> " if step.by else " -> "
        text += f"{arrow}{step.name} ({step.line})"
    return text


class Without:
    """Paths of one workflow."""

    def __init__(self, touches: Touches, surely: Surely, left_by: LeftBy | None = None) -> None:
        self.touches, self.surely, self.left_by = touches, surely, left_by

    def to(self, node: str, fact: str, conditions: tuple[tuple[Node, bool], ...] = ()) -> tuple[Step, ...] | None:
        """The shortest path to `node` on which `fact` is not filled, and on which the conditions can hold there."""
        found = self._to(node, fact)
        for path, known in found:
            open_: Assumed | None = known
            for condition, holds in conditions:
                open_ = assume(open_, condition, holds) if open_ is not None else None
            if open_ is not None:
                return path
        return None

    def _to(self, node: str, fact: str) -> Iterator[tuple[tuple[Step, ...], Assumed]]:
        scope_name = self.surely.of[node]
        scope = self.surely.scopes[scope_name]
        queue: deque[tuple[str, tuple[Step, ...], Assumed]] = deque()
        if scope_name == "":
            queue.extend(self._begins(self.touches.workflow, fact))
        else:
            start = scope.entries[0][0]
            before = [((), assumed.NOTHING)] if fact in scope.entries[0][1] else self._to(scope_name, fact)
            for path, known in before:
                if fact not in scope.entries[0][1] and start in scope.nodes:
                    queue.append((start, (*path, self._step(start)), known))
        queue.extend(self._emptied(scope, fact))
        seen: set[tuple[str, Assumed]] = set()
        while queue and len(seen) < MOST:
            at, path, known = queue.popleft()
            if (at, known) in seen or fact in (scope.at[at] or ()):
                continue
            seen.add((at, known))
            if at == node:
                yield path, known
            for way in scope.ways[at]:
                after = scope.after(way)
                if way.target in scope.nodes and after is not None and fact not in after:
                    left = self.leave(way, known)
                    if left is not None:
                        queue.append((way.target, (*path, self._step(way.target, way)), left))

    def _step(self, node: str, way: Way | None = None) -> Step:
        plain = way is None or way.label == "done" or way.label.startswith("case_")
        return Step(node, place_of(self.touches.nodes[node].name).line, "" if plain or way is None else way.label)

    def _begins(self, workflow: Workflow, fact: str) -> Iterator[tuple[str, tuple[Step, ...], Assumed]]:
        for name, trigger in workflow.start.items():
            filled = of_start(name, self.touches) | self._left_by(trigger)
            if fact in filled or trigger.next not in workflow.nodes:
                continue
            known = _heard(self._first(workflow, filled), trigger)
            if known is not None:
                yield str(trigger.next), (Step(str(name), trigger.span.line), self._step(str(trigger.next))), known
        for key in ("interrupt", "meanwhile"):
            for name, event in (getattr(workflow, key) or {}).items():
                if event.next in workflow.nodes and fact not in self.surely.always | self._left_by(event):
                    known = _heard(assumed.NOTHING, event)
                    if known is not None:
                        yield str(event.next), (Step(str(name), event.span.line), self._step(str(event.next))), known

    def _left_by(self, event: Event) -> frozenset[str]:
        return self.left_by(event).gains if self.left_by is not None else frozenset()

    def _first(self, workflow: Workflow, filled: frozenset[str]) -> Assumed:
        """What the case's variables are when it opens."""
        found = set()
        for name, field in (workflow.data or {}).items():
            path = frozenset([("case", str(name))])
            begin = constant_value(field.start_with)
            if begin is not None and begin != "empty":
                found.add(assumed.Fact("is", path, begin))
            elif field.start_with is None and f"case.{name}" not in filled:
                found.add(assumed.Fact("empty", path))
        return frozenset(found)

    def _emptied(self, scope: Scope, fact: str) -> Iterator[tuple[str, tuple[Step, ...], Assumed]]:
        """Paths that begin where a step empties it again."""
        for way, effect in scope.effects.items():
            empties = fact in effect.loses and fact not in effect.gains
            if empties and way.target in scope.nodes and scope.at[way.source] is not None:
                yield way.target, (self._step(way.source), self._step(way.target, way)), assumed.NOTHING

    # -- what a path knows after one more step

    def leave(self, way: Way, known: Assumed) -> Assumed | None:
        node = self.touches.nodes[way.source]
        conditions = list(self.conditions(way))
        if getattr(node, "cases", None) is None:
            known = self._written(way, known)
        found: Assumed | None = known
        for condition, holds in conditions:
            found = assume(found, condition, holds) if found is not None else None
        return found

    def _written(self, way: Way, known: Assumed) -> Assumed:
        node = self.touches.nodes[way.source]
        inside = [str(inner.name) for _, inner in walk(node.inner(), ())]
        if node.waits() if hasattr(node, "waits") else True:
            known = forget_outside(known)
        for name in (way.source, *inside):
            known = forget(known, f"steps.{name}")
            for write in self.touches.of(name):
                known = forget(known, write.path)
        if way.kind == "exit" and node.for_each is None and node.repeat is None:
            for write in self.touches.of(way.source):
                value = constant_value(write.value)
                about = frozenset([tuple(write.path.split("."))])
                if write.clears:
                    known |= {assumed.Fact("empty", about)}
                elif value is not None and not write.event:
                    known |= {assumed.Fact("is", about, value)}
        return known

    def conditions(self, way: Way) -> Iterator[tuple[Node, bool]]:
        """What was looked at when this way was taken, and how it came out."""
        node = self.touches.nodes[way.source]
        if way.kind == "exit":
            yield from passed(node, way.label)
            button = button_of(node, way.label)
            if button is not None and button.that is not None:
                yield button.that.tree, True
            if isinstance(node, Event):
                yield from _conditions(node)
        if way.trigger is not None:
            yield from _conditions(way.trigger)


def passed(node: object, label: str) -> Iterator[tuple[Node, bool]]:
    """The conditions of a gateway when this case of it is taken."""
    cases = getattr(node, "cases", None)
    if not isinstance(cases, tuple) or not label.startswith("case_"):
        return
    index = int(label.removeprefix("case_")) - 1
    one = getattr(node, "type", "") == "exclusive_gateway"
    for other in cases[:index] if one else cases if cases[index].is_otherwise else ():
        if isinstance(other.if_, Expression):
            yield other.if_.tree, False
    if isinstance(cases[index].if_, Expression):
        yield cases[index].if_.tree, True


def beside(root: Node, node: Node) -> Iterator[tuple[Node, bool]]:
    """The other conjuncts of a condition: where one of them does not hold, what is read in `node` does not matter."""
    if isinstance(root, Logic) and root.operator == "and":
        for part in root.operands:
            if not part.offset <= node.offset < part.offset + part.length:
                yield part, True


def _conditions(event: Event) -> Iterator[tuple[Node, bool]]:
    for condition in (event.once, event.becomes, event.if_, event.that):
        if isinstance(condition, Expression):
            yield condition.tree, True


def _heard(known: Assumed, event: Event) -> Assumed | None:
    found: Assumed | None = known
    for condition, holds in _conditions(event):
        found = assume(found, condition, holds) if found is not None else None
    return found
