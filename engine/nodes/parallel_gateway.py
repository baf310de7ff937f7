"""parallel_gateway: all arrows are taken at once.

Several paths go on side by side (WCP 2); `threads: n` puts n tokens on each arrow (WCP 42).

```yaml
first_touch: {type: parallel_gateway, next: [welcome, first_call]}
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.interpreter.node import Leave, NodeType, Outcome
from engine.interpreter.run import Run
from engine.language.shapes import NumberShape, key


@dataclass(frozen=True, kw_only=True)
class ParallelGateway(NodeType):
    """All arrows are taken at once."""

    TYPE: ClassVar[str] = "parallel_gateway"

    threads: int = key(NumberShape(1, 200, whole=True), "so many tokens on each arrow", default=1)

    def enter(self, run: Run) -> Outcome:
        return Leave(exits=("done",) * self.threads)
