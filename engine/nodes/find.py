"""find: looks for records by a condition.

`take: 1` gives one record, a number or `all` a list. The condition needs a part that an index answers.

```yaml
open_lead:
  type: find
  form: lead
  where: lead.phone == contact.phone
  order: [lowest created_at]
  take: 1
  into: case.lead
  next: {found: score, none: end}
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from engine.interpreter.node import Leave, NodeType, Outcome
from engine.interpreter.run import Run
from engine.language.expressions.parse import Expression
from engine.language.shapes import CONDITION, PATH, TEXT, ListOf, Name, key
from engine.nodes.parts.ordering import ORDER


@dataclass(frozen=True, kw_only=True)
class Find(NodeType):
    """Looks for records by a condition."""

    TYPE: ClassVar[str] = "find"

    form: str = key(Name(), "the form", required=True)
    where: Expression = key(CONDITION, "which records; their fields are read as form.field", required=True)
    order: tuple[Any, ...] | None = key(ListOf(ORDER), "which come first: lowest x, highest x, oldest, newest")
    take: str = key(TEXT, "1, a number, or all", default="1")
    into: str = key(PATH, "where they go", required=True)

    def own_exits(self) -> tuple[str, ...]:
        return ("found", "none")

    def written_at(self, exit_: str) -> Literal["value", "empty", "nothing"]:
        return "empty" if exit_ == "none" and self.take == "1" else "value"

    def enter(self, run: Run) -> Outcome:
        take = None if self.take == "all" else int(self.take)
        order = [(part.word, part.by) for part in self.order or ()]
        found = run.view.find(self.form, self.where, run.names, order, take)
        run.write(self.into, (found[0] if found else None) if self.take == "1" else tuple(found))
        return Leave(
            "found" if found else "none", because={"found": [[r.form, r.id] for r in found[:20]], "count": len(found)}
        )
