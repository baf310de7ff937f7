"""undo: takes back what finished steps of this scope did, last first.

Each step with `undo:` that was left normally is in the scope's list with the data of that moment (BPMN compensation).

```yaml
call_off: {type: undo, of: [book_hotel], next: end}
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.interpreter import events as ev
from engine.interpreter.node import Leave, NodeType, Outcome
from engine.interpreter.run import Run
from engine.language.shapes import ListOf, Name, key
from engine.nodes.parts.undoing import next_undo, undo_failed


@dataclass(frozen=True, kw_only=True)
class Undo(NodeType):
    """Takes back what finished steps of this scope did, last first."""

    TYPE: ClassVar[str] = "undo"

    of: tuple[str, ...] | None = key(ListOf(Name()), "these steps; all of this scope where left out")

    def waits(self) -> bool:
        return True

    def enter(self, run: Run) -> Outcome:
        return next_undo(run, self.of) or Leave()

    def resume(self, run: Run, event: ev.AnyEvent) -> Outcome:
        assert isinstance(event, ev.ChildEnded)
        assert run.awaited is not None
        if event.error is not None:
            return undo_failed(run, event)
        return next_undo(run, self.of, (run.awaited.no,)) or Leave()
