"""Workflows that call themselves, straight or through others: bounded, and with a path that ends without calling."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.exits import RESERVED
from engine.checks.pack_view import View
from engine.interpreter.graph import Graph
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.node import Node
from engine.language.kinds.workflow import Workflow
from engine.language.messages import reference
from engine.language.source import place_of

Call = tuple[str, Node, str]
"""The calling workflow, the node that calls, the called workflow."""


def check(view: View) -> Iterator[Diagnostic]:
    """circular-call; unknown-resource for a call of a workflow that has no start `called:`."""
    workflows = view.pack.kind(Workflow)
    calls: dict[str, list[Call]] = {name: [] for name in workflows}
    for name, workflow in workflows.items():
        for _, node in workflow.all_nodes():
            called = getattr(node, "workflow", None)
            if isinstance(called, str) and called in workflows:
                calls[name].append((name, node, called))
                if all(trigger.called is None for trigger in workflows[called].start.values()):
                    place = place_of(called) if place_of(called).line else place_of(node.name)
                    yield reference.not_callable(place, called)
    for name in workflows:
        for call in calls[name]:
            chain = _way_back(call, calls)
            if chain is None:
                continue
            words = " -> ".join([name, *chain])
            if getattr(call[1], "max_depth", None) is None:
                yield reference.circular_call(place_of(call[1].name), words)
            elif not _ends_without(view.graphs[name], call[1].name):
                yield reference.endless_call(place_of(call[1].name), words)


def _way_back(call: Call, calls: dict[str, list[Call]]) -> list[str] | None:
    """The workflows from the called one back to the calling one; None when none leads back."""
    home, _, first = call
    ways = {first: [first]}
    queue = [first]
    while queue:
        name = queue.pop(0)
        if name == home:
            return ways[name]
        for _, _, called in calls[name]:
            if called not in ways:
                ways[called] = [*ways[name], called]
                queue.append(called)
    return None


def _ends_without(graph: Graph, node: str) -> bool:
    """Whether some path of the node's scope ends without coming through it; an inner scope can always be left."""
    scope = graph.of(node)
    seen = {start for start in scope.starts if start != node}
    queue = list(seen)
    if not scope.starts:
        return True
    while queue:
        name = queue.pop()
        here = scope.nodes[name]
        targets = [t for targets in here.arrows().values() for t in targets] + list(here.extra_arrows().values())
        if not targets or "end" in targets:
            return True
        if any(target not in scope.nodes and target not in RESERVED for target in targets):
            return True  # an arrow that leads nowhere may be meant to lead to an end
        for target in targets:
            if target in scope.nodes and target != node and target not in seen:
                seen.add(target)
                queue.append(target)
    return False
