"""Runs in the environment of the peer: SpiffWorkflow plays block-structured workflows. JSON in (blocks, choices), JSON out (rests).

Nothing of ours is imported here, and nothing of ours imports this.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.operators import Equal
from SpiffWorkflow.specs.ExclusiveChoice import ExclusiveChoice
from SpiffWorkflow.specs.Join import Join
from SpiffWorkflow.specs.MultiChoice import MultiChoice
from SpiffWorkflow.specs.Simple import Simple
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.workflow import Workflow


class Builder:
    """Each block is written between two specs that exist already."""

    def __init__(self, block: list[Any]) -> None:
        self.spec, self.count = WorkflowSpec(name="w", addstart=True), 0
        over = self.auto()
        first = self.write(block, over)
        self.spec.start.connect(first)

    def auto(self, kind: Any = Simple, **keys: Any) -> Any:
        self.count += 1
        return kind(self.spec, f"auto{self.count}", **keys)

    def write(self, block: list[Any], to: Any) -> Any:
        """The first spec of a block that leads to `to`."""
        kind, *rest = block
        if kind == "task":
            task = Simple(self.spec, rest[0], manual=True)
            task.connect(to)
            return task
        if kind == "seq":
            return self.write(rest[0], self.write(rest[1], to))
        if kind == "all":
            split = self.auto()
            join = self.auto(Join, split_task=split.name)
            join.connect(to)
            for inner in rest[0]:
                split.connect(self.write(inner, join))
            return split
        if kind == "either":
            choice, taken = self.auto(ExclusiveChoice), rest[1]
            merge = self.auto()
            merge.connect(to)
            for place, inner in enumerate(rest[0]):
                first = self.write(inner, merge)
                if place == len(rest[0]) - 1:
                    choice.connect(first)
                else:
                    choice.connect_if(Equal(1, 1 if place == taken else 0), first)
            return choice
        if kind == "matching":
            split = self.auto(MultiChoice)
            join = self.auto(Join, split_task=split.name)
            join.connect(to)
            for place, inner in enumerate(rest[0]):
                split.connect_if(Equal(1, 1 if place in rest[1] else 0), self.write(inner, join))
            return split
        raise ValueError(kind)


def play(block: list[Any], choices: list[int]) -> list[list[str]]:
    """At every rest the names of the tasks that can be done; one of them is done. The last is empty: it is over."""
    workflow = Workflow(Builder(block).spec)
    rests = []
    for choice in choices:
        while True:
            ready = workflow.get_tasks(state=TaskState.READY)
            auto = [task for task in ready if not task.task_spec.manual]
            if not auto:
                break
            auto[0].run()
        waiting = sorted(task.task_spec.name for task in ready)
        rests.append(waiting)
        if not waiting:
            return [*rests, ["over" if workflow.is_completed() else "stuck"]]
        name = waiting[choice % len(waiting)]
        next(task for task in ready if task.task_spec.name == name).run()
    return rests


for line in sys.stdin:
    given = json.loads(line)
    try:
        print(json.dumps(play(given["block"], given["choices"])), flush=True)
    except Exception as error:
        print(json.dumps([["error", f"{type(error).__name__}: {error}"]]), flush=True)
