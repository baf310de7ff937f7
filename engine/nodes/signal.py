"""signal: tells all who wait at this moment, or throws an escalation to the outside of this scope.

A signal is lost for those who wait later (WCP 23). After an escalation the thrower goes on.

```yaml
new_prices: {type: signal, signal: price_list_changed, next: end}
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from engine.interpreter import effects as fx
from engine.interpreter.node import Leave, NodeType, Outcome
from engine.interpreter.run import Run
from engine.interpreter.throwing import throw_escalation
from engine.language.shapes import Name, key


@dataclass(frozen=True, kw_only=True)
class Signal(NodeType):
    """Tells all who wait at this moment, or throws an escalation to the outside of this scope."""

    TYPE: ClassVar[str] = "signal"
    EXACTLY_ONE: ClassVar[Any] = (("signal", "escalation"),)

    signal: str | None = key(Name(), "the signal")
    escalation: str | None = key(Name(), "the code thrown to the outside of this scope")

    def enter(self, run: Run) -> Outcome:
        if self.signal is not None:
            run.emit(fx.PublishSignal(str(self.signal)))
        else:
            throw_escalation(run.work, run.token.scope, str(self.escalation))
        return Leave()
