"""Locks inside locks: inside a step that holds one lock no other is waited for (LANGUAGE 14), or two cases may wait for each other.

A lock is held by a subprocess for all of its steps, by a call for the whole of the called case, and by a step with copies for
each of them. The same lock inside its own subprocess is free to enter (13.7).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.node import Node
from engine.language.kinds.workflow import Workflow
from engine.language.messages import flow
from engine.language.source import Span, place_of


class Lock(NamedTuple):
    """`name` and, where it holds over all cases, what it is taken for; the step that takes it."""

    name: str
    per: str
    step: str
    place: Span

    def same(self, other: Lock) -> bool:
        return (self.name, self.per) == (other.name, other.per)


def check(view: View) -> Iterator[Diagnostic]:
    """lock-inside-lock."""
    workflows = view.pack.kind(Workflow)
    for workflow in workflows.values():
        yield from _scope(workflow.nodes, (), workflows)


def _scope(
    nodes: Mapping[str, Node], held: tuple[Lock, ...], workflows: Mapping[str, Workflow]
) -> Iterator[Diagnostic]:
    for node in nodes.values():
        own = _lock(node)
        if own is not None and held and not any(own.same(lock) for lock in held):
            yield flow.lock_inside_lock(own.place, own.step, own.name, held[-1].step, held[-1].name, held[-1].place)
        inside = (*held, own) if own is not None else held
        yield from _scope(node.inner(), inside, workflows)
        called = getattr(node, "workflow", None)
        if inside and isinstance(called, str) and called in workflows and not getattr(node, "detached", False):
            waited = next(_waited(called, workflows, set()), None)
            if waited is not None:
                place = place_of(called) if place_of(called).line else node.span
                outer = inside[-1]
                yield flow.lock_inside_lock(
                    place, f"{waited[0]}/{waited[1].step}", waited[1].name, outer.step, outer.name, outer.place
                )


def _lock(node: Node) -> Lock | None:
    if node.mutex is None:
        return None
    per = node.mutex.per.text if node.mutex.per is not None else ""
    return Lock(str(node.mutex.name), per, node.name, node.place("mutex"))


def _waited(name: str, workflows: Mapping[str, Workflow], seen: set[str]) -> Iterator[tuple[str, Lock]]:
    """The locks of a called workflow, and of what it calls in turn: they are another case's, whatever their names."""
    if name in seen or name not in workflows:
        return
    seen.add(name)
    for _, node in workflows[name].all_nodes():
        own = _lock(node)
        if own is not None:
            yield name, own
        if not getattr(node, "detached", False):
            yield from _waited(str(getattr(node, "workflow", "")), workflows, seen)
