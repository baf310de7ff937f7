"""exclusive_gateway: the first case whose condition holds is taken.

Exactly one path goes on (WCP 4). The last case is `if: otherwise`.

```yaml
over_ceiling:
  type: exclusive_gateway
  cases:
    - if: contract.amount > contract.ceiling
      next: director_review
    - if: otherwise
      next: approved
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.interpreter.node import Fail, Leave, NodeType, Outcome
from engine.interpreter.run import Run
from engine.language.shapes import Instead, key
from engine.language.yamltree import Mapping, Scalar, Tree
from engine.nodes.parts.cases import Case, OneOfCases, rest_case, why


@dataclass(frozen=True, kw_only=True)
class ExclusiveGateway(NodeType):
    """The first case whose condition holds is taken."""

    TYPE: ClassVar[str] = "exclusive_gateway"

    cases: tuple[Case, ...] = key(OneOfCases(), "conditions in order, each with its node", required=True)

    @classmethod
    def instead(cls, name: Scalar, value: Tree, tree: Mapping) -> Instead | None:
        return rest_case(name, value, tree)

    def own_exits(self) -> tuple[str, ...]:
        return tuple(f"case_{i}" for i in range(1, len(self.cases) + 1))

    def arrows(self) -> dict[str, tuple[str, ...]]:
        return {f"case_{i}": (str(case.next),) for i, case in enumerate(self.cases, 1)}

    def enter(self, run: Run) -> Outcome:
        for i, case in enumerate(self.cases, 1):
            if case.is_otherwise or run.holds(case.if_):
                return Leave(f"case_{i}", because=why(run, case))
        return Fail("branch-gap", f"no case of '{self.name}' holds and there is no 'otherwise'")
