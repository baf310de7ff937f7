"""Every scope of every workflow, inner ones first: what each can come to is all that the scope around it needs (LANGUAGE 14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.checks.flow.beside import Beside, paths_beside
from engine.checks.flow.explore import Fault, Result, Search
from engine.checks.flow.game import Game
from engine.checks.flow.net import NO_BODY, Body, Net, Start, build, comes_later
from engine.checks.flow.smaller import Smaller
from engine.checks.pack_view import View
from engine.interpreter.graph import Graph, ScopeGraph
from engine.language.kinds.node import Node
from engine.language.kinds.workflow import Workflow

FULL = 2_000
"""States of the second, unreduced search that looks for the shortest path to a fault."""


SMALL = 300
"""States of a reduced net with a fault in it, for which the net is searched as it was written too."""
CUT = frozenset({"double-token", "over-at-once", "double-result", "improper-completion"})
"""Faults behind which nothing is looked at: what does not run then may run when they are gone."""


@dataclass
class Proof:
    """What was found of one scope: '' is the workflow's own, a subprocess's is called by its node."""

    workflow: Workflow
    scope: str
    graph: ScopeGraph
    net: Net
    result: Result
    beside: list[Beside] = field(default_factory=list)
    reachable: frozenset[str] = frozenset()
    """The nodes that arrows lead to from a start or an event."""

    @property
    def faults(self) -> list[Fault]:
        return self.result.faults

    @property
    def never(self) -> list[str]:
        """Nodes that no case can run; what takes an effect back is run by `undo`."""
        handlers = {str(node.undo) for node in self.graph.nodes.values() if node.undo is not None}
        return [u.name for u in self.net.units if u.no not in self.result.ran and u.name not in handlers]

    @property
    def codes(self) -> frozenset[str]:
        """The obligations that do not hold, each by its code, whatever their cause."""
        found = {fault.code for fault in self.faults} | {"open-meanwhile" for b in self.beside if b.open_because}
        if not self.result.decided:
            found |= set() if self.faults else {"not-decided"}
        elif any(name not in self.reachable for name in self.never) or (self.never and not found & CUT):
            found.add("unreachable-step")
        return frozenset(found)


class Prover:
    """Proves workflow by workflow; each scope once. `most`: the bound of each search, in states."""

    def __init__(self, view: View, most: int) -> None:
        self.view, self.most = view, most
        self.workflows = dict(view.pack.kind(Workflow))
        self.proofs: dict[str, list[Proof]] = {}
        self._working: list[str] = []

    def of(self, name: str) -> list[Proof]:
        """The scopes of a workflow, its own last."""
        if name not in self.proofs:
            self._working.append(name)
            self.proofs[name] = list(self._prove(self.workflows[name], self.view.graphs[name]))
            self._working.remove(name)
        return self.proofs[name]

    def _prove(self, workflow: Workflow, graph: Graph) -> Iterator[Proof]:
        bodies: dict[str, Body] = {}
        for name in reversed(list(graph.scopes)):
            scope = graph.scopes[name]
            proof = self._scope(workflow, graph, name, scope, bodies)
            yield proof
            if name:
                bodies[name] = _of_node(_body(proof), graph.nodes[name])

    def _scope(self, workflow: Workflow, graph: Graph, name: str, scope: ScopeGraph, bodies: dict[str, Body]) -> Proof:
        own = workflow if not name else None
        net = build(
            scope,
            workflow.at_once,
            lambda node: bodies.get(node.name) or self._called(node),
            own.interrupt if own else None,
            own.meanwhile if own else None,
            _interrupted(workflow, graph, name),
        )
        starts = _starts(workflow) if own else [Start(name, str(getattr(graph.nodes[name], "start", "")), False)]
        beside = paths_beside(scope, own, net)
        smaller = Smaller(net, [*(s.target for s in starts), *(p.target for p in beside)])
        result = self._result(smaller, starts)
        for path in beside:
            if path.open_because:
                result.ran |= {net.number[n] for n in path.nodes}
                continue
            waits = net.units[net.number[path.owner]].rests if path.owner else result.rests
            if comes_later(path.trigger) and not waits:
                continue  # who would hear it is gone before it can come
            more = self._result(smaller, [Start(path.name, path.target, False, path.arrow)])
            result.ran |= more.ran
            result.faults += [f for f in more.faults if f.code != "double-result"]
            result.states += more.states
            result.decided &= more.decided
        reachable = _reachable(scope, [s.target for s in starts] + [p.target for p in beside], net)
        return Proof(workflow, name, scope, net, result, beside, reachable)

    def _result(self, smaller: Smaller, starts: list[Start]) -> Result:
        """What the reduced net says when it is in order; else the net is looked at as it was written, for the shortest path
        and for all that is wrong, unless that is too large by far."""
        found = smaller.search(starts, self.most)
        if found is None:
            search = Search(Game(smaller.net), starts, self.most)
            result = search.finish()
            if not result.faults or not result.decided or not search.put_off:
                return result
        elif (found.decided and not found.faults) or found.states > SMALL:
            return found
        most = min(self.most, FULL if found is None else FULL // 2)
        full = Search(Game(smaller.net), starts, most, reduced=False).finish()
        if full.decided and full.faults:
            return full
        if found is None:
            return result
        plain = Search(Game(smaller.net), starts, most).finish()
        return plain if plain.decided else found

    def _called(self, node: Node) -> Body:
        """What a called workflow can come to; one that is being worked on leaves by any exit that is drawn."""
        name = str(getattr(node, "workflow", "") or "")
        if node.type != "call" or name not in self.workflows:
            return NO_BODY
        if name in self._working or getattr(node, "detached", False):
            return NO_BODY
        proofs = self.of(name)
        body = _of_node(_body(proofs[-1]), node)
        if body.exits is None:
            return body
        drawn = set(node.arrows())
        return Body(frozenset(e if e in drawn else "done" for e in body.exits), body.errors, body.escalations)


def _body(proof: Proof) -> Body:
    """A scope that is not in order is taken to leave by every exit: its fault is said once, there."""
    result = proof.result
    thrown = frozenset(
        str(getattr(u.node, "code", None) or getattr(u.node, "escalation", None) or "")
        for u in proof.net.units
        if u.end == "escalation" or (u.node.type == "signal" and getattr(u.node, "escalation", None))
    )
    inner = proof.net.escalations
    if proof.codes:
        errors = frozenset(str(getattr(u.node, "code", "") or "") for u in proof.net.units if u.end == "error")
        return Body(None, errors | frozenset(result.errors), thrown | inner)
    if proof.graph.nodes and not result.done and not result.errors:
        return Body(None, frozenset(result.errors), thrown | inner)
    exits = frozenset(done or "done" for done in result.done)
    return Body(exits, frozenset(result.errors), thrown | inner, result.rests or not result.decided)


def _of_node(body: Body, node: Node) -> Body:
    """Of copies the node leaves by `done`, whatever each of them ended with (LANGUAGE 5.4)."""
    return body if node.for_each is None else Body(None, body.errors, body.escalations)


def _starts(workflow: Workflow) -> list[Start]:
    starts = [Start(str(name), str(trigger.next)) for name, trigger in workflow.start.items()]
    for name, trigger in (workflow.interrupt or {}).items():
        if trigger.error is None and trigger.escalation is None and trigger.next != "end":
            starts.append(Start(str(name), str(trigger.next), armed=False, late=comes_later(trigger)))
    return starts


def _interrupted(workflow: Workflow, graph: Graph, scope: str) -> bool:
    """Whether an interrupt around the scope, of a subprocess or of the workflow, can end what stands in it. That of the
    workflow fires once (13.6): what may run after it, it cannot end."""
    outer = scope
    while scope:
        node = graph.nodes[scope]
        if any(t.error is None for t in (node.interrupt or {}).values()) or node.for_each is not None:
            return True
        outer, scope = scope, graph.node_scope[scope]
    targets = [str(t.next) for t in (workflow.interrupt or {}).values() if t.error is None]
    return bool(targets) and outer not in _led(graph.scopes[""], targets)


def _reachable(graph: ScopeGraph, starts: list[str], net: Net) -> frozenset[str]:
    targets = [*starts, *(net.units[no].name for no in net.caught.values() if no >= 0)]
    targets += [net.units[put[0]].name for way in net.once for put in way.puts if put[0] >= 0]
    return frozenset(_led(graph, targets))


def _led(graph: ScopeGraph, targets: list[str]) -> set[str]:
    """These nodes, and all to which arrows lead from them."""
    seen = {name for name in targets if name in graph.nodes}
    work = list(seen)
    while work:
        for arrow in graph.out[work.pop()]:
            if arrow.target not in seen:
                seen.add(arrow.target)
                work.append(arrow.target)
    return seen
