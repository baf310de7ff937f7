"""The data flow of every workflow of a pack, worked out once for the checks that ask about it."""

from __future__ import annotations

from typing import NamedTuple

from engine.checks.dataflow.surely import Surely
from engine.checks.dataflow.touches import Touches
from engine.checks.pack_view import View
from engine.language.kinds.workflow import Workflow


class Flow(NamedTuple):
    """One workflow: what its nodes touch, and what is surely filled where."""

    touches: Touches
    surely: Surely


def flows_of(view: View) -> tuple[Flow, ...]:
    found = []
    for workflow in view.pack.kind(Workflow).values():
        touches = Touches(workflow, view)
        found.append(Flow(touches, Surely(touches)))
    return tuple(found)
