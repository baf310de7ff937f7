"""decision: asks a decision table and writes its answer.

The rows that fired are recorded. Two rows that fit where one may (hit unique, any) are an incident.

```yaml
terms:
  type: decision
  use: credit_terms
  give: {grade: = contract.account.credit_grade, amount: = contract.amount}
  into: {route: case.route, max_days: contract.max_days}
  next: manager_review
```
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.interpreter.node import Fail, Leave, NodeType, Outcome
from engine.interpreter.run import Run
from engine.interpreter.tagged import to_tagged
from engine.language.kinds.decision import Decision as Table
from engine.language.pack import Pack
from engine.language.shapes import PATH, VALUE, MapOf, Name, key
from engine.language.values import Value
from engine.language.vocabulary import PackTypes
from engine.nodes.parts.giving import take, typed_values
from engine.rules.decisions import Conflict
from engine.rules.tables import table_of


@dataclass(frozen=True, kw_only=True)
class Decision(NodeType):
    """Asks a decision table and writes its answer."""

    TYPE: ClassVar[str] = "decision"

    use: str = key(Name(), "the decision", required=True)
    give: Map[str, Value] | None = key(MapOf(Name(reserved=True), VALUE), "its inputs")
    into: Map[str, str] | None = key(MapOf(Name(reserved=True), PATH), "where its outputs are written")

    def inputs(self, pack: Pack) -> Map[str, Any] | None:
        table = pack.get(Table, self.use)
        return table.inputs if table is not None else None

    def outputs(self, pack: Pack) -> Map[str, Any] | None:
        return PackTypes(pack).decision_answers(self.use) if pack.get(Table, self.use) is not None else None

    def enter(self, run: Run) -> Outcome:
        workflow = run.work.workflow
        inputs, outputs = workflow.types.decision_inputs(self.use), workflow.types.decision_outputs(self.use)
        definition = workflow.pack.get(Table, self.use)
        if definition is None:
            return Fail("unknown-resource", f"no decision '{self.use}'")
        table = workflow.made("decision", self.use, lambda: table_of(definition, inputs, outputs, run.zone))
        if isinstance(table, list):
            return Fail(table[0].code, table[0].message())
        asked = dict.fromkeys(inputs) | typed_values(run, self.give, inputs)
        answer = table.decide(asked)
        if isinstance(answer, Conflict):
            return Fail(answer.code, answer.say_en)
        take(run, self.into, answer.outputs)
        why = {"asked": {name: to_tagged(value) for name, value in asked.items()}, "rows": list(answer.rows)}
        return Leave(because=why)
