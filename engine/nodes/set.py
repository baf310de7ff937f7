"""set: writes fields of records and case variables.

All values are worked out first, then written together. A path may go through references. `empty` clears a field.

```yaml
submitted:
  type: set
  set: {contract.status: in_review, contract.submitted_on: = today()}
  next: manager_review
```
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import ClassVar

from engine.interpreter.node import Leave, NodeType, Outcome
from engine.interpreter.run import Run
from engine.language.shapes import PATH, VALUE, MapOf, key
from engine.language.values import Value


@dataclass(frozen=True, kw_only=True)
class Set(NodeType):
    """Writes fields of records and case variables."""

    TYPE: ClassVar[str] = "set"

    set: Map[str, Value] = key(MapOf(PATH, VALUE), "path: value", required=True)

    def enter(self, run: Run) -> Outcome:
        run.write_all(self.set)
        return Leave()
