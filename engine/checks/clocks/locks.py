"""Locks over all cases that a person may hold for ever (LANGUAGE 13.7, section 14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks.pack_view import View
from engine.interpreter.node import NodeType
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.node import Node
from engine.language.kinds.people import Deadline
from engine.language.kinds.workflow import Workflow
from engine.language.messages import time

STAYS = {
    "keep_open": ("after its deadline the task stays", "期限过后任务仍保留"),
    "meanwhile": ("after its deadline the task stays", "期限过后任务仍保留"),
}
"""The outcomes of a deadline with which the same person may keep the lock. `transfer_to` takes it away from them."""


def check(view: View) -> Iterator[Diagnostic]:
    """lock-without-deadline: at the task that may last, also where its subprocess holds the lock."""
    for workflow in view.pack.kind(Workflow).values():
        if any(_timed(event) for event in (workflow.interrupt or {}).values()):
            continue
        yield from _locks(workflow.nodes, None)


def _locks(nodes: Mapping[str, Node], holder: Node | None) -> Iterator[Diagnostic]:
    """`holder`: the subprocess around, when it holds such a lock and nothing ends it in time."""
    for node in nodes.values():
        if any(_timed(event) for event in (node.interrupt or {}).values()):
            continue
        own = node if node.mutex is not None and node.mutex.per is not None else holder
        if own is not None and own.mutex is not None and isinstance(node, NodeType) and node.by_people():
            why = _lasts(node)
            if why is not None:
                place = node.place("deadline") if node.was_written("deadline") else own.place("mutex")
                yield time.lock_without_deadline(place, str(node.name), str(own.mutex.name), str(own.name), why)
        yield from _locks(node.inner(), own)


def _lasts(node: Node) -> tuple[str, str] | None:
    """Why the step may stay open for ever; None when its deadline ends it, or says nothing (that is another finding)."""
    deadline = getattr(node, "deadline", None)
    if deadline == "none":
        return "it has no deadline", "它没有期限"
    if not isinstance(deadline, Deadline):
        return None
    return next((why for key, why in STAYS.items() if deadline.was_written(key)), None)


def _timed(event: object) -> bool:
    """Whether an interrupt ends the step when its time has come."""
    return any(getattr(event, key, None) is not None for key in ("after", "at", "every"))
