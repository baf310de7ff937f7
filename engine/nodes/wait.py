"""wait: nothing happens until an event comes.

Any event of the vocabulary. With `at` the exits are `reached` (the moment came, or is now) and `passed` (it was over already).

```yaml
until_7_before:
  type: wait
  at: 7 days before instalment.due_on at 09:00
  next: {reached: remind_7, passed: until_1_before}
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from engine.interpreter.arming import opening_of
from engine.interpreter.events import AnyEvent
from engine.interpreter.names import moment_of
from engine.interpreter.node import Leave, NodeType, Outcome, Timer
from engine.interpreter.node import Wait as Waiting
from engine.interpreter.run import Run
from engine.language.kinds.events import Event, details_fit
from engine.language.shapes import Reading
from engine.language.yamltree import Mapping
from engine.nodes.parts.hearing import heard


@dataclass(frozen=True, kw_only=True)
class Wait(NodeType, Event):
    """Nothing happens until an event comes."""

    TYPE: ClassVar[str] = "wait"
    EXACTLY_ONE: ClassVar[Any] = Event.EXACTLY_ONE

    def waits(self) -> bool:
        return True

    def own_exits(self) -> tuple[str, ...]:
        return ("reached", "passed") if self.at is not None else ("done",)

    def event_for(self, purpose: str) -> Event | None:
        return self if purpose == "own" else None

    def fits(self, tree: Mapping, reading: Reading) -> bool:
        return details_fit(self, tree, "wait", reading)

    def enter(self, run: Run) -> Outcome:
        opening = opening_of(run, self, "own")
        assert opening is not None
        if isinstance(opening, Timer) and self.at is not None and opening.due is not None:
            due = moment_of(opening.due)
            if due < run.now:
                return Leave("passed")
            if due == run.now:
                return Leave("reached")
        return Waiting([opening])

    def resume(self, run: Run, event: AnyEvent) -> Outcome:
        return heard(run, self, event) or Leave("reached" if self.at is not None else "done")
