"""What a case does at once after its start, path by path, and what of that can begin other cases.

Only steps that are surely done in the same commit are played: where a step may wait, or may leave by an exit that nobody can know
(a search, an assignment), the path is not followed any further.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from engine.checks.pack_view import View
from engine.checks.waking.knowing import Facts, assumed, truth
from engine.language.expressions import tree
from engine.language.kinds.events import Trigger
from engine.language.kinds.form import Form
from engine.language.kinds.node import Node
from engine.language.kinds.workflow import Workflow
from engine.language.values import Formula, Literal, Value

SIMPLE = frozenset(["set", "create", "notify", "signal", "send", "decision", "score"])
FORKS = frozenset(["parallel_gateway", "inclusive_gateway"])
CLOCK = frozenset(["now", "today"])


@dataclass(frozen=True)
class Woken:
    """Something that can begin a case: created, changed, signal, message, called; the form or name; the step that did it."""

    kind: str
    name: str
    step: str
    facts: Facts = field(default_factory=dict)
    fields: frozenset[str] = frozenset()

    def may_start(self, workflow: Workflow, other: Workflow, trigger: Trigger) -> bool:
        """Whether this start listens to it. What a signal or a message says of a record is not known: only cases without."""
        if self.kind == "changed":
            listens = trigger.changed == self.name or trigger.becomes is not None
            return listens and other.case == self.name == workflow.case
        if self.kind == "created":
            listens = trigger.created == self.name or trigger.becomes is not None
            return listens and other.case in ((self.name,) if trigger.becomes is not None else (self.name, None))
        if self.kind == "called":
            return trigger.called is not None and other.name == self.name and other.case is None
        return getattr(trigger, self.kind) == self.name and other.case is None


@dataclass(frozen=True)
class Played:
    """`facts`: of the case's record at rest. `open`: the case may still be there. `taken`: what unknown conditions read."""

    facts: Facts
    wakes: tuple[Woken, ...] = ()
    taken: frozenset[str] = frozenset()
    open: bool = False


def plays(workflow: Workflow, start: str, facts: Facts, view: View) -> Iterator[Played]:
    """Every path of the case until it rests, the net change of its record last."""
    for played in _from(workflow, str(workflow.start[start].next), Played(facts), view, frozenset()):
        changed = {f for f, value in played.facts.items() if f in facts and facts[f] != value}
        moving = {wake.name for wake in played.wakes if wake.kind == "moving"}
        last = next((w.step for w in reversed(played.wakes) if w.kind in ("wrote", "moving")), "")
        wakes = tuple(w for w in played.wakes if w.kind not in ("wrote", "moving"))
        if workflow.case is not None and (changed | moving):
            wakes = (*wakes, Woken("changed", str(workflow.case), last, {}, frozenset(changed | moving)))
        yield replace(played, wakes=wakes)


def _from(workflow: Workflow, name: str, so_far: Played, view: View, seen: frozenset[str]) -> Iterator[Played]:
    node = workflow.nodes.get(name)
    if name == "end" or node is None or node.type == "end":
        yield so_far if name == "end" or node is not None else replace(so_far, open=True)
        return
    called = str(getattr(node, "workflow", "") or "") if node.type == "call" else ""
    if called:
        so_far = replace(so_far, wakes=(*so_far.wakes, Woken("called", called, name)))
    if name in seen or not _surely_at_once(node):
        yield replace(so_far, open=True)
        return
    seen = seen | {name}
    if node.type == "exclusive_gateway":
        yield from _cases(workflow, node, so_far, view, seen)
        return
    if node.type in FORKS:
        so_far = replace(so_far, open=so_far.open or _may_wait(workflow, name))
        if node.type == "inclusive_gateway":
            conditions = [case.if_ for case in getattr(node, "cases", ()) if not case.is_otherwise]
            so_far = replace(so_far, taken=so_far.taken.union(*(assumed(condition) for condition in conditions)))
    so_far = _done(node, so_far, workflow, view)
    for targets in node.arrows().values():
        for target in targets:
            yield from _from(workflow, str(target), so_far, view, seen)


