"""external: an outside worker fetches the work by topic and answers it.

```yaml
check_registry:
  type: external
  topic: company_registry
  give: {name: = lead.company}
  into: {industry: lead.industry}
  next: {done: score, failed: by_hand}
```
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import ClassVar

from engine.interpreter import events as ev
from engine.interpreter.node import Fail, Leave, NodeType, Outcome, Outside, Wait
from engine.interpreter.run import Run
from engine.language.shapes import PATH, VALUE, MapOf, Name, key
from engine.language.values import Value
from engine.nodes.parts.giving import given


@dataclass(frozen=True, kw_only=True)
class External(NodeType):
    """An outside worker fetches the work by topic and answers it."""

    TYPE: ClassVar[str] = "external"

    topic: str = key(Name(), "what the worker asks for", required=True)
    give: Map[str, Value] | None = key(MapOf(Name(reserved=True), VALUE), "what the worker gets")
    into: Map[str, str] | None = key(MapOf(Name(reserved=True), PATH), "where its answer is written")

    def waits(self) -> bool:
        return True

    def optional_exits(self) -> tuple[str, ...]:
        return ("failed",)

    def enter(self, run: Run) -> Outcome:
        return Wait([Outside("own", str(self.topic), given(run, self.give, {}))])

    def resume(self, run: Run, event: ev.AnyEvent) -> Outcome:
        assert isinstance(event, ev.ServiceAnswered)
        if not event.ok:
            if "failed" in self.arrows():
                return Leave("failed", because={"error": event.error[:500]})
            return Fail("service-failed", f"{self.topic}: {event.error}")
        for name, path in (self.into or {}).items():
            type_ = run.type_at(str(path))
            value = event.gives.get(str(name))
            run.write(str(path), run.typed(value, type_) if type_ is not None else value)
        return Leave("done")
