"""end: a path is over; with a result, or with an effect on all that still runs here.

`terminate` withdraws the rest of this scope (WCP 43), `cancel` undoes it too (WCP 20), `error` and `escalation` throw a code
outwards. A path that reaches the reserved target `end` ends that path only (WCP 11).

```yaml
signed: {type: end, result: signed}
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.interpreter import events as ev
from engine.interpreter.node import End as Over
from engine.interpreter.node import NodeType, Outcome
from engine.interpreter.run import Run
from engine.language.shapes import Name, OneWord, key
from engine.nodes.parts.undoing import next_undo, undo_failed


@dataclass(frozen=True, kw_only=True)
class End(NodeType):
    """A path is over; with a result, or with an effect on all that still runs here."""

    TYPE: ClassVar[str] = "end"

    result: str | None = key(Name(), "the result of the case or the subprocess")
    kind: str = key(
        OneWord("normal", "terminate", "cancel", "error", "escalation"), "what it does to the rest", default="normal"
    )
    code: str | None = key(Name(), "error, escalation: what is thrown")

    def own_exits(self) -> tuple[str, ...]:
        return ()

    def waits(self) -> bool:
        return self.kind == "cancel"

    def enter(self, run: Run) -> Outcome:
        if self.kind == "cancel":
            return next_undo(run, None, alone=True) or self._over()
        return self._over()

    def resume(self, run: Run, event: ev.AnyEvent) -> Outcome:
        """`cancel`: a step of the scope was taken back, now the one before it."""
        assert isinstance(event, ev.ChildEnded)
        assert run.awaited is not None
        if event.error is not None:
            return undo_failed(run, event)
        return next_undo(run, None, (run.awaited.no,)) or self._over()

    def _over(self) -> Over:
        result = str(self.result) if self.result is not None else None
        return Over(result, str(self.kind), str(self.code) if self.code else None)