def _surely_at_once(node: Node) -> bool:
    held = node.mutex or node.available or node.repeat or node.for_each or node.cancels
    joins = node.join is not None and node.join.mode != "each"
    detached = node.type == "call" and bool(getattr(node, "detached", False))
    return not held and not joins and (node.type in SIMPLE | FORKS | {"exclusive_gateway"} or detached)


def _cases(workflow: Workflow, node: Node, so_far: Played, view: View, seen: frozenset[str]) -> Iterator[Played]:
    for case in getattr(node, "cases", ()):
        holds = True if case.is_otherwise else truth(case.if_, so_far.facts, workflow.case)
        if holds is False:
            continue
        after = so_far if holds else replace(so_far, taken=so_far.taken | assumed(case.if_))
        yield from _from(workflow, str(case.next), after, view, seen)
        if holds:
            return
        so_far = after


def _may_wait(workflow: Workflow, name: str) -> bool:
    seen, queue = {name}, [name]
    while queue:
        node = workflow.nodes[queue.pop()]
        for targets in node.arrows().values():
            for target in targets:
                if target in workflow.nodes and target not in seen:
                    if not _surely_at_once(workflow.nodes[target]) and workflow.nodes[target].type != "end":
                        return True
                    seen.add(str(target))
                    queue.append(str(target))
    return False


def _done(node: Node, so_far: Played, workflow: Workflow, view: View) -> Played:
    """What a step does that surely leaves by `done`."""
    wakes, facts = list(so_far.wakes), dict(so_far.facts)
    if node.type == "signal" and getattr(node, "signal", None):
        wakes.append(Woken("signal", str(getattr(node, "signal", "")), node.name))
    if node.type == "send":
        wakes.append(Woken("message", str(getattr(node, "message", "")), node.name))
    for new in (getattr(node, "records", None) or {}).values() if node.type == "create" else ():
        if new.reuse is None:
            wakes.append(Woken("created", str(new.form), node.name, _of_new(new, view)))
    for path, value in (getattr(node, "set", None) or {}).items() if node.type in ("set", "create") else ():
        form, _, name = str(path).partition(".")
        if form != workflow.case or "." in name:
            continue
        if isinstance(value, Literal):
            facts[name] = _literal(value)
            wakes.append(Woken("wrote", name, node.name))
        else:
            facts.pop(name, None)
            wakes.append(Woken("moving" if _moves(value, f"{form}.{name}") else "wrote", name, node.name))
    if node.type in ("decision", "score"):
        facts.clear()  # what a rule writes is not known here
    return replace(so_far, wakes=tuple(wakes), facts=facts)


def _of_new(new: Any, view: View) -> Facts:
    """A new record: what `with` says literally, what the form starts with, else empty."""
    form = view.pack.get(Form, str(new.form))
    facts: dict[str, str] = {}
    for name, declared in form.fields.items() if form is not None else ():
        if declared.formula is not None or declared.type in ("records", "serial"):
            continue
        value = (new.with_ or {}).get(name, declared.start_with)
        if value is None:
            facts[str(name)] = ""
        elif isinstance(value, Literal):
            facts[str(name)] = _literal(value)
    return facts


def _literal(value: Literal) -> str:
    return (
        ""
        if value.text == "empty"
        else str(value.text).replace("_", "")
        if value.text[:1].isdigit()
        else str(value.text)
    )


def _moves(value: Value, path: str) -> bool:
    """Whether what is written is another value each time: counted on from the field itself, or the time."""
    if not isinstance(value, Formula):
        return False
    reads = {".".join(read) for read in value.expression.reads}
    parts = list(tree.walk(value.expression.tree))
    clock = any(isinstance(part, tree.Call) and part.function in CLOCK for part in parts)
    counted = (
        isinstance(value.expression.tree, tree.Arithmetic) and value.expression.tree.operator in "+-" and path in reads
    )
    return clock or counted
