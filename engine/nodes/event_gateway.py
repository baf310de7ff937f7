"""event_gateway: the first of several events decides; the others are withdrawn.

Which path goes on is decided by what happens first (WCP 16, deferred choice).

```yaml
signature:
  type: event_gateway
  events:
    done: {message: esign_completed, match: {contract_number: contract.number}, next: was_signed}
    too_late: {after: 10 workdays, next: esign_by_hand}
```
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import ClassVar

from engine.interpreter.dispatch import arms_of
from engine.interpreter.events import AnyEvent
from engine.interpreter.node import Leave, NodeType, Outcome, Wait
from engine.interpreter.run import Run
from engine.language.kinds.events import Event, Trigger, named
from engine.language.shapes import key
from engine.nodes.parts.hearing import heard


@dataclass(frozen=True, kw_only=True)
class EventGateway(NodeType):
    """The first of several events decides; the others are withdrawn."""

    TYPE: ClassVar[str] = "event_gateway"

    events: Map[str, Trigger] = key(named("events"), "the events, each with its node", required=True)

    def waits(self) -> bool:
        return True

    def own_exits(self) -> tuple[str, ...]:
        return tuple(str(name) for name in self.events)

    def arrows(self) -> dict[str, tuple[str, ...]]:
        return {str(name): (str(trigger.next),) for name, trigger in self.events.items()}

    def event_for(self, purpose: str) -> Event | None:
        return self.events.get(purpose.partition(":")[2])

    def enter(self, run: Run) -> Outcome:
        return Wait(arms_of(run, self.events, "event"))

    def resume(self, run: Run, event: AnyEvent) -> Outcome:
        assert run.awaited is not None
        name = run.awaited.purpose.partition(":")[2]
        return heard(run, self.events[name], event) or Leave(name)
