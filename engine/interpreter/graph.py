"""A workflow's arrows as a graph, scope by scope, worked out once: what joins need to know about paths.

An arrow is a pair of nodes whatever exit is taken; a meanwhile arrow is one of its own. The arrows of starts and of the
workflow's own events run their node at once and do not count (LANGUAGE 13.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.language.kinds.node import Node
from engine.language.kinds.workflow import Workflow


@dataclass(frozen=True)
class Arrow:
    """`moving`: the token itself goes; a meanwhile arrow starts a second one."""

    source: str
    target: str
    moving: bool = True

    @property
    def id(self) -> str:
        return f"{self.source}{'>' if self.moving else '~'}{self.target}"


def arrows_of(node: Node) -> Iterable[Arrow]:
    """Every arrow that a node draws inside its own scope; `end` and `back` lead to no node."""
    seen: set[str] = set()
    moving = [t for targets in node.arrows().values() for t in targets]
    moving += [trigger.next for trigger in (node.interrupt or {}).values()]
    beside = [trigger.next for trigger in (node.meanwhile or {}).values()]
    for label, target in node.extra_arrows().items():
        (beside if label.endswith("meanwhile") else moving).append(target)
    for targets, is_moving in ((moving, True), (beside, False)):
        for target in targets:
            arrow = Arrow(node.name, str(target), is_moving)
            if target not in ("end", "back") and arrow.id not in seen:
                seen.add(arrow.id)
                yield arrow


class ScopeGraph:
    """The nodes of one scope and their arrows. `starts` are where tokens come in at once."""

    def __init__(self, nodes: Mapping[str, Node], starts: Iterable[str]) -> None:
        self.nodes = nodes
        self.starts = tuple(dict.fromkeys(s for s in starts if s in nodes))
        self.arrows = [a for node in nodes.values() for a in arrows_of(node) if a.target in nodes]
        self.into: dict[str, tuple[Arrow, ...]] = dict.fromkeys(nodes, ())
        self.out: dict[str, tuple[Arrow, ...]] = dict.fromkeys(nodes, ())
        for arrow in self.arrows:
            self.into[arrow.target] += (arrow,)
            self.out[arrow.source] += (arrow,)
        self._drawn = frozenset(arrow.id for arrow in self.arrows)
        self._reach: dict[tuple[str, bool], dict[str, frozenset[str]]] = {}

    def draws(self, arrow: str) -> bool:
        """Whether there is an arrow with this id; one that `back` takes may not be drawn."""
        return arrow in self._drawn

    def reaches(self, place: str, join: str, moving_only: bool = False) -> frozenset[str]:
        """The arrows into `join` that a path from node `place` leads to without passing `join`."""
        key = (join, moving_only)
        if key not in self._reach:
            self._reach[key] = self._work_out(join, moving_only)
        return self._reach[key].get(place, frozenset())

    def _work_out(self, join: str, moving_only: bool) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for arrow in self.into[join]:
            if moving_only and not arrow.moving:
                continue
            seen, queue = {arrow.source}, [arrow.source]
            while queue:
                node = queue.pop()
                found[node] = found.get(node, frozenset()) | {arrow.id}
                if node == join:
                    continue
                for before in self.into[node]:
                    if before.source not in seen and not (moving_only and not before.moving):
                        seen.add(before.source)
                        queue.append(before.source)
        return found

    @cached_property
    def _reachable_back(self) -> dict[str, frozenset[str]]:
        result = {}
        for name in self.nodes:
            seen, queue = {name}, [name]
            while queue:
                for arrow in self.into[queue.pop()]:
                    if arrow.source not in seen:
                        seen.add(arrow.source)
                        queue.append(arrow.source)
            result[name] = frozenset(seen)
        return result

    def region(self, join: str) -> frozenset[str]:
        """What `rest: cancel` withdraws: all from which the join can be reached, without it and its dominators (13.4)."""
        return self._reachable_back[join] - self.dominators(join) - {join}

    def dominators(self, node: str) -> frozenset[str]:
        """The nodes that every path from a start to `node` passes."""
        result = set()
        for candidate in self._reachable_back[node] - {node}:
            seen = {s for s in self.starts if s != candidate}
            queue = list(seen)
            while queue:
                for arrow in self.out[queue.pop()]:
                    if arrow.target not in seen and arrow.target != candidate:
                        seen.add(arrow.target)
                        queue.append(arrow.target)
            if node not in seen:
                result.add(candidate)
        return frozenset(result)


class Graph:
    """All scopes of a workflow: '' is the case's own, a subprocess's is called by its node's name."""

    def __init__(self, workflow: Workflow) -> None:
        self.scopes: dict[str, ScopeGraph] = {}
        self.node_scope: dict[str, str] = {}
        self.nodes: dict[str, Node] = {}
        starts = [trigger.next for trigger in workflow.start.values()]
        for events in (workflow.interrupt, workflow.meanwhile):
            starts += [trigger.next for trigger in (events or {}).values()]
        self._add("", workflow.nodes, starts)

    def _add(self, scope: str, nodes: Mapping[str, Node], starts: Iterable[str]) -> None:
        self.scopes[scope] = ScopeGraph(nodes, starts)
        for name, node in nodes.items():
            self.node_scope[name] = scope
            self.nodes[name] = node
            inner = node.inner()
            if inner:
                self._add(name, inner, [str(getattr(node, "start", ""))])

    def of(self, node: str) -> ScopeGraph:
        return self.scopes[self.node_scope[node]]
