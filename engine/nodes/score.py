"""score: works out a record's score and grade, and records the rules that fired.

The scoring says what it writes. With `again:` the engine works it out anew by itself.

```yaml
score: {type: score, use: lead_score, next: by_grade}
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.interpreter.node import Fail, Leave, NodeType, Outcome
from engine.interpreter.run import Run
from engine.language.expressions.context import CONTEXT
from engine.language.kinds.scoring import Model, Scoring
from engine.language.shapes import Name, key
from engine.rules.scored import score_record, scorer_of


@dataclass(frozen=True, kw_only=True)
class Score(NodeType):
    """Works out a record's score and grade, and records the rules that fired."""

    TYPE: ClassVar[str] = "score"

    use: str = key(Name(), "the scoring", required=True)

    def enter(self, run: Run) -> Outcome:
        workflow = run.work.workflow
        scoring = workflow.pack.get(Scoring, self.use)
        if scoring is None:
            return Fail("unknown-resource", f"no scoring '{self.use}'")
        record = run.names.get(str(scoring.of))
        if record is None:
            return Fail("empty-reference", f"no {scoring.of} to score")
        scorer = workflow.made("scoring", self.use, lambda: scorer_of(scoring, workflow.pack.kind(Model)))
        if isinstance(scorer, list):
            return Fail(scorer[0].code, scorer[0].message())
        _, writes, why = score_record(scoring, scorer, record, run.names[CONTEXT])
        run.write_record(record, writes)
        return Leave(because=why)
