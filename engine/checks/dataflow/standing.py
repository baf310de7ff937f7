"""What is surely filled where one expression of a workflow stands: when its node is reached, and what its keys add."""

from __future__ import annotations

from engine.checks.dataflow.filled import NOTHING, Filled, filled_if, with_way
from engine.checks.dataflow.leaving import of_start
from engine.checks.dataflow.surely import Surely
from engine.checks.dataflow.touches import CASE, ReadAt, Touches, button_of
from engine.checks.dataflow.without import passed
from engine.language.kinds.node import Node

AFTER_OPENING = ("buttons", "adds", "deadline", "nobody", "interrupt", "meanwhile")
"""Keys that are looked at while the step runs."""


def filled_at(read_at: ReadAt, touches: Touches, surely: Surely) -> Filled:
    keys = read_at.keys
    if read_at.node == CASE:
        started = keys[0] == "start" and keys[1] in touches.workflow.start
        return of_start(keys[1], touches, read_at.expression) if started else surely.always
    at = surely.at(read_at.node)
    if at is None:
        return NOTHING
    node = touches.nodes[read_at.node]
    if keys[0] == "repeat" and keys[-1] != "while":
        return _after_a_round(read_at.node, surely, at)
    if keys[0] in AFTER_OPENING:
        at |= {"steps", f"steps.{node.name}", f"steps.{node.name}.opened_at"}
    if keys[0] == "buttons" and (button := button_of(node, keys[1])) is not None:
        at = at.union(*(with_way(tuple(str(path).split("."))) for path in button.needs or ()))
    if keys[0] == "cases":
        for condition, holds in list(passed(node, f"case_{case_of(node, read_at) + 1}"))[:-1]:
            at |= filled_if(condition, holds)
    return at


def _after_a_round(name: str, surely: Surely, at: Filled) -> Filled:
    """`until` and `pause` are looked at when a round is over."""
    scope = surely.scopes[surely.of[name]]
    after = [scope.after(way) for way in scope.ways[name] if way.kind == "exit" and way.label != "missed"]
    known = [filled for filled in after if filled is not None]
    return known[0].intersection(*known[1:]) if known else at


def case_of(node: Node, read_at: ReadAt) -> int:
    """Which case of a gateway an expression is, from 0."""
    cases = getattr(node, "cases", ())
    return next((i for i, case in enumerate(cases) if case.if_ is read_at.expression), 0)
