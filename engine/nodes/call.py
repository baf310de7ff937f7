"""call: another workflow carries out this step, as a case of its own.

It leaves by the results of the called, else by `done`. A workflow that can call itself needs `max_depth` and the exit
`too_deep` (WCP 22). `detached: yes` does not wait.

```yaml
ask_above:
  type: call
  workflow: escalate
  for: deal
  give: {level: = case.level + 1}
  max_depth: 6
  next: {solved: end, unsolved: end, too_deep: end}
```
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.interpreter import events as ev
from engine.interpreter.node import Child, Fail, Leave, NodeType, Outcome, Wait
from engine.interpreter.run import Run
from engine.language.expressions.parse import Expression
from engine.language.expressions.things import Record
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack
from engine.language.shapes import QUESTION, VALUE, YES_NO, MapOf, Name, NumberShape, key
from engine.language.values import Value
from engine.nodes.parts.giving import given

MOST_DEPTH = 50


@dataclass(frozen=True, kw_only=True)
class Call(NodeType):
    """Another workflow carries out this step, as a case of its own."""

    TYPE: ClassVar[str] = "call"

    workflow: str = key(Name(), "the workflow that is called", required=True)
    for_: Expression | None = key(QUESTION, "the record that the called case follows")
    give: Map[str, Value] | None = key(MapOf(Name(reserved=True), VALUE), "its data, as its start `called:` names them")
    max_depth: int | None = key(NumberShape(1, MOST_DEPTH, whole=True), "deepest call; beyond it the exit too_deep")
    detached: bool = key(YES_NO, "the case goes on at once", default=False)

    def waits(self) -> bool:
        return not self.detached

    def own_exits(self) -> tuple[str, ...]:
        if self.detached:
            return ("done",)
        drawn = tuple(e for e in (self.next.exits if self.next is not None else {}) if e not in ("missed", "exhausted"))
        return drawn or ("done",)

    def inputs(self, pack: Pack) -> Map[str, Any] | None:
        called = pack.get(Workflow, self.workflow)
        return called.data or {} if called is not None else None

    def enter(self, run: Run) -> Outcome:
        called = run.view.pack.get(Workflow, self.workflow)
        start = next((n for n, t in called.start.items() if t.called is not None), None) if called is not None else None
        if called is None or start is None:
            return Fail("unknown-resource", f"no workflow '{self.workflow}' that can be called")
        if run.case.depth + 1 > (self.max_depth or MOST_DEPTH):
            if "too_deep" in self.arrows():
                return Leave("too_deep")
            return Fail("too-deep", f"more than {self.max_depth or MOST_DEPTH} calls inside each other")
        record = run.evaluate(self.for_) if self.for_ is not None else None
        types = run.work.workflow.types.case_data(called)
        key_ = (record.form, record.id) if isinstance(record, Record) else None
        child = Child(
            "call", str(self.workflow), key_, str(start), given(run, self.give, types), detached=self.detached
        )
        if self.detached:
            run.start_beside(child)
            return Leave()
        return Wait([child])

    def resume(self, run: Run, event: ev.AnyEvent) -> Outcome:
        assert isinstance(event, ev.ChildEnded)
        if event.error is not None:
            return Fail("call-failed", f"'{self.workflow}' failed: {event.error}")
        return Leave(event.result if event.result in self.arrows() else "done")
