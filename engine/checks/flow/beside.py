"""Second paths that may begin again and again: closed, so that each is a scope of its own, or open (LANGUAGE 13.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.checks.flow.net import Net
from engine.interpreter.firing import may_come_again
from engine.interpreter.graph import ScopeGraph
from engine.language.kinds.events import Trigger
from engine.language.kinds.workflow import Workflow


@dataclass(frozen=True)
class Beside:
    """One such path. `open_because`: why it is not closed: touches, reached, cancels, ends, back; and the node."""

    name: str
    owner: str
    trigger: Trigger
    target: str
    arrow: int
    nodes: frozenset[str]
    open_because: tuple[str, str] | None = None


def paths_beside(graph: ScopeGraph, workflow: Workflow | None, net: Net) -> list[Beside]:
    """The paths of all meanwhiles of this scope that may come again. `workflow`: for its outermost scope."""
    found = []
    for owner, name, trigger in _meanwhiles(graph, workflow):
        target = str(trigger.next)
        if not may_come_again(trigger) or target == "end" or (target not in graph.nodes and target != "back"):
            continue
        if target == "back":
            found.append(Beside(name, owner, trigger, target, -1, frozenset(), ("back", owner)))
            continue
        nodes = _from(graph, target)
        number = net.number.get(owner, -1)
        arrow = net.put(number, target, False)[1] if owner else -1
        reason = _open(graph, workflow, nodes, trigger, owner)
        found.append(Beside(name, owner, trigger, target, arrow, nodes, reason))
    return found


def _meanwhiles(graph: ScopeGraph, workflow: Workflow | None) -> Iterator[tuple[str, str, Trigger]]:
    for name, trigger in ((workflow.meanwhile if workflow else None) or {}).items():
        yield "", str(name), trigger
    for node in graph.nodes.values():
        for name, trigger in (node.meanwhile or {}).items():
            yield str(node.name), str(name), trigger


def _from(graph: ScopeGraph, target: str) -> frozenset[str]:
    seen, work = {target}, [target]
    while work:
        for arrow in graph.out[work.pop()]:
            if arrow.target not in seen:
                seen.add(arrow.target)
                work.append(arrow.target)
    return frozenset(seen)


def _open(
    graph: ScopeGraph, workflow: Workflow | None, nodes: frozenset[str], trigger: Trigger, owner: str
) -> tuple[str, str] | None:
    """Why the path is not closed; None when it is."""
    for events in (workflow.start, workflow.interrupt, workflow.meanwhile) if workflow is not None else ():
        for other in (events or {}).values():
            if other is not trigger and str(other.next) in nodes:
                return "reached", str(other.next)
    starts = set(graph.starts) if workflow is None else set()
    for name in graph.nodes:
        if name in nodes and name in starts:
            return "reached", name
    for owner_, _, other in _meanwhiles(graph, None):
        if other is not trigger and str(other.next) in nodes and owner_ not in nodes:
            return "reached", str(other.next)
    for arrow in graph.arrows:
        own = arrow.source == owner and arrow.target == str(trigger.next) and not arrow.moving
        if arrow.target in nodes and arrow.source not in nodes and not own:
            return "reached", arrow.target
    if owner in nodes:
        return "reached", owner
    for name in graph.nodes:
        node = graph.nodes[name]
        if name not in nodes:
            continue
        if any(str(other) not in nodes for other in node.cancels or ()):
            return "cancels", name
        if node.type == "end" and (
            getattr(node, "result", None) or getattr(node, "kind", "normal") not in ("normal", "escalation")
        ):
            return "ends", name
    return None
