"""The data flow of every workflow of a pack, worked out once for the checks that ask about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.checks.dataflow.filled import Filled
from engine.checks.dataflow.standing import filled_at
from engine.checks.dataflow.surely import Surely
from engine.checks.dataflow.touches import Touches
from engine.checks.pack_view import View
from engine.language.kinds.workflow import Workflow


class Flow(NamedTuple):
    """One workflow: what its nodes touch, and what is surely filled where."""

    touches: Touches
    surely: Surely


def flows_of(view: View) -> tuple[Flow, ...]:
    if "flows" not in view.remembered:
        touched = [Touches(workflow, view) for workflow in view.pack.kind(Workflow).values()]
        view.remembered["flows"] = tuple(Flow(touches, Surely(touches)) for touches in touched)
    found: tuple[Flow, ...] = view.remembered["flows"]
    return found


def filled_where(view: View) -> Mapping[int, Filled]:
    """What is surely filled where an expression of a workflow stands, by the expression's identity."""
    if "filled" not in view.remembered:
        view.remembered["filled"] = {
            id(read.expression): filled_at(read, flow.touches, flow.surely)
            for flow in flows_of(view)
            for read in flow.touches.reads
        }
    found: Mapping[int, Filled] = view.remembered["filled"]
    return found
