"""send: gives a message to a case of this pack.

The message waits `kept:` long for a case that is not there yet, and is taken once (LANGUAGE 13.8).

```yaml
tell_collection:
  type: send
  message: contract_ended
  give: {number: = contract.number}
  next: end
```
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.interpreter import effects as fx
from engine.interpreter.node import Leave, NodeType, Outcome
from engine.interpreter.run import Run
from engine.language.kinds.message import Message
from engine.language.pack import Pack
from engine.language.shapes import VALUE, MapOf, Name, key
from engine.language.values import Value
from engine.nodes.parts.giving import given


@dataclass(frozen=True, kw_only=True)
class Send(NodeType):
    """Gives a message to a case of this pack."""

    TYPE: ClassVar[str] = "send"

    message: str = key(Name(), "the message", required=True)
    give: Map[str, Value] | None = key(MapOf(Name(reserved=True), VALUE), "its fields")

    def inputs(self, pack: Pack) -> Map[str, Any] | None:
        message = pack.get(Message, self.message)
        return message.carries if message is not None else None

    def enter(self, run: Run) -> Outcome:
        run.emit(
            fx.PublishMessage(str(self.message), given(run, self.give, run.work.workflow.types.message(self.message)))
        )
        return Leave()
