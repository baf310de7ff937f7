"""From what was proved to what a person is told: the first cause of each fault, on its line, with the path in node names."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.flow.explore import Fault
from engine.checks.flow.net import Unit
from engine.checks.flow.scopes import Proof
from engine.language.diagnostics import Diagnostic
from engine.language.messages import flow, reference
from engine.language.source import Span, place_of

FIRST = ("over-at-once", "double-token", "double-result", "improper-completion", "deadlock", "livelock")
"""Codes in the order in which one is the cause of another."""


def told(proof: Proof) -> Iterator[Diagnostic]:
    """The findings of one scope, each fault once, at its first cause."""
    yield from _open(proof)
    causes: list[int] = []
    for fault in sorted(proof.faults, key=lambda f: (FIRST.index(f.code), len(f.path.trace))):
        if fault.code != "over-at-once" and any(_behind(proof, cause, fault) for cause in causes):
            continue
        if any(cause in fault.units for cause in causes):
            continue
        causes.append(fault.units[0])
        if not _misplaced(proof, fault):
            yield _fault(proof, fault)
    if not proof.result.decided:
        if not causes:
            name = place_of(proof.graph.nodes[proof.scope].name) if proof.scope in proof.graph.nodes else None
            yield flow.not_decided(name or _home(proof), proof.scope or str(proof.workflow.name), proof.result.states)
        return
    yield from _unreachable(proof, causes)
    if not causes:
        yield from _without_result(proof)


def _without_result(proof: Proof) -> Iterator[Diagnostic]:
    """missing-exit: a subprocess with results that can also end without one, and no arrow `done` (LANGUAGE 14, 7)."""
    owner = next((n for _, n in proof.workflow.all_nodes() if proof.scope and str(n.name) == proof.scope), None)
    if owner is None or owner.for_each is not None or "" not in proof.result.done or "done" in owner.arrows():
        return
    if owner.next is not None:
        yield reference.missing_exit(owner.next.span, str(owner.name), "done")


def _home(proof: Proof) -> Span:
    for _, node in proof.workflow.all_nodes():
        if str(node.name) == proof.scope and place_of(node.name).line:
            return place_of(node.name)
    return place_of(proof.workflow.name) if place_of(proof.workflow.name).line else proof.workflow.span


def _open(proof: Proof) -> Iterator[Diagnostic]:
    for path in proof.beside:
        if path.open_because is not None:
            yield flow.open_meanwhile(path.trigger.place("next"), path.name, path.target, *path.open_because)


def _unreachable(proof: Proof, causes: list[int]) -> Iterator[Diagnostic]:
    """Of what never runs, the steps where it begins: those behind them follow from it."""
    never = dict.fromkeys(proof.never)
    into = proof.graph.into
    first = [name for name in never if not any(a.source in never for a in into[name] if a.source != name)]
    covered: set[str] = set()
    for name in [*first, *never]:
        if name in covered:
            continue
        covered |= _reached(proof, name)
        if name in proof.reachable and causes:
            continue  # what lies behind a fault is looked at when the fault is gone
        sources = list(dict.fromkeys(a.source for a in into[name])) if name in proof.reachable else []
        yield flow.unreachable_step(place_of(proof.graph.nodes[name].name), name, sources)


def _reached(proof: Proof, name: str) -> set[str]:
    """The node and all to which arrows lead from it."""
    seen, work = {name}, [name]
    while work:
        for arrow in proof.graph.out[work.pop()]:
            if arrow.target not in seen:
                seen.add(arrow.target)
                work.append(arrow.target)
    return seen


def _behind(proof: Proof, cause: int, fault: Fault) -> bool:
    """Whether a fault may follow from one at unit `cause`: arrows lead from there to it."""
    seen = _reached(proof, proof.net.units[cause].name)
    return any(proof.net.units[no].name in seen for no in fault.units)


def _misplaced(proof: Proof, fault: Fault) -> bool:
    """A join that cannot work at all has its own finding."""
    unit = proof.net.units[fault.units[0]]
    join = unit.node.join
    if join is None:
        return False
    return (join.first is not None and not 0 < join.first < len(unit.arrows)) or (
        join.mode == "all" and len(unit.arrows) < 2
    )


def _fault(proof: Proof, fault: Fault) -> Diagnostic:
    units = proof.net.units
    unit = units[fault.units[0]]
    name, node = unit.name, unit.node
    path = _steps(proof, fault)
    here = place_of(node.name) if place_of(node.name).line else node.span
    join = node.place("join") if node.was_written("join") else here
    match fault.code:
        case "over-at-once":
            return flow.over_at_once(join, name, proof.net.at_once, path)
        case "double-token":
            return flow.double_token(here, name, _sources(proof, unit, set(unit.arrows)), path)
        case "double-result":
            return flow.double_result(node.place("result"), name, unit.result, _first_end(proof, fault), path)
        case "improper-completion":
            return flow.improper_completion(here, name, path)
        case "livelock":
            return flow.livelock(here, name, list(dict.fromkeys(units[no].name for no in fault.units)), path)
    missing = _sources(proof, unit, set(unit.arrows) - fault.queued)
    said = "" if unit.join == "each" else _join_words(unit)
    return flow.deadlock(join if said else here, name, said, missing, _sources(proof, unit, set(fault.queued)), path)


def _first_end(proof: Proof, fault: Fault) -> str:
    """The end that gave the first result."""
    named = [proof.net.units[no] for no in fault.path.trace[:-1]]
    return next((unit.name for unit in named if unit.result), proof.net.units[fault.units[0]].name)


def _join_words(unit: Unit) -> str:
    join = unit.node.join
    if join is None or join.mode in ("all", "matching", "each"):
        return unit.join
    return f"{{first: {join.first}}}" if join.first is not None else f"{{batch: {join.batch}}}"


def _sources(proof: Proof, unit: Unit, arrows: set[int]) -> list[str]:
    return list(dict.fromkeys(proof.net.units[proof.net.sources[a]].name for a in unit.arrows if a in arrows))


def _steps(proof: Proof, fault: Fault) -> list[tuple[str, int, bool]]:
    """The path in node names and lines; to a join that waits in vain it is added at the end."""
    trace = (*fault.path.trace, *(fault.units if fault.code == "deadlock" and fault.queued else ()))
    steps = [(fault.path.start, 0, False)]
    for no in trace:
        unit = proof.net.units[no]
        several = len(unit.ways) == 1 and len(unit.ways[0].puts) > 1
        steps.append((unit.name, place_of(unit.node.name).line, several))
    return steps


__all__ = ["told"]
