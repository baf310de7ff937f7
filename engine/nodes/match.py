"""match: looks for the twin of the case's record: equal keys, or names that are alike.

```yaml
duplicates: {type: match, use: lead_duplicates, into: case.twin, next: {found: merge, none: score}}
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from engine.interpreter.node import Fail, Leave, NodeType, Outcome
from engine.interpreter.run import Run
from engine.language.expressions.context import CONTEXT
from engine.language.kinds.matching import Matching
from engine.language.shapes import PATH, Name, key
from engine.rules.matching import find_twin


@dataclass(frozen=True, kw_only=True)
class Match(NodeType):
    """Looks for the twin of the case's record: equal keys, or names that are alike."""

    TYPE: ClassVar[str] = "match"

    use: str = key(Name(), "the matching", required=True)
    into: str = key(PATH, "where the twin goes", required=True)

    def own_exits(self) -> tuple[str, ...]:
        return ("found", "none")

    def written_at(self, exit_: str) -> Literal["value", "empty", "nothing"]:
        return "empty" if exit_ == "none" else "value"

    def enter(self, run: Run) -> Outcome:
        matching = run.work.workflow.pack.get(Matching, self.use)
        if matching is None:
            return Fail("unknown-resource", f"no matching '{self.use}'")
        record = run.names.get(str(matching.of))
        if record is None:
            return Fail("empty-reference", f"no {matching.of} to look for")
        twin = find_twin(matching, record, run.view, run.names[CONTEXT])
        run.write(self.into, twin.record if twin is not None else None)
        if twin is None:
            return Leave("none")
        why = {
            "found": [twin.record.form, twin.record.id],
            "alike": str(twin.alike),
            "by": [[p.ours, p.theirs] for p in twin.pairs],
            "compared": twin.candidates,
        }
        return Leave("found", because=why)
