"""merge: gives up a record for its twin: references move, the given-up record stays readable.

`keep` says which value wins, in order: `oldest`, `newest`, `not_empty`. Into another form, the fields that a matching maps
onto each other are filled where they are empty there, and nothing else moves.

```yaml
merge: {type: merge, record: lead, into: case.twin, keep: [oldest, not_empty], next: mark_duplicate}
```
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.interpreter import effects as fx
from engine.interpreter.node import Fail, Leave, NodeType, Outcome
from engine.interpreter.run import Run
from engine.language.expressions.parse import Expression
from engine.language.expressions.things import Record
from engine.language.kinds.form import Form
from engine.language.kinds.matching import Matching
from engine.language.shapes import QUESTION, ListOf, OneWord, key


@dataclass(frozen=True, kw_only=True)
class Merge(NodeType):
    """Gives up a record for its twin."""

    TYPE: ClassVar[str] = "merge"

    record: Expression = key(QUESTION, "the record that is given up", required=True)
    into: Expression = key(QUESTION, "the record that stays", required=True)
    keep: tuple[str, ...] = key(
        ListOf(OneWord("oldest", "newest", "not_empty")), "which value wins, in order", required=True
    )

    def enter(self, run: Run) -> Outcome:
        loser, winner = run.evaluate(self.record), run.evaluate(self.into)
        if not isinstance(loser, Record) or not isinstance(winner, Record):
            return Fail("empty-reference", "merge needs two records")
        if loser == winner:
            return Fail("same-record", "a record cannot be merged into itself")
        if loser.form == winner.form:
            values = {f: self._wins(f, loser, winner) for f in self._stored(run, loser.form)}
            run.view.merge(loser, winner)
            writes = {f: v for f, v in values.items() if v != winner[f]}
            run.write_record(winner, writes)
            run.emit(fx.MergeRecord((loser.form, loser.id), (winner.form, winner.id)))
        else:
            writes = {theirs: loser[ours] for ours, theirs in self._mapped(run, loser.form, winner.form)
                      if winner[theirs] is None and loser[ours] is not None}  # fmt: skip
            run.view.merge(loser, winner)
            run.write_record(winner, writes)
        return Leave(because={"into": [winner.form, winner.id], "filled": sorted(writes)})

    def _stored(self, run: Run, form: str) -> Iterable[str]:
        declared = run.view.pack.get(Form, form)
        for name, field in (declared.fields if declared is not None else {}).items():
            # a unique value stays with the given-up record: whoever asks by it still finds what it was
            if field.formula is None and not field.unique and field.type not in ("records", "serial"):
                yield str(name)

    def _wins(self, field: str, loser: Record, winner: Record) -> Any:
        """The value that stays: of the older record, of the newer, or the one that is filled in."""
        first, second = sorted((loser, winner), key=lambda r: (r["created_at"], r.id))
        older, newer = first[field], second[field]
        for word in self.keep:
            if word == "not_empty" and (older is None) != (newer is None):
                return newer if older is None else older
            if word == "oldest" and (older is not None or "not_empty" not in self.keep):
                return older
            if word == "newest" and (newer is not None or "not_empty" not in self.keep):
                return newer
        return winner[field]

    def _mapped(self, run: Run, ours: str, theirs: str) -> list[tuple[str, str]]:
        """Fields that some matching of the pack maps onto each other."""
        found: list[tuple[str, str]] = []
        for matching in run.view.pack.kind(Matching).values():
            look = matching.look_in.get(theirs) if matching.of == ours else None
            for pairs in (look.any_same, look.or_similar) if look is not None else ():
                found += [(str(a), str(b)) for a, b in (pairs or {}).items() if "." not in b]
        return found
