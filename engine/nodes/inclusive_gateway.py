"""inclusive_gateway: every case whose condition holds is taken; `otherwise` only if none is.

One or more paths go on (WCP 6). A later `join: matching` waits for those that were started, and only those.

```yaml
checks:
  type: inclusive_gateway
  cases:
    - {if: deal.amount > 100_000, next: finance}
    - {if: deal.discount > 20, next: legal}
    - {if: otherwise, next: sign}
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.interpreter.node import Fail, Leave, NodeType, Outcome
from engine.interpreter.run import Run
from engine.language.shapes import Instead, key
from engine.language.yamltree import Mapping, Scalar, Tree
from engine.nodes.parts.cases import CASES, Case, rest_case, why


@dataclass(frozen=True, kw_only=True)
class InclusiveGateway(NodeType):
    """Every case whose condition holds is taken; `otherwise` only if none is."""

    TYPE: ClassVar[str] = "inclusive_gateway"

    cases: tuple[Case, ...] = key(CASES, "conditions, each with its node", required=True)

    @classmethod
    def instead(cls, name: Scalar, value: Tree, tree: Mapping) -> Instead | None:
        return rest_case(name, value, tree)

    def own_exits(self) -> tuple[str, ...]:
        return tuple(f"case_{i}" for i in range(1, len(self.cases) + 1))

    def arrows(self) -> dict[str, tuple[str, ...]]:
        return {f"case_{i}": (str(case.next),) for i, case in enumerate(self.cases, 1)}

    def enter(self, run: Run) -> Outcome:
        taken = [i for i, case in enumerate(self.cases, 1) if not case.is_otherwise and run.holds(case.if_)]
        if not taken:
            taken = [i for i, case in enumerate(self.cases, 1) if case.is_otherwise]
        if not taken:
            return Fail("branch-gap", f"no case of '{self.name}' holds and there is no 'otherwise'")
        because = {"taken": [dict(why(run, self.cases[i - 1])) for i in taken]}
        return Leave(exits=tuple(f"case_{i}" for i in taken), because=because)
