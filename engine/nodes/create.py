"""create: makes records, all or none, and may write fields in the same breath.

`reuse` names a unique field: the record that has this value already is taken instead. `set` may name the new records.

```yaml
convert:
  type: create
  records:
    account: {form: account, reuse: name, with: {name: = lead.company, owner: = lead.owner}}
    opportunity: {form: opportunity, with: {name: = lead.company, account: = account, owner: = lead.owner}}
  set: {lead.status: converted, lead.opportunity: = opportunity}
  next: converted
```
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import ClassVar

from engine.interpreter.node import Leave, NodeType, Outcome
from engine.interpreter.run import Run
from engine.language.expressions.things import Record
from engine.language.shapes import PATH, VALUE, MapOf, Name, Struct, StructShape, key
from engine.language.values import Value


@dataclass(frozen=True, kw_only=True)
class NewRecord(Struct):
    """One record to make."""

    form: str = key(Name(), "its form", required=True)
    reuse: str | None = key(Name(), "a unique field: the record with this value is taken if there is one")
    with_: Map[str, Value] | None = key(MapOf(Name(reserved=True), VALUE), "its values")


@dataclass(frozen=True, kw_only=True)
class Create(NodeType):
    """Makes records, all or none."""

    TYPE: ClassVar[str] = "create"

    records: Map[str, NewRecord] = key(
        MapOf(Name(), StructShape(NewRecord, ("a record to make", "要新建的记录"))),
        "the records by name",
        required=True,
    )
    set: Map[str, Value] | None = key(MapOf(PATH, VALUE), "written together with them; may name them")

    def enter(self, run: Run) -> Outcome:
        made: dict[str, Record] = {}
        for name, new in self.records.items():
            values = {
                field: run.value(value, run.view.type_of(new.form, field), **made)
                for field, value in (new.with_ or {}).items()
            }
            there = run.view.by_unique(new.form, new.reuse, values.get(new.reuse)) if new.reuse else None
            made[name] = there if there is not None else run.create(new.form, values)
        if self.set:
            run.write_all(self.set, **made)
        return Leave(because={"made": {name: [record.form, record.id] for name, record in made.items()}})
