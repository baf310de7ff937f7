"""subprocess: steps of their own, in a scope of their own.

It leaves by the results of its ends, else by `done`. Its interrupts and meanwhiles are armed anew at each entry.

```yaml
paperwork:
  type: subprocess
  start: file
  interrupt:
    too_slow: {after: 10 workdays, next: tell_manager}
  nodes:
    file: {type: user_task, assignee: deal.owner, deadline: none, next: end}
  next: end
```
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import ClassVar

from engine.interpreter import events as ev
from engine.interpreter.node import Inside, Leave, NodeType, Outcome, Wait
from engine.interpreter.run import Run
from engine.language.kinds.node import NODES, Node
from engine.language.kinds.people import TARGET
from engine.language.shapes import key
from engine.language.yamltree import Mapping


@dataclass(frozen=True, kw_only=True)
class Subprocess(NodeType):
    """Steps of their own, in a scope of their own."""

    TYPE: ClassVar[str] = "subprocess"

    start: str = key(TARGET, "its first node", required=True)
    nodes: Map[str, Node] = key(NODES, "its steps", required=True)

    @classmethod
    def only_value(cls, name: str, tree: Mapping) -> str | None:
        """Where it has one step, that is the first."""
        nodes = tree.get("nodes")
        if name == "start" and isinstance(nodes, Mapping) and len(nodes.entries) == 1:
            return nodes.entries[0][0].text
        return super().only_value(name, tree)

    def waits(self) -> bool:
        return True

    def inner(self) -> Map[str, Node]:
        return self.nodes

    def own_exits(self) -> tuple[str, ...]:
        """The results of its ends; `done` where an end names none."""
        results = [
            str(r) for node in self.nodes.values() if node.TYPE == "end" and (r := getattr(node, "result", None))
        ]
        return tuple(dict.fromkeys(results)) or ("done",)

    def optional_exits(self) -> tuple[str, ...]:
        return ("done",)

    def enter(self, run: Run) -> Outcome:
        return Wait([Inside("inside", self.start)])

    def resume(self, run: Run, event: ev.AnyEvent) -> Outcome:
        assert isinstance(event, ev.ScopeClosed)
        return Leave(event.result or "done")
