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
from engine.interpreter.node import Child, Fail, Leave, NodeType, Outcome, Wait
from engine.interpreter.run import Run
from engine.language.shapes import ListOf, Name, key


@dataclass(frozen=True, kw_only=True)
class Undo(NodeType):
    """Takes back what finished steps of this scope did, last first."""

    TYPE: ClassVar[str] = "undo"

    of: tuple[str, ...] | None = key(ListOf(Name()), "these steps; all of this scope where left out")

    def waits(self) -> bool:
        return True

    def enter(self, run: Run) -> Outcome:
        return self._next(run, ())

    def resume(self, run: Run, event: ev.AnyEvent) -> Outcome:
        assert isinstance(event, ev.ChildEnded)
        assert run.awaited is not None
        if event.error is not None:
            return Fail("undo-failed", f"taking back failed: {event.error}")
        return self._next(run, (run.awaited.no,))

    def _next(self, run: Run, closes: tuple[int, ...]) -> Outcome:
        """The next handler, as a case of its own with the data recorded when its step was left; once each."""
        listed = run.case.scopes[run.token.scope].undo
        names = {str(name) for name in self.of} if self.of is not None else None
        for index in range(len(listed) - 1, -1, -1):
            node, handler, data = listed[index]
            if names is None or node in names:
                run.work.record(ev.CompensationTaken(run.token.scope, index))
                child = Child(
                    "undo", run.case.workflow, run.case.record, data=data, body=handler, item=dict(run.case.item)
                )
                return Wait([child], closes=closes)
        return Leave()
